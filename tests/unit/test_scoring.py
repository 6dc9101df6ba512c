"""Points: a pure function of the unit and the results."""

import dataclasses

import pytest

from grader.errors import UnitError
from grader.judging.plugin import TestPlace
from grader.judging.result import Hint, Outcome, ReviewFlag, Visibility
from grader.judging.scoring import explain, mnist_tests, off_limits_test, share_points, single_out, total
from grader.settings import CHECKOUT
from grader.units import Unit, load_unit
from tests.factories import make_mnist, make_test

MISTAKE, OTHER = Hint("lr-ignored", "Use lr."), Hint("param-rebound", "In place.")


@pytest.fixture(scope="module")
def unit() -> Unit:
    """The real unit with two groups of its own: 60 and 20 points."""
    return dataclasses.replace(
        load_unit("nn", CHECKOUT),
        points={"adding": 60.0, "sharing": 20.0},
        test_points={},
        given=frozenset({"tests/t.py::test_given"}),
    )


def place(name: str, group: str = "adding", test_id: str = "") -> TestPlace:
    return TestPlace(test_id or f"tests/t.py::{name}", Visibility.PUBLIC, group, ())


def shared(unit: Unit, *places: TestPlace) -> dict[str, float]:
    return {test_id.rpartition("::")[2]: points for test_id, points in share_points(unit, places).items()}


def test_a_group_is_shared_equally(unit: Unit):
    points = shared(unit, place("a"), place("b"), place("c"), place("d", "sharing"))
    assert points == {"a": 20, "b": 20, "c": 20, "d": 20}


def test_given_tests_carry_nothing_whatever_their_parameters(unit: Unit):
    points = shared(unit, place("a"), place("test_given"), place("test_given[2]"), place("d", "sharing"))
    assert points == {"a": 60, "test_given": 0, "test_given[2]": 0, "d": 20}


def test_points_of_its_own_are_taken_from_the_groups(unit: Unit):
    unit = dataclasses.replace(unit, test_points={"tests/t.py::big": 45.0})
    points = shared(unit, place("big"), place("a"), place("b"), place("d", "sharing"))
    assert points == {"big": 45, "a": 7.5, "b": 7.5, "d": 20}


def test_points_of_their_own_may_use_up_a_group(unit: Unit):
    unit = dataclasses.replace(unit, test_points={"tests/t.py::d": 20.0})
    assert shared(unit, place("a"), place("d", "sharing")) == {"a": 60, "d": 20}


def test_all_points_of_the_real_unit_can_be_earned():
    unit = load_unit("nn", CHECKOUT)
    places = [place(f"{group}{number}", group) for group in unit.points for number in range(3)]
    assert unit.mnist is not None
    earnable = sum(share_points(unit, places).values()) + unit.mnist.points_accuracy + unit.mnist.points_time
    assert earnable == pytest.approx(100)


def test_a_group_that_nobody_can_earn_is_our_mistake(unit: Unit):
    with pytest.raises(UnitError, match=r"no test can earn: \['sharing'\]"):
        share_points(unit, [place("a")])
    with pytest.raises(UnitError, match=r"no test can earn: \['sharing'\]"):
        share_points(unit, [place("a"), place("test_given", "sharing")])


def test_a_test_of_an_unknown_group_is_our_mistake(unit: Unit):
    with pytest.raises(UnitError, match=r"groups without points in unit.toml: \['taking'\]"):
        share_points(unit, [place("a"), place("d", "sharing"), place("e", "taking")])


def test_more_points_of_their_own_than_the_group_has_is_our_mistake(unit: Unit):
    unit = dataclasses.replace(unit, test_points={"tests/t.py::a": 61.0})
    with pytest.raises(UnitError, match=r"more points of their own: \['adding'\]"):
        share_points(unit, [place("a"), place("b"), place("d", "sharing")])


def outcomes(unit: Unit, **changes: object) -> list[tuple[Outcome, float]]:
    return [(test.outcome, test.points) for test in mnist_tests(unit, make_mnist(**changes))]


def test_an_accurate_and_fast_run_gets_both_rewards(unit: Unit):
    assert outcomes(unit) == [(Outcome.PASSED, 10), (Outcome.PASSED, 5)]


def test_an_accurate_but_slow_run_gets_its_accuracy(unit: Unit):
    slow = {"outcome": Outcome.FAILED, "ratio": 3.2, "message": "too long", "hint": MISTAKE}
    accuracy, time = mnist_tests(unit, make_mnist(**slow))
    assert (accuracy.outcome, accuracy.points, accuracy.message, accuracy.hint) == (
        Outcome.PASSED,
        10,
        "",
        None,
    )
    assert (time.outcome, time.points, time.message, time.hint) == (Outcome.FAILED, 0, "too long", MISTAKE)


def test_time_alone_earns_nothing(unit: Unit):
    assert outcomes(unit, outcome=Outcome.FAILED, accuracy=0.93) == [(Outcome.FAILED, 0), (Outcome.FAILED, 0)]


