"""What grading costs, measured: `python -m bench` (or `make bench`).

Theory of operation. Everything is measured in one run and beside a plain baseline that this
folder contains, because seconds alone say more about the machine than about the grader. What is
compared is interleaved (A B C A B C …), so that a slow minute of the machine slows all of it, and
nothing is ever measured at the same time as anything else. Each section is a generator function
that fills `Measurements`; `table` alone turns these into text. A full run writes
`bench/results/latest.json` and puts the table into `docs/reference/benchmarks.md`.

    submissions   wall time of one hand-in: first result, all tests, cold start   (baseline: docker run)
    cpu           CPU seconds outside the tests' own code                         (baseline: docker run)
    calls         what one remote call takes                                      (baseline: in-process)
    stability     the MNIST ratio of the reference, again and again, idle and under load
"""
