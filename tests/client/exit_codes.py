"""What `grader submit` ends with, as docs/reference/cli.md says it; the numbers are the promise."""

DONE, BELOW, USAGE, REJECTED, PROBLEM, REFUSED, NOT_AUTHORIZED, UNREACHABLE, TIMED_OUT, NOT_GRADED = range(10)
INTERRUPTED = 130
