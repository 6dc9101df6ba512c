"""Hand-ins that are alike: start a check, follow it, read what it found, say what to make of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.wrappers import Response

from grader import tasks
from grader.db.base import now
from grader.db.models import (
    PairVerdict,
    Role,
    SimilarPair,
    Submission,
    Task,
    TaskKind,
    TaskState,
)
from grader.grades import audit
from grader.similarity.asking import start
from grader.similarity.choosing import Which, earlier_units
from grader.similarity.matching import block_from_json
from grader.similarity.measuring import BINS
from grader.similarity.sources import template_sources
from grader.similarity.viewing import Match, shown_name, side
from grader.unit_cache import current_unit
from grader.web.access import UnitAccess, require_unit
from grader.web.limits import heavy
from grader.web.service import reading, service
from grader.web.staff import blueprint
from grader.web.staff.pairs import (
    STATES,
    find_pair,
    groups_of,
    is_wanted,
    known_courses,
    person_of,
    rows_of,
    state_of,
)
from grader.web.unit_root import root_of

_SIMILARITY = "/courses/<course>/<unit>/similarity"
UNFINISHED = (TaskState.QUEUED, TaskState.RUNNING)
MAX_NOTE_CHARS = 2_000
SHOWN_BELOW = 10  # pairs, if none stands out


@blueprint.get(_SIMILARITY, endpoint="similarity")
def show_similarity(course: str, unit: str) -> str:
    """Show the latest check: how alike all are, and the pairs that are most; `q`, `state`, `all` choose."""
    access = require_unit(course, unit, at_least=Role.TA)
    newest = reading().scalar(_checks(access).limit(1))
    done = reading().scalar(_checks(access).where(Task.state == TaskState.DONE).limit(1))
    rows = [] if done is None else rows_of(access, done)
    line = 1.0 if done is None or done.result is None else done.result["stands_out"]
    standing = [row for row in rows if row.pair.similarity >= line]
    search, state = request.args.get("q", "").strip(), request.args.get("state", "")
    shows_all = "all" in request.args
    chosen = [row for row in rows if is_wanted(row, search, state)]
    if not (shows_all or search or state):
        chosen = standing or rows[:SHOWN_BELOW]
    return render_template(
        "staff/similarity.html",
        course=access.course,
        unit=access.unit,
        access=access,
        newest=newest,
        done=done,
        is_unfinished=newest is not None and newest.state in UNFINISHED,
        rows=chosen,
        total=len(rows),
        standing=standing,
        groups=groups_of(standing),
        bars=[] if done is None or done.result is None else bars(done.result["histogram"], line),
        line=line,
        uncompared=[] if done is None or done.result is None else _uncompared(access, done.result),
        earlier=earlier_units(reading(), access.unit),
        search=search,
        state=state,
        shows_all=shows_all,
        states=STATES,
    )


@blueprint.post(_SIMILARITY)
def start_check(course: str, unit: str) -> Response:
    """Start a check, or go on with the one that is under way."""
    access = require_unit(course, unit, at_least=Role.TA)
    which = request.form.get("which", "")
    if which not in list(Which):
        raise BadRequest
    wanted = request.form.getlist("earlier", type=int)
    with service().database.writing() as session:
        start(session, access.unit, Which(which), wanted, access.user)
    return redirect(_here(access), 303)


@blueprint.post(f"{_SIMILARITY}/cancel")
def cancel_check(course: str, unit: str) -> Response:
    """Stop the check that is under way; what an earlier one found stays."""
    access = require_unit(course, unit, at_least=Role.TA)
    with service().database.writing() as session:
        task = session.scalar(_checks(access).where(Task.state.in_(UNFINISHED)).limit(1))
        if task is not None and tasks.cancel(session, task, access.user):
            flash("The check was stopped.", "good")
    return redirect(_here(access), 303)


@blueprint.get(f"{_SIMILARITY}/<pair>", endpoint="similar_pair")
@heavy
def show_pair(course: str, unit: str, pair: str) -> str:
    """Show both hand-ins side by side with the parts that match."""
    access = require_unit(course, unit, at_least=Role.TA)
    shown = find_pair(access, pair)
    known = known_courses()
    people = [person_of(each, access, known) for each in (shown.first, shown.second)]
    files = current_unit(access.unit.unit, root_of(access.unit))
    template = template_sources(files)
    found = [block_from_json(each) for each in shown.evidence["blocks"]]
    whole = [person.public_id is not None for person in people]
    ranked = (
        reading()
        .scalars(
            sa.select(SimilarPair.public_id)
            .where(SimilarPair.task_id == shown.task_id)
            .order_by(SimilarPair.similarity.desc(), SimilarPair.id)
        )
        .all()
    )
    rank = ranked.index(pair) + 1
    return render_template(
        "staff/similar_pair.html",
        course=access.course,
        unit=access.unit,
        access=access,
        pair=shown,
        state=state_of(shown),
        rank=rank,
        total=len(ranked),
        before=ranked[rank - 2] if rank > 1 else None,
        after=ranked[rank] if rank < len(ranked) else None,
        people=people,
        matches=[
            Match(
                number,
                block,
                shown_name(block.first.path, template, whole[0]),
                shown_name(block.second.path, template, whole[1]),
            )
            for number, block in enumerate(found, start=1)
        ],
        sides=[
            side(shown.first, files, shown.evidence, "first", [block.first for block in found], whole[0]),
            side(shown.second, files, shown.evidence, "second", [block.second for block in found], whole[1]),
        ],
        states=STATES,
        max_note_chars=MAX_NOTE_CHARS,
    )


@blueprint.post(f"{_SIMILARITY}/<pair>")
def judge_pair(course: str, unit: str, pair: str) -> Response:
    """Keep what staff make of the pair. It concerns nobody yet: students never read it."""
    access = require_unit(course, unit, at_least=Role.TA)
    shown = find_pair(access, pair)
    state = request.form.get("state", "")
    note = request.form.get("note", "").strip()
    if state not in STATES or len(note) > MAX_NOTE_CHARS:
        raise BadRequest
    if access.user.id in (shown.first.user_id, shown.second.user_id):
        raise Forbidden  # nobody judges their own work, which may be of a course before this one
    with service().database.writing() as session:
        judged = session.get_one(SimilarPair, shown.id, with_for_update={"of": SimilarPair})
        is_seen = state != "unseen"
        judged.seen_by_id, judged.seen_at = (access.user.id, now()) if is_seen else (None, None)
        judged.verdict = PairVerdict(state) if state in list(PairVerdict) else None
        judged.note = note or None
        audit.record(
            session,
            "similarity.judge",
            actor=access.user,
            course_id=access.course.id,
            subject=f"unit {access.unit.slug}, pair {pair}",
            details={"pair": pair, "state": state, "note": note},
            address=request.remote_addr,
        )
    flash(f"Kept: {STATES[state].lower()}.", "good")
    return redirect(_here(access, pair), 303)


@dataclass(frozen=True)
class Bar:
    """One bar of the histogram: from `low` to `high` percent, so high of 100 on a logarithmic scale."""

    low: int
    high: int
    count: int
    height: float
    stands_out: bool


def bars(counts: Sequence[int], line: float) -> list[Bar]:
    """Return the bars; a single pair can be seen beside thousands."""
    most = max((*counts, 1))
    width = 100 // BINS
    return [
        Bar(
            number * width,
            (number + 1) * width,
            count,
            100 * math.log1p(count) / math.log1p(most),
            number / BINS >= line,
        )
        for number, count in enumerate(counts)
    ]


def _here(access: UnitAccess, pair: str | None = None) -> str:
    """Return the address of the unit's page, or of one pair's."""
    course, unit = access.course.slug, access.unit.slug
    if pair is None:
        return url_for("staff.similarity", course=course, unit=unit)
    return url_for("staff.similar_pair", course=course, unit=unit, pair=pair)


def _checks(access: UnitAccess) -> sa.Select[Task]:
    return (
        sa.select(Task)
        .where(Task.kind == TaskKind.SIMILARITY, Task.course_unit_id == access.unit.id)
        .order_by(Task.id.desc())
    )


def _uncompared(access: UnitAccess, result: Mapping[str, Any]) -> Sequence[Submission]:
    """Return the submissions of this unit that could not be compared."""
    return (
        reading()
        .scalars(
            sa.select(Submission)
            .where(Submission.id.in_(result["uncompared"]), Submission.course_unit_id == access.unit.id)
            .options(joinedload(Submission.user))
        )
        .all()
    )
