"""Comments of staff on lines of a submission, and who sees them when."""

import pytest

from grader.db.models import AuditEvent, Comment, CourseUnit
from tests.cast import reference
from tests.reading.hand_ins import LOSS
from tests.web.forms import forms_in
from tests.web.handed_in import hand_in
from tests.web.reading import hand_in_files

TEXT = "Why not <b>log-sum-exp</b>?\nSee the lecture."


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def public_id(database, world) -> str:
    return hand_in_files(database, world, {LOSS: b"a = 1\nb = 2\n"})


def comment_on(browser, public_id, **fields):
    said = {"file": LOSS, "line": "2", "text": TEXT, **fields}
    return browser.post(f"/submissions/{public_id}/comments", data=said)


def only_comment(database) -> Comment:
    with database.reading() as session:
        return session.query(Comment).one()


def events(database) -> list[tuple[str, int | None, int | None]]:
    with database.reading() as session:
        return [(one.action, one.actor_id, one.concerns_id) for one in session.query(AuditEvent)]


def code_of(browser, public_id) -> str:
    return browser.get(f"/submissions/{public_id}/code").text


def test_a_comment_is_given_by_the_form_at_a_line_without_scripts(client_of, database, world, public_id):
    browser = client_of(world.tara)
    address = f"/submissions/{public_id}/code?file={LOSS}&line=2"
    forms = [form for form in forms_in(browser.get(address).text) if form["action"].endswith("/comments")]
    assert {"file": LOSS, "line": "2"}.items() <= forms[0]["fields"].items()
    answer = comment_on(browser, public_id)
    made = only_comment(database)
    assert answer.status_code == 303
    assert answer.location.endswith(f"#comment-{made.public_id}")
    assert (made.file, made.line, made.text, made.author_id) == (LOSS, 2, TEXT, world.tara.id)
    assert events(database) == [("comment.add", world.tara.id, world.ada.id)]


def test_the_student_is_told_and_reads_it_at_its_line(client_of, database, world, public_id):
    comment_on(client_of(world.tara), public_id)
    browser = client_of(world.ada)
    assert "There is 1 comment by the staff" in browser.get(f"/submissions/{public_id}").text
    page = code_of(browser, public_id)
    assert "Why not &lt;b&gt;log-sum-exp&lt;/b&gt;?" in page
    assert page.index(">2</a>") < page.index("Tara Rao") < page.index("</tbody>", page.index(">2</a>"))
    assert "Remove" not in page


def test_while_grades_are_withheld_only_staff_see_it(client_of, database, world, public_id):
    comment_on(client_of(world.tara), public_id)
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).are_grades_withheld = True
    assert "log-sum-exp" not in code_of(client_of(world.ada), public_id)
    assert "by the staff on your code" not in client_of(world.ada).get(f"/submissions/{public_id}").text
    assert "log-sum-exp" in code_of(client_of(world.ines), public_id)


def test_its_author_edits_and_removes_it_and_the_trail_keeps_all(client_of, database, world, public_id):
    browser = client_of(world.tara)
    comment_on(browser, public_id)
    address = f"/submissions/{public_id}/comments/{only_comment(database).public_id}"
    assert browser.post(address, data={"text": "Better."}).status_code == 303
    assert (only_comment(database).text, only_comment(database).edited_at is None) == ("Better.", False)
    assert browser.post(f"{address}/remove").status_code == 303
    assert "Better." not in code_of(browser, public_id)
    for gone in (address, f"{address}/remove"):
        assert browser.post(gone, data={"text": "x"}).status_code == 404
    assert [action for action, *_ in events(database)] == ["comment.add", "comment.edit", "comment.remove"]
    with database.reading() as session:
        assert session.query(AuditEvent).all()[1].details == {"before": TEXT, "after": "Better."}


def test_nobody_changes_another_s(client_of, database, world, public_id):
    comment_on(client_of(world.tara), public_id)
    address = f"/submissions/{public_id}/comments/{only_comment(database).public_id}"
    for person in (world.ines, world.abe, world.ada):
        for path in (address, f"{address}/remove"):
            assert client_of(person).post(path, data={"text": "x"}).status_code == 403
    (other,) = hand_in(database, world, reference(), person=world.ben)
    assert (
        client_of(world.tara).post(address.replace(public_id, other), data={"text": "x"}).status_code == 404
    )


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"text": "  "}, 303),
        ({"text": "x" * 4_001}, 303),
        ({"line": "3"}, 400),
        ({"line": "-1"}, 400),
        ({"line": "99999999999999999999"}, 400),
        ({"file": "none.py"}, 400),
        ({"file": "../x"}, 400),
        ({"file": "", "line": "1"}, 400),
    ],
)
def test_what_is_no_comment_is_refused(client_of, database, world, public_id, fields, status):
    assert comment_on(client_of(world.tara), public_id, **fields).status_code == status
    with database.reading() as session:
        assert session.query(Comment).count() == 0


def test_a_file_or_all_of_it_can_be_commented_on(client_of, database, world, public_id):
    browser = client_of(world.tara)
    comment_on(browser, public_id, line="0")
    comment_on(browser, public_id, file="", line="0", text="Well done.")
    page = code_of(browser, public_id)
    assert "Well done." in page
    assert "About no file in particular" in page
