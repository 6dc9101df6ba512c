"""Which files the code page opens, and where flags, failures and comments stand."""

from grader.db.models import Comment
from grader.judging.result import Outcome, ReviewFlag
from grader.reading.files import HandIn
from grader.reading.listing import MAX_OPEN_LINES, Listing, make_listing
from grader.reading.marks import failures_in
from tests.factories import make_test
from tests.reading.hand_ins import LOSS, UNIT

TEMPLATE = {"README.md": b"read\n", LOSS: b"TODO\n"}


def listing(
    files: dict[str, bytes], *remarks: ReviewFlag | Comment, opened: str = "", **elsewhere: bytes
) -> Listing:
    flags = [each for each in remarks if isinstance(each, ReviewFlag)]
    comments = [each for each in remarks if isinstance(each, Comment)]
    return make_listing(HandIn(files, elsewhere), UNIT, TEMPLATE, flags, comments, opened)


def comment(file: str, line: int) -> Comment:
    return Comment(public_id="abc", file=file, line=line, text="Why?")


def opened(made: Listing) -> list[str]:
    return [file.path for file in made.files if file.lines is not None]


def test_what_the_student_wrote_is_open_and_the_template_s_files_are_not():
    files = {"README.md": b"read\n", LOSS: b"mine\n", "n.ipynb": b"{}", "w.pt": b"\0"}
    assert opened(listing(files)) == [LOSS]
    assert opened(listing(files, opened="README.md")) == [LOSS, "README.md"]
    assert opened(listing(files, comment("README.md", 1))) == [LOSS, "README.md"]
    assert opened(listing({LOSS: b"mine\n"}, notes=b"x\n", opened="notes")) == [LOSS, "notes"]


def test_files_beyond_what_a_page_can_hold_are_opened_on_their_own():
    large = b"x\n" * (MAX_OPEN_LINES - 10)
    files = {"g2c/nn/modules.py": large, LOSS: large, "g2c/nn/a.py": b"y\n"}
    assert opened(listing(files)) == ["g2c/nn/modules.py", "g2c/nn/a.py"]
    assert LOSS in opened(listing(files, opened=LOSS))


def test_remarks_stand_at_their_lines():
    flag = ReviewFlag("off-limits-api", LOSS, 2, "no")
    made = listing({LOSS: b"a\nb\n"}, flag, comment(LOSS, 2), comment(LOSS, 1))
    (file,) = made.files
    assert file.lines is not None
    assert [(len(line.flags), len(line.comments)) for line in file.lines] == [(0, 1), (1, 1)]
    assert (file.flag_count, file.comment_count, file.first_flag) == (1, 2, "f1-2")
    assert file.first_comment == "comment-abc"


def test_remarks_without_a_line_that_is_shown_are_kept_with_the_file_or_apart():
    made = listing(
        {LOSS: b"a\n"},
        ReviewFlag("x", LOSS, 99, "beyond"),
        ReviewFlag("y", LOSS, 0, "whole"),
        ReviewFlag("z", "gone.py", 3, "elsewhere"),
        comment("", 0),
    )
    assert [flag.text for flag in made.files[0].flags] == ["whole", "beyond"]
    assert ([flag.text for flag in made.flags], len(made.comments)) == (["elsewhere"], 1)


def test_failed_tests_are_marked_where_they_ended_each_place_once():
    message = "ValueError: no\n  g2c/nn/a.py, line 3, in f: g()\n  g2c/nn/loss.py, line 7, in g: raise"
    tests = [make_test(id=f"tests/t.py::test_{n}", outcome=Outcome.FAILED, message=message) for n in "abcde"]
    flags = failures_in([make_test(), *tests, make_test(outcome=Outcome.FAILED, message="assert 1 == 2")])
    assert flags == [ReviewFlag("failed-here", LOSS, 7, "test_a, test_b, test_c and 2 more: ValueError: no")]
