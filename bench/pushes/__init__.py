"""Many pushes at once: how long they take, what they do to the pages, and whether any is lost.

`python -m bench.pushes` starts the real web server and a real worker on an empty database, lets 50 students
push at the same moment with git's own client, and asks for a page all the while. It counts what came of it:
each push must be handed in once and be graded, its branch must name its commit, and `git fsck` must find
nothing wrong with any repository.
"""
