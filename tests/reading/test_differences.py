"""What changed between two sets of files, and that comparing ends soon whatever they hold."""

import random

from grader.reading.differences import (
    CUT_SHORT,
    MAX_COMPARED_LINES,
    Fate,
    FileDifference,
    Line,
    compare_files,
)
from tests.reading.hand_ins import template_tree


def difference(old: bytes | None, new: bytes | None, is_folded: bool = True) -> FileDifference:
    before, after = ({} if content is None else {"a.txt": content} for content in (old, new))
    (made,) = compare_files(before, after, ["a.txt"], is_folded=is_folded)
    return made


def numbered(*numbers: int) -> bytes:
    return b"".join(b"line %d\n" % number for number in numbers)


def test_both_sides_come_back_whole_when_nothing_is_folded():
    old, new = numbered(*range(40)), numbered(*range(5), 100, *range(7, 30), 101, 102, *range(30, 40))
    made = difference(old, new, is_folded=False)
    for side, whole in (("old", old), ("new", new)):
        lines = [line for stretch in made.stretches for line in getattr(stretch, side)]
        assert [line.number for line in lines] == list(range(1, len(lines) + 1))
        assert "".join(f"{line.markup}\n" for line in lines).encode() == whole
    assert (made.fate, made.added, made.removed) == (Fate.CHANGED, 3, 2)


def test_what_is_far_from_changes_is_folded_and_nothing_else():
    made = difference(numbered(*range(40)), numbered(*range(20), 99, *range(21, 40)))
    folded = [stretch for stretch in made.stretches if stretch.is_folded]
    assert [len(stretch.rows) for stretch in folded] == [17, 16]
    assert sum(len(stretch.rows) for stretch in made.stretches) == 40


def test_a_single_line_is_not_worth_folding():
    made = difference(numbered(*range(8)), numbered(99, *range(1, 7), 98))
    assert not any(stretch.is_folded for stretch in made.stretches)


def test_files_that_came_or_went():
    assert difference(None, b"x\n").fate is Fate.ADDED
    assert difference(b"x\n", None).fate is Fate.REMOVED
    assert difference(b"x\n", b"x\n") == FileDifference("a.txt", Fate.SAME)


def test_what_can_not_be_compared_says_so():
    assert "no text" in difference(b"\0a", b"\0b").note
    assert "line ends" in difference(b"x\n", b"x\r\n").note
    assert "more than" in difference(b"", b"x\n" * (MAX_COMPARED_LINES + 1)).note
    (made,) = compare_files({}, {"n.ipynb": b"{}"}, ["n.ipynb"])
    assert "Notebooks" in made.note


def test_so_much_that_no_page_could_hold_it_is_not_compared():
    many = {f"{number:03}.txt": numbered(*range(1_900)) for number in range(20)}
    made = compare_files({}, many, many)
    assert [bool(each.note) for each in made] == [False] * 6 + [True] * 14


def test_markup_of_students_is_escaped():
    made = difference(b"a = '<b>'\n", b"a = '<script>'\n")
    assert "<script>" not in str(made.stretches)


def test_comparing_the_worst_files_ends():
    """So many equal lines in another order that each could be many others."""
    draw = random.Random(3)
    sides = [numbered(*(draw.randrange(40) for _ in range(MAX_COMPARED_LINES))) for _ in range(2)]
    assert difference(*sides).fate is Fate.CHANGED


def test_comparing_ends_where_each_repeated_line_stands_between_two_that_occur_once():
    """Each stretch that is found is one line long, and leaves all the rest to be searched again."""
    sides = [
        b"".join(b"x = %d\n%s%d\n" % (number % 50, side, number) for number in range(1_000))
        for side in (b"old", b"new")
    ]
    names = [f"{number}.txt" for number in range(3)]
    made = compare_files(dict.fromkeys(names, sides[0]), dict.fromkeys(names, sides[1]), names)
    assert all(each.note == CUT_SHORT for each in made)
    for each in made:
        old, new = ([line.number for line in side] for side in _sides(each))
        assert old == new == list(range(1, 2_001))


def _sides(made: FileDifference) -> list[list[Line]]:
    return [
        [line for stretch in made.stretches for line in getattr(stretch, side)] for side in ("old", "new")
    ]


def test_what_students_write_is_compared_to_its_end():
    work = {path: data for path, data in template_tree().items() if path.endswith(".py")}
    done = {path: data.replace(b"raise NotImplementedError", b"return None") for path, data in work.items()}
    assert not any(each.note for each in compare_files(work, done, work))
