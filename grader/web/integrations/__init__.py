"""The pages by which other programs take part in a course: its webhooks, and a student's repository.

`webhooks` registers endpoints, `webhook` is one of them with what may be done to it, `deliveries` shows what
was sent; `repository` links a repository elsewhere. What hosts themselves call is in `grader.web.hooks`.
"""

from flask import Blueprint

blueprint = Blueprint("integrations", __name__)

from grader.web.integrations import (  # noqa: E402, F401  # they add their routes to the blueprint
    deliveries,
    repository,
    webhook,
    webhooks,
)
