"""The service as its benchmarks run it: its processes, a worker that may act, students who hand in."""
