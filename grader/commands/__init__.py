"""The commands, a file per thing they act on; `grader/cli.py` gathers them.

A command parses, calls and prints. Heavy modules load only in the commands that need them.
"""
