"""Two results side by side."""

from dataclasses import replace

from grader.results.comparison import Change, compare
from tests.cast import crashing, half_done, reference, template, too_slow
from tests.results.allowing import STAFF, student


def test_every_test_is_fixed_broken_or_the_same():
    comparison = compare(template(), reference(), STAFF)
    fixed, passing = comparison.of(Change.FIXED), comparison.of(Change.STILL_PASSING)
    assert len(fixed) + len(passing) == len(reference().tests)
    assert sum(test.points for test in fixed) == 100
    back = compare(reference(), template(), STAFF)
    assert [test.name for test in back.of(Change.BROKEN)] == [test.name for test in fixed]


def test_figures_say_before_after_and_the_difference():
    score, accuracy, ratio = compare(too_slow(), reference(), STAFF).figures
    assert (score.before, score.after, score.difference, score.better) == ("56", "100", "+44", True)
    assert (accuracy.before, accuracy.after, accuracy.difference) == ("96.0 %", "97.1 %", "+1.0 %")
    assert (ratio.before, ratio.after, ratio.better) == ("4.62 ×", "1.12 ×", True)


def test_a_run_without_mnist_has_no_figure_to_compare():
    figures = compare(half_done(), reference(), STAFF).figures
    assert [(figure.before, figure.better) for figure in figures[1:]] == [("–", None), ("–", None)]
    assert len(compare(half_done(), crashing(), STAFF).figures) == 1


def test_the_same_result_has_no_difference():
    comparison = compare(half_done(), half_done(), STAFF)
    assert [(figure.difference, figure.better) for figure in comparison.figures] == [("the same", None)]
    assert {test.change for test in comparison.tests} == {Change.STILL_FAILING, Change.STILL_PASSING}


def test_a_rule_that_is_kept_now_is_fixed():
    (rule,) = (test for test in compare(too_slow(), reference(), STAFF).tests if test.after is None)
    assert (rule.change, rule.points) == (Change.FIXED, 30)
    (rule,) = (test for test in compare(reference(), too_slow(), STAFF).tests if test.before is None)
    assert rule.change is Change.BROKEN


def test_hidden_tests_are_matched_by_what_they_are_not_by_their_number():
    """A hidden test that was taken away does not make the next one of its exercise look fixed."""
    old, new = half_done(), reference()
    first_hidden = next(test for test in new.tests if test.id.startswith("hidden/test_sgd"))
    new = replace(new, tests=tuple(test for test in new.tests if test is not first_hidden))
    comparison = compare(old, new, student(names="never"))
    (gone,) = comparison.of(Change.REMOVED)
    assert gone.group_title == "SGD"
    assert gone.name == "Hidden test 1"
    second = next(test for test in comparison.tests if test.group_title == "SGD" and "Hidden" in test.name)
    assert (second.change, second.name) == (Change.STILL_PASSING, "Hidden test 1")


def test_what_is_withheld_is_not_compared():
    comparison = compare(reference(), half_done(), student("never", "never", "never"))
    hidden = [test.after for test in comparison.tests if test.after and test.after.id.startswith("hidden/")]
    assert hidden
    assert not any(test.message or test.hint for test in hidden)
    assert all(test.id.rpartition("::")[2].startswith("Hidden test") for test in hidden)
