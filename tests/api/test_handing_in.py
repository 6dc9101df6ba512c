"""POST /submissions: what is taken, what is not, and what comes back."""

import io
from datetime import timedelta

import sqlalchemy as sa

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Course, CourseUnit, GradingRun, RunState, Scope, Source, Submission
from tests.api.client import ApiClient, code_of, honest_archive
from tests.api.conftest import ClientOf
from tests.people import World
from tests.submissions.archives.packing import as_zip


def stored(database: Database) -> list[Submission]:
    with database.reading() as session:
        return list(session.scalars(sa.select(Submission)))


def change_unit(database: Database, world: World, **fields: object) -> None:
    with database.writing() as session:
        session.execute(sa.update(CourseUnit).where(CourseUnit.id == world.unit.id).values(**fields))


def test_what_was_handed_in_is_stored_and_queued(ada: ApiClient, world: World, database: Database):
    answer = ada.hand_in()
    assert answer.status_code == 202
    said = answer.get_json()
    (submission,) = stored(database)
    assert said == {
        "id": submission.public_id,
        "course": "dl",
        "unit": "nn",
        "number": 1,
        "is_late": False,
        "urls": {
            "self": f"https://grader.example.org/api/v1/submissions/{submission.public_id}",
            "report": f"https://grader.example.org/api/v1/submissions/{submission.public_id}/report",
            "events": f"https://grader.example.org/api/v1/submissions/{submission.public_id}/events",
            "page": f"https://grader.example.org/submissions/{submission.public_id}",
        },
    }
    assert answer.headers["Location"] == said["urls"]["self"]
    assert (submission.user_id, submission.source) == (world.ada.id, Source.API)
    with database.reading() as session:
        assert session.scalars(sa.select(GradingRun.state)).one() is RunState.QUEUED


def test_a_repetition_under_the_same_key_gives_the_same_answer(ada: ApiClient, database: Database):
    archive = honest_archive()
    first, again = ada.hand_in(archive, key="abc"), ada.hand_in(archive, key="abc")
    assert (first.status_code, first.get_json()) == (again.status_code, again.get_json())
    assert first.headers["Location"] == again.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(stored(database)) == 1


def test_another_hand_in_under_the_same_key_is_a_mistake(ada: ApiClient, database: Database):
    ada.hand_in(key="abc")
    answer = ada.hand_in(key="abc")
    assert (answer.status_code, code_of(answer)) == (422, "key-reused")
    assert len(stored(database)) == 1


def test_two_people_may_choose_the_same_key(ada: ApiClient, client_of: ClientOf, world: World):
    mine, other = ada.hand_in(key="1"), client_of(world.ben).hand_in(key="1")
    assert mine.get_json()["id"] != other.get_json()["id"]


def test_a_refused_archive_names_every_reason(ada: ApiClient, database: Database):
    answer = ada.hand_in(as_zip({"g2c/nn/modules.py": b"x", "a/../../b": b"", "c\\d": b""}))
    assert (answer.status_code, code_of(answer)) == (422, "rejected")
    reasons = answer.get_json()["rejected"]
    assert {"unsafe-path", "backslash-path"} <= {reason["code"] for reason in reasons}
    assert all(reason["text"] for reason in reasons)
    assert stored(database) == []


def test_what_is_no_archive_is_refused(ada: ApiClient):
    answer = ada.hand_in(b"hello")
    assert [reason["code"] for reason in answer.get_json()["rejected"]] == ["not-an-archive"]


def test_after_the_deadline_it_is_late_and_after_that_closed(
    ada: ApiClient, world: World, database: Database
):
    yesterday, tomorrow = now() - timedelta(days=1), now() + timedelta(days=1)
    change_unit(database, world, deadline_at=yesterday, late_until_at=tomorrow)
    assert ada.hand_in().get_json()["is_late"] is True
    change_unit(database, world, late_until_at=None)
    answer = ada.hand_in()
    assert (answer.status_code, code_of(answer)) == (409, "closed")


def test_before_it_opens_nothing_is_taken(ada: ApiClient, world: World, database: Database):
    change_unit(database, world, opens_at=now() + timedelta(days=1))
    answer = ada.hand_in()
    assert (answer.status_code, code_of(answer)) == (409, "not-open-yet")


def test_attempts_end(ada: ApiClient, world: World, database: Database):
    change_unit(database, world, max_attempts=1)
    with database.writing() as session:
        session.get_one(Course, world.course.id).supersedes_queued = False
    assert ada.hand_in().status_code == 202
    answer = ada.hand_in()
    assert (answer.status_code, code_of(answer)) == (409, "no-attempts-left")


def test_one_who_is_no_member_may_know_of_nothing(client_of: ClientOf, world: World):
    for person in (world.olaf, world.cora):
        answer = client_of(person).hand_in()
        assert (answer.status_code, code_of(answer)) == (404, "not-found")


def test_staff_who_are_no_members_see_the_unit_but_do_not_hand_in(client_of: ClientOf, world: World):
    answer = client_of(world.abe, Scope.SUBMIT, Scope.STAFF).hand_in()
    assert (answer.status_code, code_of(answer)) == (403, "not-a-member")


def test_missing_and_unknown_fields_are_all_named(ada: ApiClient):
    answer = ada.post(
        "/submissions", data={"course": "d/l", "cours": "dl"}, content_type="multipart/form-data"
    )
    assert (answer.status_code, code_of(answer)) == (422, "invalid-request")
    assert {error["name"] for error in answer.get_json()["errors"]} == {"course", "cours", "unit", "archive"}


def test_a_field_given_twice_is_a_mistake(ada: ApiClient):
    answer = ada.hand_in(course=["dl", "other"])
    assert [error["text"] for error in answer.get_json()["errors"]] == ["given more than once"]


def test_an_archive_that_is_no_file_is_a_mistake(ada: ApiClient):
    answer = ada.hand_in("text")
    assert [error["name"] for error in answer.get_json()["errors"]] == ["archive"]


def test_another_body_than_a_form_is_not_understood(ada: ApiClient):
    answer = ada.post("/submissions", json={"course": "dl"})
    assert (answer.status_code, code_of(answer)) == (415, "unsupported-media-type")


def test_a_body_that_ends_too_early_is_malformed(ada: ApiClient):
    head = b'--x\r\nContent-Disposition: form-data; name="course"\r\n\r\nd'
    answer = ada.post(
        "/submissions",
        input_stream=io.BytesIO(head),
        environ_overrides={"CONTENT_LENGTH": "9000"},
        content_type="multipart/form-data; boundary=x",
    )
    assert (answer.status_code, code_of(answer)) == (400, "malformed")


def test_a_body_that_is_too_large_is_not_read(ada: ApiClient):
    limit = ada.app.config["MAX_HAND_IN_BYTES"]
    answer = ada.post(
        "/submissions",
        input_stream=io.BytesIO(b""),
        environ_overrides={"CONTENT_LENGTH": str(limit + 1)},
        content_type="multipart/form-data; boundary=x",
    )
    assert (answer.status_code, code_of(answer)) == (413, "too-large")


def test_a_malformed_key_is_told(ada: ApiClient):
    answer = ada.hand_in(key="a b")
    assert (answer.status_code, code_of(answer)) == (422, "invalid-request")


def test_a_file_s_name_is_kept_without_folders_and_what_does_not_print(ada: ApiClient, database: Database):
    ada.hand_in((io.BytesIO(honest_archive()), "home/me/n\x00\x1bn.zip"))
    (submission,) = stored(database)
    assert submission.filename == "nn.zip"
