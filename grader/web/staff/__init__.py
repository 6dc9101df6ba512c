"""The staff's desk: what teaching assistants and instructors do in a week, a file per thing.

Every page stands in the frame of `templates/staff/_desk.html`: tabs for the course, and below them, on a
unit's pages, tabs for the unit. `tabs.py` lists them in one place.
"""

from flask import Blueprint

blueprint = Blueprint("staff", __name__)

from grader.web.staff import (  # noqa: E402, F401  # modules add their routes to the blueprint
    analytics,
    audit,
    course_settings,
    gate,
    gradebook,
    health,
    marking,
    new_course,
    new_unit,
    regrade,
    regrades,
    review,
    rubric,
    similarity,
    student,
    tabs,
    terms,
    unit_settings,
    versions,
)
