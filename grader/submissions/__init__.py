"""Intake: from whatever a student hands in to a `Submission`, which is plain data.

Theory of operation. `archive.read_submission` picks a reader by what the thing is, not by
its name. A reader (`zip_reader`, `tar_reader`, `folder_reader`, `git_reader`) walks the entries and
offers each one to an `Intake`, which alone decides: refuse (unsafe name, link, forbidden file, over a
limit), ignore (leftovers of editors and operating systems) or keep. Nothing is ever written to
disk, and no size in a header is believed: a declared size is an upper bound for what is read,
and a content of another size is a corrupt archive. `package` then finds the package folder among the kept
files and drops what stands above it; `observations` notes what staff or the student should
know. Problems are collected, so that a student learns of all of them at once; only those after
which reading on makes no sense (corrupt structure, total limits) end it early.

What is refused carries one of these stable codes:

    not-an-archive unsupported-archive empty archive-too-big archive-corrupt archive-extra-data
    encrypted unsupported-compression unsupported-entry zip-overlap zip-inconsistent
    too-big too-many-files file-too-big path-too-long path-too-deep
    unsafe-path backslash-path link special-file setuid duplicate-name name-collision
    off-limits-file unreadable git-unreadable git-alternates
    package-missing package-ambiguous file-missing
"""
