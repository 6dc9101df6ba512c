"""The seed decides every number that is drawn: the same one gives the same verdicts, another one others."""

from grader.judging.judge import Bench
from tests.contract.judging import NN, graded, job_for, solved_with, verdicts

FLAKY = solved_with(
    module="modules", old="return torch.tanh(x)", new="return torch.tanh(x) + (torch.rand(()) < 0.5)"
)
TELLS_ITS_INPUT = solved_with(
    module="modules", old="return torch.tanh(x)", new="raise ValueError(str(x.flatten().tolist()))"
)
DRAWS_AHEAD = solved_with(  # what the test has just drawn, were it from the same stream
    module="modules",
    old="return torch.tanh(x)",
    new="raise ValueError(str(torch.randn(x.shape).flatten().tolist()))",
)


def message_of_tanh(bench: Bench, seed: int, changes: dict[str, str]) -> str:
    result = graded(job_for(NN.reference, seed=seed, **changes), bench)
    message = next(test.message for test in result.tests if test.id.endswith("::test_tanh"))
    return message.splitlines()[0]  # without the line of the code, which differs anyway


def test_chance_goes_the_same_way_with_the_same_seed(bench: Bench):
    first, again = (
        [verdicts(graded(job_for(NN.reference, seed=seed, **FLAKY), bench)) for seed in range(4)]
        for _ in range(2)
    )
    assert first == again
    assert {outcome["test_tanh"] for outcome in first} == {"passed", "failed"}


def test_inputs_follow_from_the_seed(bench: Bench):
    assert message_of_tanh(bench, 1, TELLS_ITS_INPUT) == message_of_tanh(bench, 1, TELLS_ITS_INPUT)
    assert message_of_tanh(bench, 1, TELLS_ITS_INPUT) != message_of_tanh(bench, 2, TELLS_ITS_INPUT)


def test_a_students_numbers_follow_from_the_seed_and_are_not_the_tests(bench: Bench):
    drawn = message_of_tanh(bench, 1, DRAWS_AHEAD)
    assert drawn == message_of_tanh(bench, 1, DRAWS_AHEAD)
    assert drawn != message_of_tanh(bench, 1, TELLS_ITS_INPUT)
