"""Versions of a unit's tests: kept in the database, laid out on disk where they are needed.

Theory of operation. A version is what a unit's three folders held at one moment. Its digest is the unit's
(`grader.units.unit_digest`), and its row (`UnitVersion`) holds the files as a zip. The row is made by
`storing`, from the files on disk or from an upload; and each version that grades is kept with the first
result that it gave, so what a result was graded by can be looked at, and gone back to, for ever.

Whoever needs the files asks `finding.root_for`: a run wants a version of its own (a regrade's), else the
course has pinned one for its unit, else the files on disk count, as `settings.units_root` has them. A version
is laid out by `materialising` below data_dir/units/<digest>/, in one step and checked against its digest, by
as many processes at once as there are; there it is a units root like any other.

Hidden tests run with the grader's own rights. So only admins may upload them, just as only they may change
the files on disk; what comes in is read as strictly as a student's archive, and nothing of it is
executed before it grades.
"""
