"""Every copy in disguise ranks above every pair of hands that never met."""

import ast

import pytest

from grader.similarity.check import KEPT_PAIRS, compare
from grader.similarity.measuring import Measure, pairs, standing_out
from tests.similarity.disguises import DISGUISES
from tests.similarity.honest import honest_submissions
from tests.similarity.planting import HONEST, PLANTED, as_hand_ins, planted_set

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_planted_pairs_rank_above_all_honest_pairs(disguise: str):
    planted = planted_set(disguise, seed=1)
    hand_ins = as_hand_ins(planted.files)
    number = len(hand_ins)
    measure = Measure([each.prints for each in hand_ins])
    found = {
        (pair.first, pair.second): pair.value
        for pair in pairs(measure, range(number), number, lambda first: True)
    }
    assert len(found) == number * (number - 1) // 2 == 1770
    of_planted = sorted(found.pop(pair) for pair in planted.planted)
    lowest, highest = of_planted[0], max(found.values())
    line = standing_out([*found.values(), *of_planted])
    half = sorted(found.values())[len(found) // 2]
    print(
        f"\n{disguise}: {PLANTED} planted from {lowest:.2f}, {len(found)} others up to {highest:.2f}, "
        f"half of them up to {half:.2f}; margin {lowest - highest:+.2f}; standing out from {line:.2f}"
    )
    assert lowest > highest
    assert lowest >= line


def test_the_evidence_shows_most_of_a_copy():
    planted = planted_set("all at once", 1)
    hand_ins = as_hand_ins(planted.files)
    compared = compare(hand_ins, len(hand_ins))
    assert len(compared.top) <= KEPT_PAIRS
    assert {(pair.first, pair.second) for pair, _ in compared.top[:PLANTED]} == planted.planted
    for pair, evidence in compared.top[:PLANTED]:
        matched = sum(block["statements"] for block in evidence["blocks"])
        assert matched > 0.5 * len(hand_ins[pair.first].parts)
        for block in evidence["blocks"]:
            (path, first, last), files = block["second"], planted.files[pair.second]
            assert 1 <= first <= last <= files[path].count("\n") + 1


def test_the_honest_are_many_and_none_like_another():
    honest = honest_submissions(HONEST)
    modules = {
        ast.dump(ast.parse(source)) for files in honest for path, source in files.items() if "train" in path
    }
    assert len(modules) == HONEST == 48
