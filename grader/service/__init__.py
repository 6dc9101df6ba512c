"""Running the service: processes, logs, backups, and the demo course.

Theory of operation. Three kinds of processes, joined by nothing but the database. `web_server.py`
is gunicorn with one process and many threads. A worker (`grader.jobs.worker`) grades. `supervisor.py`
is what `grader serve` is on one machine: it starts one of each as child processes, starts them again
if they die, and at SIGTERM lets both finish what they are at. `starting.py` says whether the database
is fit to start on. On several machines the same two commands run without the supervisor:
`grader serve --no-worker` and `grader worker`.

`logs.py` gives all of them one form of log. `backup.py` copies a whole installation while it runs.
`demo_course.py` fills a course as its people would: through the HTTP API.
"""
