"""The red team: runs every attack of tests/attacks on a plain harness and on this grader."""
