"""One regrade: how far it is, who gains and who loses and why, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session, joinedload
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from grader.db.models import (
    CourseUnit,
    GradingRun,
    Regrade,
    RegradedSubmission,
    RegradeState,
    Role,
    RunState,
    Submission,
    User,
)
from grader.errors import RefusedError
from grader.regrades import controlling, promoting, starting
from grader.regrades.preview import Effect, Preview, StudentChange, preview
from grader.report.words import group_title
from grader.results.comparison import Change, compare
from grader.results.documents import document
from grader.results.reports import standing_run, whole_report
from grader.versions.materialising import short
from grader.web.access import UnitAccess, require_unit
from grader.web.limits import heavy
from grader.web.pages.attachment import attachment
from grader.web.pages.audience import allowed_to
from grader.web.service import reading, service
from grader.web.staff import blueprint
from grader.web.staff.regrades import METHOD_WORDS, SCOPE_WORDS
from grader.web.words import count

PATH = "/courses/<course>/<unit>/regrades/<regrade>"
CHANGED = "changed"
PROBLEMS = "problems"
SHOWN = (  # value of ?show=, words
    (CHANGED, "Whose grade changes"),
    ("gains", "Who gains"),
    ("loses", "Who loses"),
    ("stays", "Who stays"),
    ("unknown", "Not known yet"),
    (PROBLEMS, "With a problem of ours"),
    ("all", "Everybody"),
)
EFFECTS = {
    CHANGED: (Effect.GAINS, Effect.LOSES),
    "gains": (Effect.GAINS,),
    "loses": (Effect.LOSES,),
    "stays": (Effect.STAYS,),
    "unknown": (Effect.UNKNOWN,),
    "all": tuple(Effect),
}
UNTIL_READY = {"pause": controlling.pause, "resume": controlling.resume, "cancel": controlling.cancel}
FOR_INSTRUCTORS: dict[str, Callable[[Session, Regrade, User, str | None], int]] = {
    "promote": promoting.promote,
    "undo": promoting.undo,
}


@blueprint.get(PATH, endpoint="regrade")
@heavy
def show_regrade(course: str, unit: str, regrade: str) -> str:
    """Show the regrade with its preview, filtered by `show` and `test`."""
    access = require_unit(course, unit, Role.TA)
    session, found = reading(), _regrade(reading(), access, regrade)
    seen = preview(session, found)
    shown, test = request.args.get("show", CHANGED), request.args.get("test", "")
    return render_template(
        "staff/regrade.html",
        course=access.course,
        unit=access.unit,
        access=access,
        regrade=found,
        version_name=_version_name(found),
        progress=controlling.progress(session, found),
        preview=seen,
        problems=[each for each in seen.students if _has_problem(each)],
        students=_students(seen, shown, test),
        by_test=seen.by_test(),
        shown=shown,
        test=test,
        choices=SHOWN,
        missing=_missing(session, found),
        by_other_tests=_by_other_tests(session, found),
        method_words=METHOD_WORDS,
        scope_words=SCOPE_WORDS,
        Effect=Effect,
        Change=Change,
        State=RegradeState,
        test_name=lambda test_id: test_id.rpartition("::")[2] or test_id,
        group_title=group_title,
    )


@blueprint.get(f"{PATH}/of/<public_id>", endpoint="regraded_submission")
def show_submission(course: str, unit: str, regrade: str, public_id: str) -> str:
    """Show both runs of a submission side by side, test by test."""
    access = require_unit(course, unit, Role.TA)
    session, found = reading(), _regrade(reading(), access, regrade)
    submission, before, after = _runs(session, found, public_id)
    old = whole_report(session, before)
    new = None if after is None else whole_report(session, after)
    is_comparable = old is not None and new is not None and not old.problem and not new.problem
    return render_template(
        "staff/regraded_submission.html",
        course=access.course,
        unit=access.unit,
        access=access,
        regrade=found,
        submission=submission,
        before=before,
        after=after,
        comparison=compare(old, new, allowed_to(access)) if old and new and is_comparable else None,
        Change=Change,
    )


@blueprint.get(f"{PATH}/of/<public_id>/<any(before, after):which>.html", endpoint="regraded_report")
def send_report(course: str, unit: str, regrade: str, public_id: str, which: str) -> Response:
    """Send the report of one of the two runs as a page to keep."""
    access = require_unit(course, unit, Role.TA)
    session, found = reading(), _regrade(reading(), access, regrade)
    _, before, after = _runs(session, found, public_id)
    run = before if which == "before" else after
    whole = None if run is None else whole_report(session, run)
    if whole is None:
        raise NotFound
    made = document("html", whole, access.unit.title, allowed_to(access))
    return attachment(made.text, f"{public_id}-{which}.html", made.media_type)


@blueprint.post(f"{PATH}/<any(pause, resume, cancel):control>", endpoint="control_regrade")
def control_regrade(course: str, unit: str, regrade: str, control: str) -> Response:
    """Pause, resume or cancel it."""
    access = require_unit(course, unit, Role.TA)
    return _do(access, regrade, lambda session, found: UNTIL_READY[control](session, found, *_actor(access)))


@blueprint.post(f"{PATH}/extend", endpoint="extend_regrade")
def extend_regrade(course: str, unit: str, regrade: str) -> Response:
    """Take in what was handed in since, and try again what met a problem."""
    access = require_unit(course, unit, Role.TA)

    def extend(session: Session, found: Regrade) -> None:
        if not starting.extend(session, service().settings, found, *_actor(access)):
            flash("There was nothing to take in.")

    return _do(access, regrade, extend)


@blueprint.post(f"{PATH}/<any(promote, undo):decision>", endpoint="promote_regrade")
def promote_regrade(course: str, unit: str, regrade: str, decision: str) -> Response:
    """Let its results count, all at once, or take that back; for instructors."""
    access = require_unit(course, unit, Role.INSTRUCTOR)

    def do(session: Session, found: Regrade) -> None:
        number = FOR_INSTRUCTORS[decision](session, found, *_actor(access))
        said = "let stand by the new tests" if decision == "promote" else "taken back"
        flash(f"{count(number, 'result')} {said}.", "good")

    return _do(access, regrade, do)


def _do(access: UnitAccess, public_id: str, act: Callable[[Session, Regrade], None]) -> Response:
    try:
        with service().database.writing() as session:
            act(session, _regrade(session, access, public_id))
    except RefusedError as error:
        flash(str(error), "error")
    course, unit = access.course.slug, access.unit.slug
    return redirect(url_for("staff.regrade", course=course, unit=unit, regrade=public_id), code=303)


def _actor(access: UnitAccess) -> tuple[User, str | None]:
    return access.user, request.remote_addr


def _regrade(session: Session, access: UnitAccess, public_id: str) -> Regrade:
    found = session.scalar(
        sa.select(Regrade)
        .where(Regrade.public_id == public_id, Regrade.course_unit_id == access.unit.id)
        .options(
            joinedload(Regrade.course_unit).joinedload(CourseUnit.course),
            joinedload(Regrade.unit_version),
            joinedload(Regrade.requested_by),
        )
    )
    if found is None:
        raise NotFound
    return found


def _runs(
    session: Session, regrade: Regrade, public_id: str
) -> tuple[Submission, GradingRun, GradingRun | None]:
    """Return a submission of the regrade, the run that stands or stood before, and the new one."""
    row = session.scalar(
        sa.select(RegradedSubmission)
        .join(Submission, RegradedSubmission.submission_id == Submission.id)
        .where(RegradedSubmission.regrade_id == regrade.id, Submission.public_id == public_id)
        .options(
            joinedload(RegradedSubmission.submission).joinedload(Submission.user),
            joinedload(RegradedSubmission.run),
        )
    )
    if row is None:
        raise NotFound
    if row.replaced_run_id is not None:
        before = session.get_one(GradingRun, row.replaced_run_id)
    else:
        before = standing_run(session, row.submission_id)
    is_over = row.run is not None and row.run.state in (RunState.GRADED, RunState.PROBLEM)
    return row.submission, before, row.run if is_over else None


def _students(seen: Preview, shown: str, test: str) -> list[StudentChange]:
    if test:
        return [
            each
            for each in seen.students
            if any(changed.id == test for attempt in each.attempts for changed in attempt.tests)
        ]
    if shown == PROBLEMS:
        return [each for each in seen.students if _has_problem(each)]
    return list(seen.having(*EFFECTS.get(shown, EFFECTS[CHANGED])))


def _has_problem(student: StudentChange) -> bool:
    return any(attempt.state is RunState.PROBLEM for attempt in student.attempts)


def _missing(session: Session, regrade: Regrade) -> int:
    """Return how many submissions in its scope have a result by now and are not in it."""
    if regrade.state is not RegradeState.READY:
        return 0
    return len(starting.newcomers(session, regrade))


def _by_other_tests(session: Session, regrade: Regrade) -> int:
    """Return how many of the unit's results stand by other tests than those that count since a promotion."""
    if regrade.state is not RegradeState.PROMOTED:
        return 0
    return session.scalars(
        sa.select(sa.func.count())
        .select_from(GradingRun)
        .join(Submission, GradingRun.submission_id == Submission.id)
        .where(
            Submission.course_unit_id == regrade.course_unit_id,
            GradingRun.stands,
            GradingRun.state == RunState.GRADED,
            GradingRun.unit_version_id != regrade.unit_version_id,
        )
    ).one()


def _version_name(regrade: Regrade) -> str:
    version = regrade.unit_version
    return f"{version.label} ({short(version.digest)})" if version.label else short(version.digest)
