"""Fuzzing of what reads a stranger's bytes: the session that a sandbox answers, and the archive reader.

Theory of operation. A *target* (targets.py) is a function that takes one input, and raises `Broken` if the
product does anything that is not documented. libFuzzer, through Atheris, makes inputs and keeps those that
reach new branches of the product; a mutator of the target's own, which knows its format, makes most of
them, so that checksums, lengths and offsets agree and the code behind the outer checks is reached. A
*worker* (worker.py) is one process that runs some hundred thousand inputs and keeps account of each in a
*tally* (tally.py), a file that outlives it. A *campaign* (campaign.py) starts workers until the tally
says that enough inputs were run; it may be interrupted and started again.

    python -m redteam.fuzzing run decoder --inputs 10000000 run a campaign, or go on with one
    python -m redteam.fuzzing keep decoder                 keep a small corpus in tests/fuzzing/corpus
    python -m redteam.fuzzing figures                      write the figures to docs/reference/fuzzing.md
"""
