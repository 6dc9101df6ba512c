"""How long the gradebook takes with 500 students and 25,000 submissions, and whether its files are right.

`python -m bench.gradebook` fills a database with a course of several units at the end of its term, asks for
the page and for each file by Flask's test client, and compares every cell of every file with what `slow.py`
makes of the same rows: one student after the other, sharing no code with the gradebook.
"""
