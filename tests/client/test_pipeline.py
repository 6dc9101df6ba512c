"""`grader submit --wait` as a pipeline runs it: the exit codes, and the reports it leaves."""

import json
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from grader.db.base import now
from grader.db.models import CourseUnit, GradingRun, RunState, Submission, User
from grader.jobs.queue import JobQueue
from grader.report import words
from grader.report.json_schema import validate_report
from tests import cast
from tests.client.conftest import Client, Site, interrupt
from tests.client.exit_codes import (
    BELOW,
    DONE,
    INTERRUPTED,
    NOT_GRADED,
    PROBLEM,
    REFUSED,
    REJECTED,
    TIMED_OUT,
    UNREACHABLE,
    USAGE,
)
from tests.jobs.workers import wait_until
from tests.people import enrol
from tests.service.serving import free_port

MakeWork = Callable[..., Path]


def newest_run(site: Site) -> tuple[GradingRun, str]:
    with site.database.reading() as session:
        run, public_id = session.execute(
            sa.select(GradingRun, Submission.public_id)
            .join(Submission, GradingRun.submission_id == Submission.id)
            .order_by(GradingRun.id.desc())
            .limit(1)
        ).one()
        return run, public_id


def wait_for_state(site: Site, state: RunState, before: int) -> None:
    wait_until(
        lambda: site.handed_in() > before and newest_run(site)[0].state is state, f"the newest run is {state}"
    )


def test_full_marks(client: Client, make_work: MakeWork, tmp_path: Path):
    reports = tmp_path / "reports"
    ended = client.run(
        make_work(), "--unit", "nn", "--wait", "--json", reports / "a.json", "--junit", reports / "a.xml"
    )
    assert ended.returncode == DONE, ended.stdout + ended.stderr
    for said in ("Packed 16 files", "Handed in: number", "100 of 100 points"):
        assert said in ended.stdout
    assert "\x1b" not in ended.stdout and "\r" not in ended.stdout  # plain lines without a terminal
    report = json.loads((reports / "a.json").read_text())
    validate_report(report)
    assert report["score"] == 100
    assert ElementTree.parse(reports / "a.xml").getroot().tag == "testsuites"


def test_below(client: Client, make_work: MakeWork):
    work = make_work(result="half_done")
    ended = client.run(work, "--unit", "nn", "--wait")
    assert ended.returncode == BELOW
    assert "34 of 100 points" in ended.stdout and "What to fix first" in ended.stdout
    assert client.run(work, "--unit", "nn", "--wait", "--min-score", 34).returncode == DONE
    assert client.run(work, "--unit", "nn", "--wait", "--min-score", 34.5).returncode == BELOW


def test_without_wait_handing_in_is_all(client: Client, site: Site, make_work: MakeWork):
    before = site.handed_in()
    ended = client.run(make_work(result="template"), "--unit", "nn")
    assert ended.returncode == DONE
    assert site.handed_in() == before + 1
    assert f"{site.address}/submissions/{newest_run(site)[1]}" in ended.stdout


def test_json_on_stdout_stands_alone(client: Client, make_work: MakeWork):
    ended = client.run(make_work(), "--unit", "nn", "--wait", "--json", "-")
    validate_report(json.loads(ended.stdout))
    assert "100 of 100 points" in ended.stderr


def test_rejected(client: Client, site: Site, make_work: MakeWork, tmp_path: Path):
    work, before = make_work(), site.handed_in()
    (work / "g2c/nn/loss.py").unlink()
    ended = client.run(
        work, "--unit", "nn", "--wait", "--junit", tmp_path / "a.xml", "--json", tmp_path / "a.json"
    )
    assert ended.returncode == REJECTED
    assert "g2c/nn/loss.py is missing" in ended.stdout and "[file-missing]" in ended.stdout
    assert site.handed_in() == before
    (error,) = ElementTree.parse(tmp_path / "a.xml").getroot().iter("error")
    assert error.get("type") == "file-missing"
    report = json.loads((tmp_path / "a.json").read_text())
    validate_report(report)
    assert report["status"] == "rejected"


