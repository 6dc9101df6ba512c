"""The tables for people, Canvas and Moodle, and the files that they become."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from bench.gradebook.comparison import xlsx_cells
from grader.grades import exports, sheets
from grader.grades.grade import Basis
from tests.grades.made_up import EXCUSED, FAILED, NOTHING, WAITING, column, scored, student

COLUMNS = (column("nn", rubric=10.0), column("cnn"), column("secret", are_grades_withheld=True))
STUDENTS = [
    student(
        "Ada Byron", scored(29.7, 3, rubric=8.5), scored(0.1 + 0.2), scored(50.0), number="007", section="A"
    ),
    student("Ben Okri", EXCUSED, NOTHING, WAITING, ended_at=datetime(2026, 3, 31, 12, tzinfo=UTC)),
]


def test_the_own_table_holds_everything():
    header, ada, ben = exports.own_table(COLUMNS, STUDENTS)
    assert header[:8] == [*exports.OWN_PERSON, "nn score", "nn rubric", "nn points"]
    assert len(header) == len(ada) == len(ben)
    row = dict(zip(header, ada, strict=True))
    assert (row["nn score"], row["nn points"], row["nn days late"], row["nn note"]) == (29.7, 38.2, 3, None)
    assert (row["Student number"], row["Left on"]) == ("007", None)
    row = dict(zip(header, ben, strict=True))
    assert (row["nn note"], row["cnn note"], row["secret note"]) == (
        "excused",
        "not handed in",
        "being graded",
    )
    assert (row["cnn score"], row["Left on"]) == (None, "2026-03-31")
    assert (row["Total"], row["Possible"], row["Percent"]) == (0, 200.0, 0.0)


def test_canvas_gets_what_students_may_know_and_its_word_for_excused():
    header, possible, ada, ben = exports.canvas_table(COLUMNS, STUDENTS)
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Unit nn", "Unit cnn"]
    assert possible == ["    Points Possible", None, None, None, None, 110.0, 100.0]
    assert ada == ["Ada Byron", None, "007", "ada@example.org", "A", 38.2, 0.1 + 0.2]
    assert ben == ["Ben Okri", None, None, "ben@example.org", None, "EX", None]


def test_moodle_finds_people_by_number_or_address_and_is_told_of_no_zeros():
    header, ada, ben = exports.moodle_table(COLUMNS, STUDENTS)
    assert header == ["ID number", "Email address", "Full name", "Unit nn", "Unit cnn"]
    assert ada == ["007", "ada@example.org", "Ada Byron", 38.2, 0.1 + 0.2]
    assert ben == [None, "ben@example.org", "Ben Okri", None, None]


def test_what_is_not_published_is_not_told_and_equal_titles_are_told_apart():
    columns = (column("a", title="Same"), column("b", title="Same"), column("c", is_published=False))
    assert exports.moodle_table(columns, [])[0][3:] == ["Same [a]", "Same [b]"]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (scored(50.0), None),
        (scored(50.0, basis=Basis.DECIDED), "set by staff"),
        (scored(50.0, basis=Basis.CHOSEN), "chosen by staff"),
        (FAILED, "no score"),
    ],
)
def test_notes(cell, words):
    assert exports.note(cell) == words


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Ada", "Ada"),
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-Finn", "'-Finn"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("＝1+1", "'＝1+1"),
        ("Ada;=1+1", "Ada;'=1+1"),
        ("Ada\n@SUM(A1);-B2", "Ada\n'@SUM(A1);'-B2"),
        ("Ada = Byron; M-L", "Ada = Byron; M-L"),
        (" =1+1", "' =1+1"),
        ("\u00a0@SUM(A1)", "'\u00a0@SUM(A1)"),
        ('"=1+1', "'\"=1+1"),
        ("\ufeff+1+1", "'\ufeff+1+1"),
        ("' -", "'' -"),
        ("-12.5", "-12.5"),
        ("+1", "+1"),
        ("-1+1", "'-1+1"),
        ("", ""),
    ],
)
def test_no_text_becomes_a_formula(text, written):
    assert sheets.defused(text) == written


def test_csv_is_exact_and_excel_reads_its_letters():
    table: exports.Table = [["Name", "x"], ['Çağ, "G"', 0.1 + 0.2], ["=1", 95.0], [None, -3.5]]
    content = sheets.as_csv(table, for_excel=True)
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines == ["Name,x", '"Çağ, ""G""",0.30000000000000004', "'=1,95", ",-3.5", ""]
    assert sheets.as_csv(table)[:4] == b"Name"


def test_xlsx_holds_numbers_as_numbers_and_texts_as_texts():
    table: exports.Table = [["Name", "Number", "x"], ["=1+1", "007", 33.33], ["Çağla", None, 2.0]]
    content = sheets.as_xlsx(table, "A/B: [course] " * 9)
    assert xlsx_cells(content) == [["Name", "Number", "x"], ["=1+1", "007", 33.33], ["Çağla", None, 2.0]]
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in sheet
    assert "<f>" not in sheet
