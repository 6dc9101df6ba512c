"""POST /courses/<course>/<unit>/submissions"""

import io
from dataclasses import replace
from datetime import timedelta

import pytest

from grader.db.base import now
from grader.db.models import CourseUnit, GradingRun, Source, Submission
from grader.web.app import create_app
from tests.submissions.archives.packing import as_tar, as_zip, honest_tree

URL = "/courses/dl/nn/submissions"


def upload(browser, content, name="nn.zip", **fields):
    form = {"archive": (io.BytesIO(content), name), **fields}
    return browser.post(URL, data=form, content_type="multipart/form-data")


def rows(database, kind):
    with database.reading() as session:
        return session.query(kind).all()


@pytest.mark.parametrize(("pack", "name"), [(as_zip, "nn.zip"), (as_tar, "nn.tar.gz")])
def test_an_archive_becomes_a_submission_that_waits(client_of, database, world, queue, pack, name):
    answer = upload(client_of(world.ada), pack(honest_tree()), name)
    (submission,) = rows(database, Submission)
    assert (answer.status_code, answer.location) == (303, f"/submissions/{submission.public_id}")
    assert (submission.user_id, submission.number) == (world.ada.id, 1)
    assert (submission.source, submission.filename) == (Source.WEB, name)
    assert queue.waiting == [run.id for run in rows(database, GradingRun)]


def test_a_refusal_names_path_and_fix_on_the_same_page_and_uses_nothing(client_of, database, world):
    tree = {path: content for path, content in honest_tree().items() if not path.endswith("optim.py")}
    answer = upload(client_of(world.ada), as_zip(tree))
    assert answer.status_code == 422
    assert "Nothing was handed in yet, and no attempt is used" in answer.text
    assert "optim.py" in answer.text.partition("not-taken")[2].partition("</ul>")[0]
    assert "multipart/form-data" in answer.text
    assert rows(database, Submission) == []


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 broken"])
def test_what_is_no_archive_is_refused_plainly(client_of, database, world, content):
    answer = upload(client_of(world.ada), content)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_hostile_names_are_escaped(client_of, world):
    answer = upload(client_of(world.ada), b"x", "<img src=x onerror=alert(1)>.zip")
    assert answer.status_code == 422
    assert "<img" not in answer.text


def test_no_file_at_all_is_told(client_of, world):
    answer = client_of(world.ada).post(URL, data={})
    assert answer.status_code == 422
    assert "No file was chosen" in answer.text


def test_after_the_deadline_it_says_so_and_stores_nothing(client_of, database, world):
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).deadline_at = now() - timedelta(minutes=1)
    answer = upload(client_of(world.ada), as_zip(honest_tree()))
    assert answer.status_code == 409
    assert "took hand-ins until" in answer.text
    assert rows(database, Submission) == []


def test_a_double_click_hands_in_once_and_another_file_is_another_one(client_of, database, world):
    browser = client_of(world.ada)
    one, other = as_zip(honest_tree()), as_zip({**honest_tree(), "notes.txt": b"more"})
    first, again = (upload(browser, one, key="the form") for _ in range(2))
    assert first.location == again.location
    assert upload(browser, other, key="the form").location != first.location
    assert upload(browser, one, key="the form opened again").location != first.location
    assert [submission.number for submission in rows(database, Submission)] == [1, 2, 3]


def test_too_many_uploads_in_a_minute_are_slowed_down(settings, database, world, queue, client_of):
    app = create_app(replace(settings, uploads_per_minute=2), database, queue)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    browser = app.test_client()
    with browser.session_transaction() as session:
        session.update(user=world.ben.id, version=world.ben.session_version, since=now().timestamp())
    assert [upload(browser, b"x").status_code for _ in range(3)] == [422, 422, 429]


def test_a_form_without_its_token_is_refused(app, client_of, database, world):
    app.config["WTF_CSRF_ENABLED"] = True
    assert upload(client_of(world.ada), as_zip(honest_tree())).status_code == 400
    assert rows(database, Submission) == []


def test_what_is_far_too_big_is_refused_unread(app, client_of, database, world):
    app.config["MAX_HAND_IN_BYTES"] = 10_000
    answer = upload(client_of(world.ada), b"x" * 20_000)
    assert answer.status_code == 413
    assert "too big" in answer.text
