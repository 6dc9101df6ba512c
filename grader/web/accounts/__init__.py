"""The pages of people: signing in, one's own account, invitations, and who is in a course."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)

from grader.web.accounts import home, sign_in  # noqa: E402, F401  # they add their routes to the blueprint
