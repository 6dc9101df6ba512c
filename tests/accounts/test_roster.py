"""A course's list is read as spreadsheets write it; what is wrong is told by line."""

import pytest

from grader.accounts.roster import MAX_BYTES, MAX_ROWS, Problem, Row, read_roster
from grader.db.models import Role

LIST = """\
email,name,role,student number,section
ada@example.org,Ada Byron,,1815,A
ben@example.org,Ben Øyen,ta,,
"""
ADA = Row(2, "ada@example.org", "Ada Byron", None, "1815", "A")
BEN = Row(3, "ben@example.org", "Ben Øyen", Role.TA, None, None)


def texts(content: str) -> list[str]:
    return [f"{problem.line}: {problem.text}" for problem in read_roster(content.encode()).problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_way_that_spreadsheets_save_is_read(encoding: str, separator: str, line_end: str):
    content = LIST.replace(",", separator).replace("\n", line_end).encode(encoding)
    roster = read_roster(content)
    assert roster.problems == ()
    assert roster.rows == (ADA, BEN)


def test_utf_16_without_its_mark_is_told():
    assert read_roster(LIST.encode("utf-16-le")).problems[0].text.startswith("This is not a text file")


def test_a_guessed_encoding_is_told():
    assert read_roster(LIST.encode("cp1252")).encoding == "windows-1252"
    assert read_roster(LIST.encode()).encoding == "utf-8"


def test_excels_note_of_the_separator_is_understood():
    roster = read_roster(b"sep=;\nemail;name\na@example.org;Byron, Ada\n")
    assert [(row.line, row.name) for row in roster.rows] == [(3, "Byron, Ada")]


@pytest.mark.parametrize(
    "header",
    ["E-Mail,Full Name", "Email Address,Name", "e_mail , NAME ", '"mail","Student Name"'],
)
def test_columns_go_by_many_names(header: str):
    (row,) = read_roster(f"{header}\nada@example.org,Ada\n".encode()).rows
    assert (row.email, row.name) == ("ada@example.org", "Ada")


def test_a_name_may_come_in_two_columns():
    (row,) = read_roster(b"Last name,First name,Email\nByron,Ada,ada@example.org\n").rows
    assert row.name == "Ada Byron"


def test_columns_that_mean_nothing_are_named():
    roster = read_roster(b"email,name,favourite colour,\nada@example.org,Ada,blue,\n")
    assert roster.ignored == ("favourite colour",)
    assert roster.problems == ()


def test_addresses_are_lower_case_and_cells_are_trimmed():
    (row,) = read_roster("email,name\n Ada@Example.ORG ,\u00a0Ada   Byron \n".encode()).rows
    assert (row.email, row.name) == ("ada@example.org", "Ada Byron")


def test_empty_lines_are_left_out_and_lines_keep_their_number():
    roster = read_roster(b"\nemail,name\n\n,,\nada@example.org,Ada\n")
    assert [row.line for row in roster.rows] == [5]


def test_a_quoted_line_break_is_counted():
    problems = texts('email,name\n"ada@example.org","Ada\nByron"\nben@,Ben\n')
    assert problems == [
        "3: A cell holds a line break or another sign that can't be shown.",
        "4: “ben@” is no e-mail address.",
    ]


def test_all_problems_are_told_at_once_by_line():
    assert texts(
        "email,name,role\n"
        "ada@example.org,Ada,student\n"
        ",Ben,\n"
        "not an address,Cora,\n"
        "dan@example.org,Dan,boss\n"
        "ADA@example.org,Ada again,\n"
        "eve@example.org,Eve,ta,what,is,this\n"
    ) == [
        "3: The e-mail address is missing.",
        "4: “not an address” is no e-mail address.",
        "5: “boss” is no role. Use student, ta or instructor.",
        "6: ada@example.org is in line 2 already.",
        "7: There are 6 cells, but 3 columns. Is a quotation mark missing?",
    ]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"name,role\nAda,ta\n", "no column “email”"),
        (b"ada@example.org,Ada\n", "no column “email”"),
        (b"email,name\n", "no people"),
        (b"email,e-mail\na@example.org,b@example.org\n", "Two columns mean “email”"),
        (b"PK\x03\x04 a workbook", "Excel workbook"),
        (b"email\n\0\n", "not a text file"),
        (b"email\n" + b"x" * MAX_BYTES, "bigger than 1 MB"),
        (b"email\n" + b"a@example.org\n" * (MAX_ROWS + 1), "More than 5000 people"),
        (b"email,name\na@example.org," + b"x" * 201 + b"\n", "more than 200 characters"),
        ("email,name\na@example.org,evil\u202eeman\n".encode(), "can't be shown"),
        (b'email,name\n"a@example.org,' + b"x" * 140_000, "is not CSV"),
    ],
)
def test_a_file_that_makes_no_sense_is_told_why(content: bytes, word: str):
    roster = read_roster(content)
    assert roster.rows == () or roster.problems
    assert word in roster.problems[0].text


def test_with_problems_the_others_are_not_lost_from_sight():
    roster = read_roster(b"email,name\nada@example.org,Ada\nben,Ben\n")
    assert roster.problems == (Problem(3, "“ben” is no e-mail address."),)
