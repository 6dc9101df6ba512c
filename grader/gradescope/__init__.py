"""autograder.zip: this grader's judge for one unit, as a Gradescope autograder.

Theory of operation. Gradescope unpacks the zip at /autograder/source, runs its setup.sh once as root while it
builds an image, and for every hand-in starts a container of that image and runs run_autograder, which
leaves its verdict in /autograder/results/results.json. So the zip (`export`) is a small checkout with one
unit: the same program, found by the same relative paths. setup.sh installs Python's packages and has
`prepare` build what the sandbox needs, and run_autograder is `grader grade --gradescope`.

There is no container engine in such a container, so bubblewrap is the sandbox. Where the container does not
allow it, grading ends with our own failure: no results.json, and Gradescope says that the autograder failed.
"""
