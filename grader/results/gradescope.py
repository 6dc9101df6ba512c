"""A result as Gradescope's results.json, for whoever may see the result."""

from __future__ import annotations

from grader.judging.result import GradingResult
from grader.report.gradescope import render_gradescope
from grader.results.visibility import Audience, Filter, filtered, shown_to
from grader.units import VisibilityRules


def results_for_upload(whole: GradingResult, rules: VisibilityRules) -> str:
    """Return the results.json to give to Gradescope: all of it, with what students see of it marked so.

    Raises GraderError for a run that failed by our own fault.
    """
    now, later = (shown_to(whole, rules, Audience.STUDENT, over) for over in (False, True))
    return render_gradescope(now, later, whole)


def results_for_reader(whole: GradingResult, rules: VisibilityRules, allowed: Filter) -> str:
    """Return the same for one who asks: staff get the one to upload, students what they may see now."""
    if allowed.is_staff:
        return results_for_upload(whole, rules)
    shown = filtered(whole, allowed)
    return render_gradescope(shown, shown, shown)
