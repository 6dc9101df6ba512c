"""Regrades: many submissions graded again by a version of the tests, looked at before any of it counts.

Theory of operation. A regrade is a row (`Regrade`), with a row for each of its submissions, written down when
it starts. Its runs wait in the queue behind all hand-ins, want the regrade's version, and have the seed of
the run that stands, so that a difference is the tests' doing. They never stand by themselves, are told to
nobody and touch no attempt. Only a few are in the queue at a time: `feeding`, which every worker calls each
second, adds the next ones, so that pausing and cancelling take effect after a few runs. Where only points
have changed, it counts them anew (`rescoring`) instead, which takes milliseconds. When every run is over,
the regrade is ready to be looked at.

`preview` says who gains and who loses, in the unit's grade and not only in the run. `promoting` lets all new
runs stand in one transaction, pins the version for the course's unit, and tells everybody; undoing is the
same backwards. What is handed in or graded again meanwhile is not lost: see `promoting`.
"""
