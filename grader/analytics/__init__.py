"""What a unit's hand-ins say about its tests and its students, in numbers.

Theory of operation. `attempts` reads every hand-in of the unit once, a narrow row each, with the run that
stands; everything that is about all attempts (scores, time to pass, hand-ins by the hour) is a pure function
of those. Tests have a hundred rows for each attempt: they are only ever counted by the database, and only for
one attempt of each student (`pass_rates`, `hints`), or for a single test (`one_test`). `charts` turns numbers
into positions of a drawing, as `grader.report.charts` does for reports; nothing here knows markup.
"""
