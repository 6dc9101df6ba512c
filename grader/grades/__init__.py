"""A student's grade of a unit: from attempts, terms and decisions to one number that everybody sees.

Theory of operation. `grade.py` is pure: which attempt counts, what lateness costs, what staff decided. All
who show or tell a grade (gradebook, exports, the student's own pages, webhooks) get it from here and agree.
Nothing of a grade is stored: it follows from the standing runs, the terms and the decisions at any moment,
so a decision that is withdrawn, or a regrade that is undone, leaves nothing behind.
"""
