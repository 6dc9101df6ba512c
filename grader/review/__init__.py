"""The review queue: what the judge found odd in hand-ins, and what staff made of it.

Theory of operation. A run's flags are rows beside it. `kinds.py` says what each code is about. `queue.py`
reads the flags of standing runs and groups them: attempts of one student that show the same, and nothing
more, are one group, and one decision settles all of it, with those of its attempts that are still to come.
`settling.py` writes and takes back decisions, each with its audit event; `evidence.py` fetches the lines that
a flag is about, `counting.py` says which submissions grades come from.

A flag costs nothing by itself, and a decision here changes no grade: that is done where grades are decided.
"""
