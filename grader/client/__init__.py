"""`grader submit`: hands a folder in to a service over its HTTP API, and waits for the result.

Theory of operation. This is a program of its own, for students' machines and CI jobs: it needs the
standard library, click and rich, no torch, no database and no web framework, and `client/` packs it alone.
It shares with the grader what must not differ: intake's rules, the report's shape, the terminal report.

`command` is the order of things: find server, course and token (`configuration`), pack (`packing`), hand in
(`handing_in`), wait (`following`), tell (`telling`). `transport` is the only module that talks to the
network: it asks one server only, follows no redirect, and tries again what may be tried again. Every way to
end that is not a score is an `Ending` (`endings`), which carries the exit code.

Nothing is handed in twice: the key of a hand-in follows from its bytes and, in CI, from the pipeline
(`handing_in.key_of`), so whoever runs the same command again gets the same submission.
"""
