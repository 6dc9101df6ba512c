"""The tabs of the staff's desk: from each page of a course to all others in one step."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request

from grader.web.staff import blueprint


@dataclass(frozen=True)
class Tab:
    """A page to go to; `also` names further endpoints that belong to it."""

    endpoint: str
    title: str
    also: tuple[str, ...] = ()
    for_instructors: bool = False

    @property
    def current(self) -> str | None:
        """What `aria-current` says: the tab is this page's, or the page belongs to it; None: neither."""
        if request.endpoint == self.endpoint:
            return "page"
        return "true" if request.endpoint in self.also else None


COURSE_TABS = (
    Tab("pages.course", "Units"),
    Tab("staff.gradebook", "Gradebook"),
    Tab(
        "staff.review", "Review", also=("staff.review_evidence", "staff.settle_review", "staff.review_flags")
    ),
    Tab("staff.audit", "Decisions"),
    Tab("staff.health", "Queue"),
    Tab("accounts.people", "People"),
    Tab(
        "staff.course_settings",
        "Settings",
        also=("staff.change_course", "staff.new_unit", "staff.add_unit"),
        for_instructors=True,
    ),
    Tab("integrations.webhooks", "Webhooks", for_instructors=True),
)
UNIT_TABS = (
    Tab("pages.unit", "Unit"),
    Tab(
        "pages.submissions",
        "Submissions",
        also=(
            *("pages.submission", "pages.code", "pages.changes", "pages.notebook", "staff.run_log"),
            *("staff.student", "staff.decide_grade", "staff.allow_student"),
        ),
    ),
    Tab("staff.analytics", "Analytics", also=("staff.analytics_hint", "staff.analytics_test")),
    Tab("staff.regrades", "Regrades", also=("staff.regrade", "staff.regraded_submission")),
    Tab("staff.similarity", "Similarity", also=("staff.similar_pair",)),
    Tab(
        "staff.rubric",
        "Rubric",
        also=(
            *("staff.rubric_student", "staff.save_rubric_marks"),
            *("staff.add_rubric_item", "staff.edit_rubric_item"),
        ),
    ),
    Tab("staff.terms", "Terms"),
    Tab("staff.tests", "Tests", also=("staff.gate",)),
    Tab("staff.unit_settings", "Settings", also=("staff.change_unit",), for_instructors=True),
)


def _there(tabs: tuple[Tab, ...]) -> tuple[Tab, ...]:
    return tuple(tab for tab in tabs if tab.endpoint in current_app.view_functions)


blueprint.app_context_processor(lambda: {"course_tabs": _there(COURSE_TABS), "unit_tabs": _there(UNIT_TABS)})
