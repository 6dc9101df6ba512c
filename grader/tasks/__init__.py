"""Long work that staff ask for beside grading: a row that waits, a process of its own, a result.

Theory of operation. `asking` makes the row, at most one unfinished per kind and subject, and cancels it. In
every worker one `runner` thread takes one task at a time: *claims* it (its fence goes up, `holding`) and
starts `run` in a process of its own, so that neither torch nor a student's code is ever in the worker. That
process is nice to grading, which goes before it. It writes progress and result itself, each only while the
fence is still its own; `kinds` says which function does which kind of work.

The process ends when its standard input does: the worker closes that when the task was cancelled, was taken
by another worker or when it drains, and the kernel does so when the worker dies. A task that a drained worker
had goes back and waits; one whose worker or process died goes back as well, a bounded number of times. An
exception is no such accident: it would come again, so the task has failed, and says why.
"""

from grader.tasks.asking import cancel, request

__all__ = ["cancel", "request"]
