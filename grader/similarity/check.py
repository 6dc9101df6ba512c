"""The check as a task: all hand-ins of a unit are compared with each other, and with those of other courses.

    task.arguments   {"which": see `choosing`, "earlier": ids of the unit's namesakes in other courses}
    progress         {"phase": what it is at, "done": hand-ins, "total": of so many}
    result           {"compared": hand-ins here, "earlier": hand-ins of other courses, "uncompared": ids of
                      submissions that can't be read, "pairs": number of pairs, "histogram": of their
                      similarities, "stands_out": from where on one does}

The pairs at the top become rows of SimilarPair, with evidence {"of_first", "of_second": what part of
each is in the other, "files": {"first", "second": {path: part}}, "blocks": parts that match, see `matching`}.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.db.database import Database
from grader.db.models import CourseUnit, SimilarPair, Submission, Task
from grader.errors import StoppedError
from grader.settings import Settings
from grader.similarity.choosing import Chosen, Which, chosen, earlier_units
from grader.similarity.engine import Engine, Part
from grader.similarity.matching import blocks
from grader.similarity.measuring import Measure, Similarity, histogram, pairs, standing_out
from grader.similarity.sources import python_sources, template_sources
from grader.tasks import holding
from grader.units import Unit, load_unit
from grader.versions.finding import root_for

KEPT_PAIRS = 200
FLOOR = 0.3  # less is no pair to look at

Progress = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class HandIn:
    """A submission that could be read; `parts` are without those that the template has."""

    chosen: Chosen
    parts: Sequence[Part]

    @property
    def prints(self) -> frozenset[int]:
        """All fingerprints."""
        return frozenset().union(*(part.fingerprints for part in self.parts))


def run(
    database: Database,
    settings: Settings,
    task: Task,
    on_progress: Progress,
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    """Run the check; see `grader.tasks.kinds` for the contract, and the module for what goes in and out."""
    with database.reading() as session:
        here = session.get_one(CourseUnit, task.course_unit_id)
        unit = load_unit(here.unit, root_for(session, here, settings))
        wanted = set(task.arguments.get("earlier", ()))
        others = [each for each in earlier_units(session, here) if each.id in wanted]
        which = Which(task.arguments.get("which", Which.COUNTING))
        to_read = chosen(session, [here, *others], which)
    hand_ins = _read(database, unit, to_read, on_progress, should_stop)
    number_here = sum(each.chosen.course_unit_id == here.id for each in hand_ins)
    compared = compare(hand_ins, number_here, on_progress, should_stop)
    with database.writing() as session:
        if holding.lock_held(session, task.id, task.fence) is None:
            raise StoppedError("Nobody waits for this result any more.")
        _store(session, task.id, hand_ins, compared)
    read = {each.chosen.submission_id for each in hand_ins}
    return {
        "compared": number_here,
        "earlier": len(hand_ins) - number_here,
        "uncompared": [each.submission_id for each in to_read if each.submission_id not in read],
        "pairs": len(compared.values),
        "histogram": histogram(compared.values),
        "stands_out": standing_out(compared.values),
    }


def without_template(parts: Sequence[Part], template: frozenset[int]) -> list[Part]:
    """Return the parts that have anything that the template has not, with only that."""
    own = (Part(part.path, part.first, part.last, part.form, part.fingerprints - template) for part in parts)
    return [part for part in own if part.fingerprints]


@dataclass(frozen=True)
class Compared:
    """The similarities of all pairs, and the pairs at the top with their evidence."""

    values: Sequence[float]
    top: Sequence[tuple[Similarity, dict[str, Any]]]


def compare(
    hand_ins: Sequence[HandIn],
    number_here: int,
    on_progress: Progress = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Compared:
    """Compare the first `number_here` hand-ins with each other and with all that follow them."""

    def may_go_on(number: int) -> bool:
        on_progress({"phase": "Comparing", "done": number, "total": number_here})
        return not should_stop()

    measure = Measure([each.prints for each in hand_ins])
    owners = [each.chosen.user_id for each in hand_ins]
    values: list[float] = []
    top: list[tuple[float, int, int, Similarity]] = []
    for pair in pairs(measure, owners, number_here, may_go_on):
        values.append(pair.value)
        if pair.value >= FLOOR:
            entry = (pair.value, -pair.first, -pair.second, pair)
            (heapq.heappush if len(top) < KEPT_PAIRS else heapq.heappushpop)(top, entry)
    counts = Counter(form for each in hand_ins for form in {part.form for part in each.parts})
    evident = []
    for _, _, _, pair in sorted(top, reverse=True):
        if should_stop():
            break
        evident.append((pair, _evidence(pair, hand_ins, measure, counts)))
    if should_stop():
        raise StoppedError("Nobody waits for this result any more.")
    return Compared(values, evident)


def _read(
    database: Database,
    unit: Unit,
    to_read: Sequence[Chosen],
    on_progress: Progress,
    should_stop: Callable[[], bool],
) -> list[HandIn]:
    """Return the hand-ins that can be read, in this order."""
    sources = template_sources(unit)
    hand_ins = []
    known: dict[str, list[Part] | None] = {}
    with Engine(sources) as engine:
        template = frozenset().union(*(part.fingerprints for part in engine.parts(sources) or ()))
        for number, each in enumerate(to_read):
            if should_stop():
                raise StoppedError("Nobody waits for this result any more.")
            on_progress({"phase": "Reading hand-ins", "done": number, "total": len(to_read)})
            with database.reading() as session:
                submission = session.get_one(
                    Submission, each.submission_id, options=[joinedload(Submission.archive)]
                )
                digest, content, name = submission.digest, submission.archive.content, submission.filename
            if digest not in known:
                files = python_sources(content, name, unit)
                parts = None if files is None else engine.parts(files)
                known[digest] = None if parts is None else without_template(parts, template)
            found = known[digest]
            if found is not None:
                hand_ins.append(HandIn(each, found))
    return hand_ins


def _evidence(
    pair: Similarity, hand_ins: Sequence[HandIn], measure: Measure, counts: Mapping[str, int]
) -> dict[str, Any]:
    first, second = hand_ins[pair.first], hand_ins[pair.second]
    return {
        "of_first": pair.of_first,
        "of_second": pair.of_second,
        "files": {
            "first": _files(first, second.prints, measure),
            "second": _files(second, first.prints, measure),
        },
        "blocks": [block.to_json() for block in blocks(first.parts, second.parts, counts)],
    }


def _files(hand_in: HandIn, others: frozenset[int], measure: Measure) -> dict[str, float]:
    """Return by path what part of a file's own weight is in the other hand-in."""
    prints: dict[str, frozenset[int]] = {}
    for part in hand_in.parts:
        prints[part.path] = prints.get(part.path, frozenset()) | part.fingerprints
    return {path: measure.weight(some & others) / measure.weight(some) for path, some in prints.items()}


def _store(session: Session, task_id: int, hand_ins: Sequence[HandIn], compared: Compared) -> None:
    """Add the pairs; what staff made of the same two submissions in an earlier check still holds."""
    session.execute(sa.delete(SimilarPair).where(SimilarPair.task_id == task_id))  # of a try that died
    ids = {each.chosen.submission_id for each in hand_ins}
    known: dict[tuple[int, int], SimilarPair] = {}
    for row in session.scalars(
        sa.select(SimilarPair).where(SimilarPair.first_id.in_(ids)).order_by(SimilarPair.id)
    ):
        known[row.first_id, row.second_id] = row
    for pair, evidence in compared.top:
        first, second = (hand_ins[each].chosen.submission_id for each in (pair.first, pair.second))
        before = known.get((first, second))
        session.add(
            SimilarPair(
                task_id=task_id,
                first_id=first,
                second_id=second,
                similarity=pair.value,
                evidence=evidence,
                verdict=before and before.verdict,
                note=before and before.note,
                seen_by_id=before and before.seen_by_id,
                seen_at=before and before.seen_at,
            )
        )
