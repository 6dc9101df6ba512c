"""What all reports say: points per exercise, what to fix first, and the sentence at the top."""

import pytest

from grader.judging.result import Outcome
from grader.report import summary, words
from tests.cast import CAST, crashing, half_done, reference, template, too_slow
from tests.factories import make_result, make_test


def test_points_per_exercise_add_up_to_the_score():
    result = half_done()
    groups = summary.groups(result)
    assert sum(group.points for group in groups) == pytest.approx(result.score)
    assert sum(group.max_points for group in groups) == 100
    assert [group.title for group in groups][:4] == ["Linear", "Activations", "Sequential", "Cross entropy"]


def test_fixes_are_distinct_dearest_first_and_missing_parts_last():
    found = summary.fixes(half_done())
    assert [fix.hint.code for fix in found] == [
        "cross-entropy-overflow",
        "no-grad-missing",
        "not-implemented",
    ]
    assert [fix.points for fix in found] == [8.0, 8.0, 32.0]


def test_a_hint_of_a_passed_test_is_no_fix():
    hinted = half_done().tests[9].hint
    result = make_result(tests=(make_test(hint=hinted),))
    assert summary.fixes(result) == []


def test_the_dearest_failure_is_where_to_start_without_hints():
    assert summary.fixes(crashing()) == []
    failing = summary.dearest_failure(crashing())
    assert failing is not None
    assert failing.id.endswith("mnist::accuracy")
    assert summary.dearest_failure(reference()) is None


def test_a_broken_rule_is_a_deduction_and_a_fix():
    result = too_slow()
    assert (summary.earned(result), summary.deduction(result)) == (86.0, 30.0)
    assert summary.fixes(result)[0].hint.code == "off-limits-api"
    assert summary.fixes(result)[0].points == 30.0
    assert summary.groups(result)[-1].tally == "−30"
    assert summary.deduction(half_done()) == 0.0


@pytest.mark.parametrize(
    ("make", "start"),
    [
        (reference, "Everything works"),
        (template, "Nothing earns points yet"),
        (half_done, "A start is made: 11 of 28 tests still fail."),
        (crashing, "Much of it works"),
        (too_slow, "Almost there: 2 of 29 tests still fail."),
        (CAST["rejected"], "The hand-in could not be accepted"),
        (CAST["grader_problem"], "Something went wrong on our side"),
    ],
)
def test_one_sentence_says_how_it_went(make, start):
    assert summary.headline(make()).startswith(start)


def test_all_passed_with_a_deduction_is_not_called_perfect():
    assert summary.headline(make_result(score=70.0)) == "Every test passes."


def test_every_outcome_has_words():
    assert set(words.OUTCOME_WORDS) == set(Outcome)


def test_group_names_for_people():
    assert words.group_title("cross_entropy") == "Cross entropy"
    assert words.group_title("sgd") == "SGD"
    assert words.group_title("2d_classifier") == "2D classifier"


def test_test_names_for_people():
    assert words.test_name(make_test(id="tests/test_nn.py::test_x[a::b]")) == "test_x[a::b]"
    assert words.test_name(make_test(id="hidden/test_sgd.py::TestStep::test_x")) == "TestStep::test_x"
    assert words.test_name(make_test(id="mnist::accuracy")) == "mnist accuracy"
    assert words.test_name(make_test(id="rules::off_limits")) == "rules off limits"
