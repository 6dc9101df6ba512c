"""A hundred hand-ins and a test with a bug: the right gainers and losers, and everything back exactly."""

import sqlalchemy as sa

from grader.db.models import CourseUnit, GradingRun, RegradeState, WebhookDelivery
from grader.judging.result import GradingResult
from grader.regrades.preview import Effect, preview
from grader.regrades.promoting import promote, undo
from grader.results.comparison import Change
from grader.units import Unit
from grader.versions.finding import root_for
from tests.regrades.acted import Acted, failing

COUNT = 100


def number_of(email: str) -> int:
    return int(email.removeprefix("student")[:3])


def test_gainers_losers_promotion_and_undoing(acted: Acted):
    bad = acted.store("with the bug").digest

    def verdict(email: str, unit: Unit) -> GradingResult:
        """The bug fails every third, who is right, and lets every tenth pass, who is wrong."""
        number = number_of(email)
        failures = ["test_relu"] if number % 2 else []
        if unit.digest == bad and number % 3 == 0:
            failures.append("test_weight_decay")
        if unit.digest != bad and number % 10 == 1:
            failures.append("test_step_is_not_tracked")
        return failing(*failures)

    acted.verdict = verdict
    people = acted.students(COUNT)
    for person in people:
        acted.hand_in(person)
    acted.change_tests()
    good = acted.store("mended")
    before = acted.scores()
    seeds = {seed for (seed,) in _column(acted, GradingRun.seed)}

    regrade_id = acted.start(good)
    assert acted.finish() == COUNT
    assert acted.regrade(regrade_id).state is RegradeState.READY
    assert acted.scores() == before, "nothing counts yet"
    assert {run.seed for run in acted.runs(regrade_id)} == seeds, "only the tests differ"
    assert {run.unit_version_id for run in acted.runs(regrade_id)} == {good.id}
    assert _column(acted, WebhookDelivery.id) == [], "and nobody was told"

    gainers = {p.email for p in people if number_of(p.email) % 3 == 0 and number_of(p.email) % 10 != 1}
    losers = {p.email for p in people if number_of(p.email) % 3 != 0 and number_of(p.email) % 10 == 1}
    both = {p.email for p in people if number_of(p.email) % 3 == 0 and number_of(p.email) % 10 == 1}
    with acted.database.reading() as session:
        seen = preview(session, session.get_one(type(acted.regrade(regrade_id)), regrade_id))
    assert {each.email for each in seen.having(Effect.GAINS)} == gainers
    assert {each.email for each in seen.having(Effect.LOSES)} == losers
    assert {each.difference for each in seen.having(Effect.GAINS)} == {4.0}
    assert {each.difference for each in seen.having(Effect.LOSES)} == {-4.0}
    assert len(seen.having(Effect.STAYS)) == COUNT - len(gainers) - len(losers)
    assert seen.mean == (len(gainers) - len(losers)) * 4 / COUNT
    (one_of_both,) = [each for each in seen.students if each.email == min(both)]
    assert [(test.id.rpartition("::")[2], test.change) for test in one_of_both.attempts[0].tests] == [
        ("test_weight_decay", Change.FIXED),
        ("test_step_is_not_tracked", Change.BROKEN),
    ]
    by_test = [(test.id.rpartition("::")[2], test.fixed, test.broken, test.points) for test in seen.by_test()]
    assert by_test == [
        ("test_weight_decay", 34, 0, 34 * 4.0),
        ("test_step_is_not_tracked", 0, 10, -10 * 4.0),
    ]

    rows = acted.all_rows("regrades", "regraded_submissions", "audit_events")
    assert acted.do(promote, regrade_id) == COUNT
    after = acted.scores()
    changed = {public_id for public_id in before if before[public_id] != after[public_id]}
    assert len(changed) == len(gainers) + len(losers)
    assert sorted(acted.told("regrade.result")) == sorted(person.id for person in people)
    with acted.database.reading() as session:
        unit = session.get_one(CourseUnit, acted.world.unit.id)
        assert unit.pinned_version_id == good.id
        assert root_for(session, unit, acted.settings) != acted.settings.units_root
        seen_after = preview(session, session.get_one(type(acted.regrade(regrade_id)), regrade_id))
    assert seen_after == seen, "the page goes on saying what was changed"

    assert acted.do(undo, regrade_id) == COUNT
    assert acted.scores() == before
    assert acted.all_rows("regrades", "regraded_submissions", "audit_events") == rows
    assert acted.regrade(regrade_id).state is RegradeState.UNDONE


def _column(acted: Acted, column: object) -> list[tuple[object, ...]]:
    with acted.database.reading() as session:
        return [tuple(row) for row in session.execute(sa.select(column))]
