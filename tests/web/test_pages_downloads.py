"""GET /submissions/<public_id>/archive and report.{json,xml,html}"""

import json
from xml.etree import ElementTree

import pytest

from grader.db.models import RunState
from grader.report.json_schema import validate_report
from tests.cast import half_done
from tests.gradescope.schema import parse_results
from tests.web.handed_in import hand_in


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"PK\x03\x04...", "nn-1.zip", "application/zip"),
        (b"\x1f\x8b\x08...", "nn-1.tar.gz", "application/gzip"),
        (b"./g2c/...", "nn-1.tar", "application/x-tar"),
    ],
)
def test_the_archive_comes_back_as_it_was_under_a_safe_name(client_of, database, world, content, name, kind):
    (public_id,) = hand_in(
        database, world, half_done(), content=content, filename='x";\r\nSet-Cookie: a=b; <script>.html'
    )
    answer = client_of(world.ada).get(f"/submissions/{public_id}/archive")
    assert answer.data == content
    assert answer.mimetype == kind
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


def test_staff_get_files_named_after_the_student(client_of, database, world):
    (public_id,) = hand_in(database, world, half_done())
    answer = client_of(world.tara).get(f"/submissions/{public_id}/archive")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Ada-Byron-nn-1.zip"'


def test_reports_hold_what_their_reader_may_see(client_of, database, world):
    (public_id,) = hand_in(database, world, half_done())
    for kind in ("json", "xml", "html"):
        student = client_of(world.ada).get(f"/submissions/{public_id}/report.{kind}")
        staff = client_of(world.tara).get(f"/submissions/{public_id}/report.{kind}")
        assert student.headers["Content-Disposition"] == f'attachment; filename="nn-1-report.{kind}"'
        said = "raised in optim.py, line 31"
        assert student.text.count(said) < staff.text.count(said)
        assert "log_softmax is used" not in student.text
    validate_report(json.loads(client_of(world.ada).get(f"/submissions/{public_id}/report.json").data))
    ElementTree.fromstring(client_of(world.ada).get(f"/submissions/{public_id}/report.xml").data)


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING, RunState.CANCELLED])
def test_before_there_is_a_report_there_is_none(client_of, database, world, state):
    (public_id,) = hand_in(database, world, state)
    assert client_of(world.ada).get(f"/submissions/{public_id}/report.json").status_code == 404


def test_a_problem_of_ours_has_a_plain_report(client_of, database, world):
    (public_id,) = hand_in(database, world, RunState.PROBLEM)
    report = json.loads(client_of(world.ada).get(f"/submissions/{public_id}/report.json").data)
    assert report["status"] == "grader_problem"
    assert "bwrap" not in report["problem"]


def test_other_formats_do_not_exist(client_of, database, world):
    (public_id,) = hand_in(database, world, half_done())
    assert client_of(world.ada).get(f"/submissions/{public_id}/report.pdf").status_code == 404


def test_gradescope_s_results_are_a_file_too(client_of, database, world):
    (public_id,) = hand_in(database, world, half_done())
    path = f"/submissions/{public_id}/report.gradescope.json"
    assert path in client_of(world.ada).get(f"/submissions/{public_id}").text
    student, staff = client_of(world.ada).get(path), client_of(world.tara).get(path)
    assert student.headers["Content-Disposition"] == 'attachment; filename="nn-1-results.json"'
    assert {entry["visibility"] for entry in parse_results(student.text)["tests"]} == {"visible"}
    assert "after_due_date" in {entry["visibility"] for entry in parse_results(staff.text)["tests"]}


def test_of_a_problem_of_ours_gradescope_gets_nothing(client_of, database, world):
    (public_id,) = hand_in(database, world, RunState.PROBLEM)
    path = f"/submissions/{public_id}/report.gradescope.json"
    assert client_of(world.tara).get(path).status_code == 404
    assert path not in client_of(world.tara).get(f"/submissions/{public_id}").text
