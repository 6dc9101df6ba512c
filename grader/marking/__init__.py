"""What people grade in a unit beside its tests: a rubric of items, and each student's marks for them.

Theory of operation. `points.py` adds up: everyone who tells a grade asks it. `items.py` changes what is asked
and `marks.py` what a student got; both write what they change into the audit trail, in the same transaction.
A mark is changed only by somebody who has seen it: whoever saves says which mark they saw, and what has
changed since is kept and told. `checklists.py` offers the course's own checklist of a unit as a start.

Points have at most two decimals, so sums are exact on every database. A retired item keeps its marks and
counts neither in the points nor in the maximum.
"""
