"""Results as people may see them: filtered by audience, followed live, compared, and in their history.

Theory of operation. A run's report holds everything (`GradingResult`). What leaves it is always the
value of `visibility.shown_to`: the same filter for pages, files and the API, applied before anything is
rendered, so that no template and no format can forget it. `reports` reads a run's report from the database
and filters it, `documents` makes files of it, `live` does both for the events of a run that goes on,
`comparison` sets two reports side by side, and `history` lists what a student has handed in, without ever
reading a report. `unit_files` knows a unit's folder: the rules, what is handed in, the template as a zip.

Everything here is plain Python on values and sessions; the pages reach the judge's types only through it.
"""
