"""Reports: one GradingResult in, and text for people and machines out.

Theory of operation. Every report is a function of the finished `GradingResult` alone, and
never fails on what it holds. Part of that value comes from a hostile program, so nothing is
shown as it came: `text.py` makes strings harmless and short, `numbers.py` turns numbers into
words or a dash, `pictures.py` checks drawing data and gives None where there is nothing fit
to draw. `summary.py` works out what all reports say (points per exercise, what to fix first)
and `words.py` holds the words they say it with. The reports themselves are `terminal.py`,
`html.py` (with `charts.py`, `png.py` and `templates/`), `junit.py` and `json_schema.py`.
"""
