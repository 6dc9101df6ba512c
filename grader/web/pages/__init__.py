"""The pages of courses, units and submissions.

A file for each thing one does: find a unit (`courses`, `units`), hand in (`uploads`, `template`), follow
and read a grading (`submissions`, `progress`), look back (`comparison`, `downloads`), read what was handed in
(`code`, `changes`, `notebook`, with `comments` by the staff), and for staff the list of everybody's work
(`staff`). What of a result may be shown is never decided here: `audience` asks
`grader.results`, and everything shown is what that let through.
"""

from flask import Blueprint

blueprint = Blueprint("pages", __name__)

from grader.web.pages import (  # noqa: E402, F401  # they add their routes to the blueprint
    changes,
    code,
    comments,
    comparison,
    courses,
    downloads,
    notebook,
    progress,
    staff,
    submissions,
    template,
    units,
    uploads,
    wording,
)
