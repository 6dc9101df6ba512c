"""What the pages about a submission's content have in common: the hand-in, read once per request."""

from __future__ import annotations

from typing import Any

from grader.reading import comments
from grader.reading.files import HandIn, read_hand_in
from grader.unit_cache import current_unit
from grader.units import Unit
from grader.web.access import SubmissionAccess
from grader.web.service import reading
from grader.web.unit_root import root_of


def unit_files(access: SubmissionAccess) -> Unit:
    """Return the unit as its files are now."""
    return current_unit(access.unit.unit, root_of(access.unit))


def hand_in_of(access: SubmissionAccess) -> HandIn:
    """Return what was handed in."""
    submission = access.submission
    return read_hand_in(submission.archive, submission.filename, unit_files(access))


def shown_comment_count(access: SubmissionAccess) -> int:
    """Return how many comments this reader finds on the code page."""
    is_shown = comments.are_shown(access.unit, is_staff=access.is_staff)
    return comments.count_on(reading(), access.submission.id) if is_shown else 0


def shared_context(access: SubmissionAccess) -> dict[str, Any]:
    """Return what the frame of these pages shows."""
    return {
        "course": access.course,
        "unit": access.unit,
        "access": access,
        "submission": access.submission,
        "comment_count": shown_comment_count(access),
    }
