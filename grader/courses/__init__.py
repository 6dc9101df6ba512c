"""Setting up a course in the browser: what may be typed, what it changes, what it would hurt.

Theory of operation. `unit_terms` reads a unit's form into values or problems, and is pure; `consequences`
asks the database what a change would do to students who have worked already, so that whoever makes it is told
before; `changing` makes it, with its audit event, in one transaction. `slugs` says which names addresses can
take, `offered` from which tests a course can make a unit, `first_steps` what a new course still lacks.

A course file (`grader course import`) sets the same fields; `slugs` holds for both.
"""
