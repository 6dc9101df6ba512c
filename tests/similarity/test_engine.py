"""The child process: same code, same fingerprints; a hostile file costs its own hand-in and no other."""

import pytest

from grader.similarity.engine import Engine, EngineLimits
from tests.similarity.honest import template_files

ONE = {"g2c/nn/optim.py": "def f(p, lr):\n    p.sub_(lr * p.grad)\n    return p.detach().clone()\n"}
HOSTILE = {
    "deep brackets": "x = " + "(" * 90 + "1" + ")" * 90 + "\n" + "f(" * 3_000,
    "a long sum": "x = " + "+".join("a" * 90_000),
    "a chain of attributes": "x" + ".a" * 100_000,
    "many minus signs": "x = " + "-" * 200_000 + "1",
    "nested lists": "[" * 150 + "]" * 150,
    "one long line": "x = '" + "a" * 250_000 + "'",
    "many statements": "x = 1\n" * 40_000,
    "no Python": "\x00\x01 \\\n" * 1000,
}


@pytest.fixture(scope="module")
def engine():
    with Engine(template_files(), EngineLimits(cpu_s=20)) as engine:
        yield engine


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_costs_no_other_hand_in(engine: Engine, kind: str):
    before = engine.parts(ONE)
    engine.parts({"g2c/nn/train.py": HOSTILE[kind]})
    assert engine.parts(ONE) == before
    assert before is not None and [part.first for part in before] == [2, 3]


@pytest.mark.parametrize("deep", ["x = " + "+".join("a" * 1_500), "x" + ".a" * 1_500])
def test_a_statement_that_runs_and_is_too_deep_for_the_reader_hides_no_other_of_its_file(
    engine: Engine, deep: str
):
    compile(deep, "hand-in", "exec")
    (path, copied), *_ = ONE.items()
    parts = engine.parts({path: f"{copied}{deep}\n"})
    assert parts is not None
    assert [part.first for part in parts][:2] == [2, 3]


def test_a_child_that_goes_over_its_limit_is_ended_and_another_is_the_same():
    many = {f"m{number}.py": "x = [" + "f(a, b), " * 20_000 + "]" for number in range(4)}
    with Engine(template_files(), EngineLimits(cpu_s=1, wall_s=30)) as engine:
        before = engine.parts(ONE)
        assert engine.parts(many) is None
        assert engine.parts(ONE) == before != []
