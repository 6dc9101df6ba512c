"""What the service loses when it is killed: `python -m bench.crash_recovery`.

Theory of operation. The service runs as it does in production: a web server and a worker, each a process
of its own, on SQLite or on a PostgreSQL server. Students (`students`) hand in through the HTTP API, and
send a request again, with the same Idempotency-Key, when it is not answered. Meanwhile `mishaps` kills at
random moments, with kill -9, the worker, the web server, or both, or restarts PostgreSQL as a crash would;
what was killed is started again at once (`processes`). When all is graded, `findings` counts in the
database: what was accepted, and how often each result was published, by a trigger of its own.
"""