def test_our_own_failure_is_no_score(client: Client, make_work: MakeWork, tmp_path: Path):
    work = make_work(problem="the sandbox is broken")
    ended = client.run(work, "--unit", "nn", "--wait", "--junit", tmp_path / "a.xml")
    assert ended.returncode == PROBLEM
    assert "not your work" in ended.stderr and "the sandbox is broken" not in ended.stdout
    assert next(ElementTree.parse(tmp_path / "a.xml").getroot().iter("error")).get("type") == "grader-problem"


def test_after_our_own_failure_the_same_command_tries_again(client: Client, site: Site, make_work: MakeWork):
    work, before = make_work(problem="the disk is full"), site.handed_in()
    assert client.run(work, "--unit", "nn", "--wait").returncode == PROBLEM
    for tries in (2, 3):
        again = client.run(work, "--unit", "nn", "--wait")
        assert again.returncode == PROBLEM and "same command" in again.stderr
        assert "was not graded. Handed in anew: number" in again.stdout
        assert site.handed_in() == before + tries


def test_refused_by_the_course(client: Client, site: Site, make_work: MakeWork):
    def close(at) -> None:
        with site.database.writing() as session:
            session.get_one(CourseUnit, site.world.unit.id).deadline_at = at

    close(now() - timedelta(minutes=1))
    try:
        ended = client.run(make_work(result="crashing"), "--unit", "nn", "--wait")
    finally:
        close(None)
    assert ended.returncode == REFUSED
    assert "This unit took hand-ins until" in ended.stderr


@pytest.mark.parametrize(("unit", "course"), [("rnn", "dl"), ("nn", "stats")])
def test_what_is_not_there_for_the_student(client: Client, make_work: MakeWork, unit: str, course: str):
    assert client.run(make_work(), "--unit", unit, "--course", course).returncode == REFUSED


def test_the_service_is_down(client: Client, make_work: MakeWork):
    nobody = f"http://127.0.0.1:{free_port()}"
    ended = client.run(make_work(), "--unit", "nn", "--wait", "--retries", 2, GRADER_SERVER=nobody)
    assert ended.returncode == UNREACHABLE
    assert "(1 of 2)" in ended.stdout and "(2 of 2)" in ended.stdout
    assert f"{nobody} can't be reached" in ended.stderr


class TestWaiting:
    def test_out_of_time(self, client: Client, site: Site, make_work: MakeWork, tmp_path: Path):
        go_on = tmp_path / "go-on"
        ended = client.run(make_work(wait_for=str(go_on)), "--unit", "nn", "--wait", "--timeout", 1)
        go_on.touch()
        assert ended.returncode == TIMED_OUT
        assert "Grading goes on" in ended.stderr and f"{site.address}/submissions/" in ended.stderr

    def test_interrupted_and_taken_up_again(
        self, client: Client, site: Site, make_work: MakeWork, tmp_path: Path
    ):
        go_on, before = tmp_path / "go-on", site.handed_in()
        work = make_work(wait_for=str(go_on))
        process = client.start(work, "--unit", "nn", "--wait")
        wait_for_state(site, RunState.RUNNING, before)
        assert process.stdout is not None
        for line in process.stdout:
            if "/submissions/" in line:  # it waits now
                break
        interrupt(process)
        stdout, stderr = process.communicate(timeout=120)
        assert process.returncode == INTERRUPTED, stderr
        assert "grading goes on" in stdout and "Traceback" not in stderr
        go_on.touch()
        again = client.run(work, "--unit", "nn", "--wait")
        assert again.returncode == DONE and "handed in already" in again.stdout
        assert site.handed_in() == before + 1

    def test_cancelled(self, client: Client, site: Site, make_work: MakeWork, tmp_path: Path):
        before, work = site.handed_in(), make_work(wait_for=str(tmp_path / "never"))
        process = client.start(work, "--unit", "nn", "--wait")
        wait_for_state(site, RunState.RUNNING, before)
        queue = JobQueue(site.database.engine.url.render_as_string(hide_password=False))
        with site.database.writing() as session:
            run = session.get_one(GradingRun, newest_run(site)[0].id)
            queue.cancel(session, run, session.get_one(User, site.world.ada.id), None)
        queue.close()
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == NOT_GRADED
        assert "cancelled" in stderr
        again = client.run(work, "--unit", "nn", "--wait")
        assert again.returncode == NOT_GRADED and "--again" in again.stderr

    def test_superseded_by_the_next_push(
        self, client: Client, site: Site, make_work: MakeWork, tmp_path: Path
    ):
        go_on, before = tmp_path / "go-on", site.handed_in()
        for token in (site.token(), site.token(site.world.ben)):  # the worker's two slots are taken
            busy = make_work(wait_for=str(go_on))
            assert client.run(busy, "--unit", "nn", "--course", "dl", GRADER_TOKEN=token).returncode == DONE
            before += 1
            wait_until(lambda: newest_run(site)[0].state is RunState.RUNNING, "the slot is taken")
        process = client.start(make_work(take=1), "--unit", "nn", "--wait")
        wait_for_state(site, RunState.QUEUED, before)
        assert client.run(make_work(take=2), "--unit", "nn").returncode == DONE
        _, stderr = process.communicate(timeout=120)
        go_on.touch()
        assert process.returncode == NOT_GRADED
        assert "took its place" in stderr and "same command" in stderr
        before, work = site.handed_in(), make_work(take=1)
        for _ in range(2):
            assert client.run(work, "--unit", "nn", "--wait").returncode == DONE
        assert site.handed_in() == before + 1


