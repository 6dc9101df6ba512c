"""Files as lines that may be shown: printable, bounded, numbered as Python counts them."""

import pytest

from grader.db.models import Archive
from grader.reading import files
from grader.reading.files import in_reading_order, read_hand_in, reference_of, source_file, template_of
from tests.reading.hand_ins import LOSS, UNIT, packed


def lines_of(content: bytes) -> tuple[str, ...] | None:
    return source_file("a.py", content).lines


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ()),
        (b"a", ("a",)),
        (b"a\nb\n", ("a", "b")),
        (b"a\r\nb\rc\n", ("a", "b", "c")),
        (b"a\x0cb\x0bc\xc2\x85d\n", ("a\\x0cb\\x0bc\\x85d",)),  # no ends of lines to Python
        (b"\n\n", ("", "")),
        (b"\xef\xbb\xbfx\n", ("x",)),
        (b"\xff\xfe", ("\ufffd\ufffd",)),
        (b"\tx", ("\tx",)),
        ("is_admin \u202e\u2066# no\u2069".encode(), ("is_admin \\u202e\\u2066# no\\u2069",)),
        (b"\x1b[31mred", ("\\x1b[31mred",)),
    ],
)
def test_lines_are_printable_and_counted_as_python_does(content: bytes, expected: tuple[str, ...]):
    assert lines_of(content) == expected


def test_what_holds_a_nul_is_no_text():
    assert lines_of(b"\x80\x02\0weights") is None


def test_long_lines_and_long_files_are_cut_with_a_note():
    wide = source_file("a.py", b"x" * 5_000 + b"\ny")
    assert wide.lines is not None
    assert [len(line) for line in wide.lines] == [files.MAX_LINE_CHARS + 2, 1]
    assert "1,000 characters" in wide.left_out
    long = source_file("a.py", b"x\n" * (files.MAX_LINES + 1))
    assert (len(long.lines or ()), "first 5,000 lines" in long.left_out) == (files.MAX_LINES, True)
    large = source_file("a.txt", b"y" * (files.MAX_TEXT_BYTES + 1))
    assert large.left_out


def test_a_hand_in_is_read_with_what_lies_outside_of_its_folder():
    archive = Archive(content=packed({"/essay.ipynb": b"{}", LOSS: b"1\n"}))
    read = read_hand_in(archive, "nn.zip", UNIT)
    assert (read.files[LOSS], read.elsewhere) == (b"1\n", {"essay.ipynb": b"{}"})
    assert read.content("essay.ipynb") == b"{}"
    assert read.content("../secret") is None


def test_an_archive_that_is_none_is_a_problem_not_an_error():
    read = read_hand_in(Archive(content=b"PK made up"), "nn.zip", UNIT)
    assert read.problem
    assert not read.files


def test_what_students_write_comes_first():
    paths = dict.fromkeys(("README.md", "g2c/__init__.py", "g2c/nn/train.py", "g2c/nn/a.py", "tests/t.py"))
    paths |= dict.fromkeys(f"g2c/nn/{name}" for name in UNIT.required_files)
    order = in_reading_order(paths, UNIT)
    assert order[: len(UNIT.required_files)] == [f"g2c/nn/{name}" for name in UNIT.required_files]
    assert order[-4:] == ["g2c/nn/a.py", "g2c/__init__.py", "tests/t.py", "README.md"]


def test_template_and_reference_have_the_same_module_in_two_states():
    assert template_of(UNIT)[LOSS] != reference_of(UNIT)[LOSS]
