"""A submission as people read it: its files, what changed in them, its notebook, comments on its lines.

Theory of operation. Everything comes from the stored archive, read in memory by the same bounded readers
that took it in; nothing is executed and nothing is unpacked. `files` turns bytes into lines that may be
shown: every character visible, long lines and long files cut, with a note. `highlighting` gives Python its
colours as classes; `differences` compares line by line; `notebook`, `prose` and `pictures` show the submitted
notebook as inert text and checked pictures. `comments` keeps what staff say about lines, `marks` reads what
a run says of them, and `listing` puts both to their lines.

All of it is written by students, so it is hostile until shown: markup is made here only by escaping,
and every loop is bounded by a number that stands in this folder.
"""
