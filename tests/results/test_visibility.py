"""What students see of hidden tests, and what only staff see."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from grader.judging.result import Hint, Outcome, Visibility
from grader.report.json_schema import to_strict_json, validate_report
from grader.results.visibility import Audience, is_hidden, rounded_up_s, shown_moment, shown_to
from tests.cast import CAST, grader_problem, half_done, too_slow
from tests.factories import HINTS, make_result, make_test
from tests.results.allowing import rules

NEVER = rules("never", "never", "never", "never")
SECRET_NAMES = ("test_each_row_has_its_own_maximum", "test_step_is_not_tracked", "hidden/test_sgd.py")


def shown(result, rules, deadline_over=False):
    return shown_to(result, rules, Audience.STUDENT, deadline_over)


@pytest.mark.parametrize("make", CAST.values(), ids=CAST)
def test_staff_see_everything(make):
    result = make()
    assert shown_to(result, NEVER, Audience.STAFF, deadline_over=False) is result


@pytest.mark.parametrize("make", CAST.values(), ids=CAST)
def test_tests_keep_their_number_order_outcome_and_points(make):
    result = make()
    kept = [(test.group, test.outcome, test.points, test.max_points) for test in result.tests]
    seen = [(test.group, test.outcome, test.points, test.max_points) for test in shown(result, NEVER).tests]
    assert seen == kept


@pytest.mark.parametrize("make", [CAST[name] for name in CAST if name != "hostile"])
def test_what_is_shown_is_a_valid_report(make):
    validate_report(json.loads(to_strict_json(shown(make(), NEVER))))


def test_without_names_hidden_tests_are_counted_within_their_exercise():
    ids = [test.id for test in shown(half_done(), NEVER).tests if is_hidden(test)]
    assert "hidden/sgd.py::Hidden test 1" in ids
    assert "hidden/sgd.py::Hidden test 2" in ids
    assert len(ids) == len(set(ids))
    text = json.dumps(shown(half_done(), NEVER).to_json())
    assert not [name for name in SECRET_NAMES if name in text]


def test_numbers_are_the_same_whatever_the_outcome():
    numbers = [
        [test.id for test in shown(make(), NEVER).tests] for make in (CAST["reference"], CAST["template"])
    ]
    assert numbers[0] == numbers[1]


def test_messages_and_hints_go_with_their_rules():
    def of_hidden(result):
        return [test for test in result.tests if is_hidden(test) and test.outcome is not Outcome.PASSED]

    no_messages = of_hidden(shown(half_done(), rules(messages="never")))
    assert not any(test.message for test in no_messages)
    assert any(test.hint for test in no_messages)
    no_hints = of_hidden(shown(half_done(), rules(hints="never")))
    assert any(test.message for test in no_hints)
    assert not any(test.hint for test in no_hints)


def test_a_hint_that_hidden_tests_lent_goes_with_theirs():
    hint = Hint("no-grad-missing", HINTS["no-grad-missing"])
    failed = make_test(outcome=Outcome.FAILED, hint=hint)
    result = make_result(tests=(failed, replace(failed, hint_is_lent=True)))
    assert [test.hint for test in shown(result, rules(hints="never")).tests] == [hint, None]
    assert [test.hint for test in shown(result, rules(hints="after_deadline")).tests] == [hint, None]
    late = shown(result, rules(hints="after_deadline"), deadline_over=True)
    assert [test.hint for test in late.tests] == [hint, hint]
    staff = shown_to(result, NEVER, Audience.STAFF, deadline_over=False)
    assert [test.hint for test in staff.tests] == [hint, hint]


def test_public_tests_the_timed_run_and_rules_are_shown_whole_always():
    result = too_slow()
    seen = shown(result, NEVER)
    whole = [test for test in result.tests if not is_hidden(test)]
    assert [test for test in seen.tests if not is_hidden(test)] == whole
    assert {"mnist::time", "rules::off_limits"} <= {test.id for test in whole}
    assert seen.mnist == result.mnist
    assert seen.pictures == {"digits": result.pictures["digits"]}


@pytest.mark.parametrize("rule", ["names", "messages", "hints", "pictures"])
def test_after_the_deadline_means_then_and_not_before(rule):
    only = rules(**{rule: "after_deadline"})
    before, after = shown(half_done(), only), shown(half_done(), only, deadline_over=True)
    assert (before.tests, before.pictures) != (after.tests, after.pictures)
    assert after.pictures == half_done().pictures
    assert [test.id for test in after.tests] == [test.id for test in half_done().tests]
    assert [test.message for test in after.tests] == [test.message for test in half_done().tests]
    assert [test.hint for test in after.tests] == [test.hint for test in half_done().tests]


def test_review_flags_seed_and_sandbox_are_for_staff():
    seen = shown(too_slow(), rules(), deadline_over=True)
    assert seen.review == ()
    assert set(seen.provenance) == {
        "unit_digest",
        "submission_digest",
        "with_mnist",
        "python",
        "torch",
        "finished_at",
    }


def test_our_own_problem_is_told_plainly():
    seen = shown(grader_problem(), rules(), deadline_over=True)
    assert "Sandbox" not in seen.problem
    assert "attempt was given back" in seen.problem


@pytest.mark.parametrize(
    ("duration_s", "rounded_s"),
    [(0.0, 0.0), (0.004, 1.0), (1.0, 1.0), (1.2, 2.0), (59.0, 60.0), (9e9, 900.0)],
)
def test_durations_are_rounded_up(duration_s, rounded_s):
    assert rounded_up_s(duration_s) == rounded_s


def test_durations_of_hidden_tests_say_little():
    hidden = [test for test in shown(half_done(), rules()).tests if is_hidden(test)]
    assert {test.duration_s for test in hidden} <= {0.0, 1.0}
    public = [test for test in half_done().tests if test.visibility is Visibility.PUBLIC]
    assert [
        test for test in shown(half_done(), rules()).tests if test.visibility is Visibility.PUBLIC
    ] == public


def test_no_hint_of_a_hidden_test_is_told_by_another_way():
    """A hint is shown only by tests that may show it: nothing else of the report repeats it."""
    text = json.dumps(shown(half_done(), NEVER).to_json())
    only_hidden = {test.hint.code for test in half_done().tests if test.hint and is_hidden(test)} - {
        test.hint.code for test in half_done().tests if test.hint and not is_hidden(test)
    }
    assert not [code for code in only_hidden if re.search(code, text) or HINTS[code] in text]


def test_of_a_message_that_is_for_staff_students_read_its_replacement():
    failed = make_test(
        id="hidden/test_a.py::test_b",
        visibility=Visibility.HIDDEN,
        outcome=Outcome.FAILED,
        message="ValueError: secret",
        message_for_students="Your code raised ValueError.",
    )
    (seen,) = shown(make_result(tests=(failed,)), rules()).tests
    assert (seen.message, seen.message_for_students) == ("Your code raised ValueError.", None)
    (silent,) = shown(make_result(tests=(failed,)), rules(messages="never")).tests
    assert (silent.message, silent.message_for_students) == ("", None)
    (whole,) = shown_to(make_result(tests=(failed,)), rules(), Audience.STAFF, deadline_over=False).tests
    assert whole == failed


def test_students_see_the_minute_in_which_a_run_ended():
    at = datetime(2026, 11, 20, 17, 4, 59, 999, tzinfo=UTC)
    assert shown_moment(at, Audience.STUDENT) == datetime(2026, 11, 20, 17, 4, tzinfo=UTC)
    assert (shown_moment(at, Audience.STAFF), shown_moment(None, Audience.STUDENT)) == (at, None)
    result = half_done()
    assert result.provenance["finished_at"] == "2026-11-20T17:04:09+00:00"
    assert shown(result, rules()).provenance["finished_at"] == "2026-11-20T17:04:00+00:00"
