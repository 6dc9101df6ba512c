"""How fast the service takes hand-ins: a rush of 200 within a minute, and one on an idle machine.

`python -m bench.uploads` starts the real web server and a real worker on an empty database, hands in through
the HTTP API as students do, and counts what came of it: how long each answer took, how long the queue took
to drain, whether anything was lost; then, on the idle service, how long after an upload the first test's
result is on its way to the student. The worker grades for real, in the sandbox, but for the MNIST run.
"""