def test_without_the_accuracy_the_time_is_not_blamed(unit: Unit):
    inaccurate = make_mnist(outcome=Outcome.FAILED, accuracy=0.93, message="93.0 % reached", hint=MISTAKE)
    accuracy, time = mnist_tests(unit, inaccurate)
    assert accuracy.message == "93.0 % reached"
    assert time.message == "The time counts only once the accuracy is reached."
    assert accuracy.hint == time.hint == MISTAKE


def test_the_thresholds_themselves_are_enough(unit: Unit):
    assert outcomes(unit, accuracy=0.95, ratio=3.0) == [(Outcome.PASSED, 10), (Outcome.PASSED, 5)]


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.CRASHED, Outcome.OUT_OF_MEMORY])
def test_a_run_that_did_not_end_names_its_outcome(unit: Unit, outcome: Outcome):
    unfinished = {"outcome": outcome, "accuracy": 0.0, "ratio": 0.0, "message": "stopped"}
    assert outcomes(unit, **unfinished) == [(outcome, 0), (outcome, 0)]
    assert [test.message for test in mnist_tests(unit, make_mnist(**unfinished))] == ["stopped", "stopped"]


def test_a_unit_without_mnist_has_no_such_tests(unit: Unit):
    assert mnist_tests(dataclasses.replace(unit, mnist=None), make_mnist()) == []


def test_off_limits_costs_once_and_says_where(unit: Unit):
    uses = [ReviewFlag("off-limits-api", "g2c/nn/loss.py", line, "torch.nn") for line in range(1, 15)]
    assert off_limits_test(unit, []) == []
    (test,) = off_limits_test(unit, uses)
    assert (test.points, test.max_points, test.outcome) == (-30, 0, Outcome.FAILED)
    assert test.hint is not None and test.hint.code == "off-limits-api"
    assert test.message.splitlines()[0] == "torch.nn"
    assert test.message.splitlines()[-1] == "… and 4 more places"


def test_the_score_is_never_negative_and_never_a_rounding_error_short():
    assert total([make_test(points=10.0), make_test(points=-30.0)]) == 0
    assert total([make_test(points=100 / 3)] * 3) == 100
    assert total([]) == 0


HIDDEN_ID, SECOND_ID, PUBLIC_ID = "hidden/t.py::test_h", "hidden/t.py::test_i", "tests/t.py::test_p"
EXPLAINS = {HIDDEN_ID: (PUBLIC_ID,), SECOND_ID: (PUBLIC_ID,)}


def hint_of_public(*hidden: Hint | None, **public: object) -> Hint | None:
    """The hint of a failed public test after the hidden tests that explain it failed with theirs."""
    ids = (HIDDEN_ID, SECOND_ID)
    results = [make_test(**{"id": PUBLIC_ID, "outcome": Outcome.FAILED, **public})]
    results += [
        make_test(id=test_id, outcome=Outcome.FAILED, hint=hint)
        for test_id, hint in zip(ids, hidden, strict=False)
    ]
    return explain(results, EXPLAINS)[0].hint


def test_a_public_failure_takes_the_hint_of_the_hidden_test_that_explains_it():
    assert hint_of_public(MISTAKE) == MISTAKE
    assert hint_of_public(MISTAKE, MISTAKE) == MISTAKE
    assert hint_of_public(MISTAKE, None) == MISTAKE


def test_a_hint_from_a_hidden_test_is_marked_as_lent():
    failed = make_test(id=PUBLIC_ID, outcome=Outcome.FAILED)
    hidden = make_test(id=HIDDEN_ID, outcome=Outcome.FAILED, hint=MISTAKE)
    assert [test.hint_is_lent for test in explain([failed, hidden], EXPLAINS)] == [True, False]
    own = make_test(id=PUBLIC_ID, outcome=Outcome.FAILED, hint=OTHER)
    assert [test.hint_is_lent for test in explain([own, hidden], EXPLAINS)] == [False, False]


def test_explainers_that_disagree_explain_nothing():
    assert hint_of_public(MISTAKE, OTHER) is None


def test_a_hint_of_its_own_stays():
    assert hint_of_public(MISTAKE, hint=OTHER) == OTHER


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.TIMEOUT, Outcome.CRASHED])
def test_only_a_failure_is_explained(outcome: Outcome):
    assert hint_of_public(MISTAKE, outcome=outcome) is None


UNTRAINED = Hint("model-not-trained", "Train the very model that you are given.")


@pytest.mark.parametrize(
    ("named", "left"),
    [((), UNTRAINED), ((UNTRAINED,), UNTRAINED), ((OTHER,), None), ((UNTRAINED, OTHER), None)],
    ids=["nothing else", "the same", "another cause", "both"],
)
def test_an_untrained_model_is_a_mistake_of_its_own_only_if_no_test_names_another(
    named: tuple[Hint, ...], left: Hint | None
):
    mnist = make_mnist(outcome=Outcome.FAILED, hint=UNTRAINED)
    tests = [make_test(), *(make_test(outcome=Outcome.FAILED, hint=hint) for hint in named)]
    assert single_out(mnist, tests).hint == left


def test_other_hints_of_the_timed_run_stay():
    mnist = make_mnist(outcome=Outcome.FAILED, hint=Hint("too-slow", "Use one product."))
    assert single_out(mnist, [make_test(outcome=Outcome.FAILED, hint=OTHER)]) == mnist