class TestOnce:
    """Nothing is handed in twice, unless it is asked for."""

    def test_the_same_bytes(self, client: Client, site: Site, make_work: MakeWork):
        work, before = make_work(take=1), site.handed_in()
        for _ in range(2):
            assert client.run(work, "--unit", "nn", "--wait").returncode == DONE
        assert site.handed_in() == before + 1
        assert client.run(work, "--unit", "nn", "--wait", "--again").returncode == DONE
        assert site.handed_in() == before + 2

    def test_the_reports_of_last_time_are_no_part_of_the_work(
        self, client: Client, site: Site, make_work: MakeWork, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.chdir(make_work(take="reports"))
        before = site.handed_in()
        for _ in range(2):
            ended = client.run(".", "--unit", "nn", "--wait", "--junit", "r.xml", "--json", "out/r.json")
            assert ended.returncode == DONE
        assert site.handed_in() == before + 1

    @pytest.mark.parametrize("variable", ["GITHUB_RUN_ID", "CI_PIPELINE_ID"])
    def test_in_every_pipeline_once(self, client: Client, site: Site, make_work: MakeWork, variable: str):
        work, before = make_work(take=variable), site.handed_in()
        for pipeline in ("7", "7", "8"):
            assert client.run(work, "--unit", "nn", **{variable: pipeline}).returncode == DONE
        assert site.handed_in() == before + 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--unit", "nn", "--min-score", "5"], "--wait"),
        (["--unit", "nn", "--junit", "a.xml"], "--wait"),
        (["--unit", "nn", "--server", "ftp://example.org"], "not an address"),
        (["--unit", "nn", "--server", "https://[bad"], "not an address"),
        (["--unit", "nn", "--server", "https://a..b"], "not an address"),
        (["--unit", "nn", "--server", "https://a:99999"], "not an address"),
        (["--unit", "nn", "--server", "https://127.0.0.1:1/ä"], "not an address"),
        (["--unit", "nn", "--server", "http://grader.example.org"], "no https"),
        (["--unit", "nn", "--server", "https://me:secret@grader.example.org"], "not an address"),
        ([], "--unit"),
    ],
)
def test_command_lines_that_make_no_sense(
    client: Client, make_work: MakeWork, arguments: list[str], said: str
):
    ended: subprocess.CompletedProcess[str] = client.run(make_work(), *arguments)
    assert ended.returncode == USAGE
    assert said in ended.stderr


def test_a_choice_of_courses_is_the_user_s(client: Client, site: Site, make_work: MakeWork):
    with site.database.writing() as session:
        enrol(session, site.world.other_course, site.world.ben)
    ended = client.run(make_work(), "--unit", "nn", GRADER_TOKEN=site.token(site.world.ben))
    assert ended.returncode == USAGE
    assert "dl, stats" in ended.stderr


def test_the_report_is_what_the_service_says(client: Client, make_work: MakeWork):
    """All failing tests of the report are told, with what to do."""
    ended = client.run(make_work(result="too_slow"), "--unit", "nn", "--wait", "--min-score", 0)
    assert ended.returncode == DONE
    for test in cast.too_slow().tests:
        assert test.outcome == "passed" or words.test_name(test) in ended.stdout
