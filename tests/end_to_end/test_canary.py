"""A canary through the whole service: planted in hidden tests, seen by no student in any form.

A real web server, a real worker, a real sandbox. Word, number and labels stand in the hidden tests' source,
in what they expect and in what they hand to the student's code. Three hand-ins come by three ways: one tells
all that it is given, one fails so that assertions show what they compare, one crashes. Then all that students
can get at is fetched and searched, and so are the logs. The unit shows of hidden tests what a unit can show.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
import sqlalchemy as sa
from flask.testing import FlaskClient

from grader.db.base import now
from grader.db.database import Database, open_database
from grader.db.models import CommitStatus, GradingRun, RunState, Submission, Task, TaskState, User
from grader.errors import SandboxUnavailable
from grader.grading import prepared_sandbox
from grader.jobs.queue import JobQueue
from grader.pushes import statuses
from grader.report.html import render_html
from grader.results.reports import standing_run, whole_report
from grader.settings import CHECKOUT, Settings, load_settings
from grader.web.app import create_app
from grader.webhooks.messages import body_of, grade_ready
from redteam.canary import Canary
from tests.end_to_end.canary_unit import CRASHING, FAILING, TELLING, hand_in, make_unit
from tests.git.client import Workplace
from tests.integrations import KEY, make_delivery, make_link, make_push, make_webhook
from tests.jobs.workers import PATIENCE_S, wait_until
from tests.people import World, make_world
from tests.service.serving import Serving, serving
from tests.submissions.archives.packing import as_zip
from tests.web.routes import TABLE, Expected
from tests.web.test_routes import Scene, ask

STUDENTS = ("ada", "ben", "former", "cora", "olaf", "nobody")
OF_A_SUBMISSION = "<public_id>"


@dataclass
class Graded:
    """The service after three hand-ins of Ada's, and what was said of them meanwhile, by where."""

    canary: Canary
    serving: Serving
    database: Database
    settings: Settings
    world: World
    scene: Scene
    said: dict[str, bytes] = field(default_factory=dict)

    def submissions(self) -> list[str]:
        with self.database.reading() as session:
            rows = session.query(Submission).filter_by(user_id=self.world.ada.id).order_by(Submission.number)
            return [row.public_id for row in rows][1:]  # the first is the scene's

    def wait_for(self, number: int) -> str:
        """Wait until so many hand-ins are graded; return the last one's public id."""
        wait_until(lambda: len(self.submissions()) == number, f"hand-in {number} has come")
        public_id = self.submissions()[-1]

        def is_over() -> bool:
            with self.database.reading() as session:
                submission = session.query(Submission).filter_by(public_id=public_id).one()
                return standing_run(session, submission.id).state is RunState.GRADED

        wait_until(is_over, f"hand-in {number} is graded")
        return public_id

    def crawl(self, *people: str) -> dict[str, bytes]:
        """Ask for all there is to ask for as these people; return the answers, the same ones once."""
        app = create_app(self.settings, self.database, JobQueue(self.settings.database))
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)

        def client_of(person: User | None) -> FlaskClient:
            browser = app.test_client()
            if person is not None:
                with browser.session_transaction() as session:
                    session.update(user=person.id, version=person.session_version, since=now().timestamp())
            return browser

        found: dict[bytes, str] = {}
        for route in TABLE:
            method, rule = route.split(" ", 1)
            if method != "GET" or rule.startswith("/assets"):
                continue
            for public_id in self.submissions() if OF_A_SUBMISSION in rule else [self.submissions()[-1]]:
                self.scene.values["public_id"] = public_id
                for kind in ("json", "xml", "html") if "kind" in rule else ("json",):
                    self.scene.values["kind"] = kind
                    for person in people:
                        with ask(app, client_of, self.scene, Expected(method, rule, person, "ok")) as answer:
                            head = "\n".join(f"{name}: {value}" for name, value in answer.headers)
                            found.setdefault(
                                answer.data, f"{person} {rule} {public_id} {kind} {answer.status_code}"
                            )
                            found.setdefault(head.encode(), f"head: {person} {rule} {public_id}")
        return {name: data for data, name in found.items()}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    try:
        prepared_sandbox(None, load_settings(), lambda line: None)
    except SandboxUnavailable as error:
        pytest.skip(f"no sandbox: {error}")
    folder, canary = tmp_path_factory.mktemp("canary"), Canary.drawn()
    root = make_unit(folder / "units", canary)
    with serving(folder / "service", units_root=root, secret_key=KEY) as started:
        started.wait_until_ready()
        url = f"sqlite:///{folder / 'service' / 'grader.sqlite'}"
        database = open_database(url)
        settings = Settings(
            data_dir=load_settings().data_dir, database_url=url, secret_key=KEY, units_root=root
        )
        world = make_world(database)
        with database.writing() as session:
            scene = Scene(session, world)
            session.query(Task).update({"state": TaskState.CANCELLED})  # the worker has other things to do
        yield _handed_in(Graded(canary, started, database, settings, world, scene), root, folder)
        database.close()


def _handed_in(graded: Graded, root: Path, folder: Path) -> Graded:
    """Hand in by the three ways, one after the other, and keep what each of them says."""
    token, host = graded.scene.bearers["ada"], graded.serving.address
    bearer = {"Authorization": f"Bearer {token}"}

    place = f"git/dl/nn/{graded.world.ada.email}.git"
    repository = (
        f"http://{quote(graded.world.ada.email, safe='')}:{token}@{host.removeprefix('http://')}/{place}"
    )
    work = Workplace(folder / "work", repository)
    work.commit(hand_in(root, TELLING))
    pushing = work.start("push", "grader", "main")
    graded.said["git push"] = pushing.communicate(timeout=3 * PATIENCE_S)[1].encode()
    graded.wait_for(1)

    archive = {"archive": ("nn.zip", as_zip(hand_in(root, FAILING)))}
    fields = {"course": "dl", "unit": "nn"}
    headers = {**bearer, "Idempotency-Key": "failing"}
    requests.post(f"{host}/api/v1/submissions", files=archive, data=fields, headers=headers, timeout=60)
    wait_until(lambda: len(graded.submissions()) == 2, "the second hand-in has come")
    address, events = f"{host}/api/v1/submissions/{graded.submissions()[-1]}/events", b""
    while b"event: result" not in events:  # a stream ends after a while, and one asks again
        events += requests.get(address, headers=bearer, timeout=300).content
    graded.said["live events"] = events
    graded.wait_for(2)

    mine = folder / "mine"
    for name, content in hand_in(root, CRASHING).items():
        (mine / name).parent.mkdir(parents=True, exist_ok=True)
        (mine / name).write_bytes(content)
    options = ["--unit", "nn", "--course", "dl", "--wait", "--json", "report.json", "--junit", "report.xml"]
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "submit", str(mine), "--server", host, *options],
        cwd=folder,
        env=os.environ | {"GRADER_TOKEN": token, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
    )
    graded.said["grader submit"] = done.stdout + done.stderr
    for name in ("report.json", "report.xml"):
        graded.said[f"grader submit, {name}"] = (folder / name).read_bytes()
    graded.wait_for(3)
    return graded


def found(canary: Canary, said: dict[str, bytes]) -> dict[str, list[str]]:
    """Return where the canary is, and in which forms."""
    return {name: forms for name, data in said.items() if (forms := canary.found_in(data))}


def test_the_hand_ins_did_what_they_were_to_do(graded: Graded):
    """The hidden tests failed, by the ways that show something, and all three ways told of it."""
    with graded.database.reading() as session:
        messages = {
            test.message_for_students
            for run in session.query(GradingRun).filter(GradingRun.state == RunState.GRADED)
            for test in (whole_report(session, run) or pytest.fail("no report")).tests
            if "test_planted" in test.id
        }
    assert {"The layer is not x W + b.", "The result is not what it should be."} <= messages
    assert any(message and message.startswith("Your code raised ValueError.") for message in messages)
    assert any(message and "crashed" in message for message in messages)
    for place, text in {"git push": "Score", "live events": "result", "grader submit": "points"}.items():
        assert text.lower() in graded.said[place].decode().lower(), graded.said[place].decode()[-2000:]


def test_no_way_of_handing_in_tells_the_canary(graded: Graded):
    assert found(graded.canary, graded.said) == {}


def test_nothing_that_students_can_fetch_holds_the_canary(graded: Graded):
    seen = graded.crawl(*STUDENTS)
    shown = b"".join(seen.values())
    assert b"test_what_is_handed_to_the_code" in shown  # names are shown, and so would be what stood beside
    assert b"The layer is not x W + b." in shown
    assert found(graded.canary, seen) == {}


def test_hosts_and_webhooks_are_told_nothing_of_it(graded: Graded):
    said = {}
    with graded.database.writing() as session:
        webhook = make_webhook(session, graded.world.course)
        link = make_link(session, graded.world.unit, graded.world.tara, token="t")
        link.reports_status = True
        for number, public_id in enumerate(graded.submissions()):
            submission = session.query(Submission).filter_by(public_id=public_id).one()
            payload = grade_ready(standing_run(session, submission.id))
            delivery = make_delivery(session, webhook, payload=payload)
            said[f"webhook {number}"] = body_of(delivery, graded.settings.public_url)
            push = make_push(session, link, "a", f"b{number}", submission_id=submission.id)
            statuses.tell_of_hand_in(session, push)
        for number, status in enumerate(session.scalars(sa.select(CommitStatus))):
            said[f"status {number}"] = f"{status.wanted} {status.description}".encode()
    assert len(said) == 6
    assert found(graded.canary, said) == {}


def test_no_log_holds_it(graded: Graded):
    assert "request" in graded.serving.log
    assert found(graded.canary, {"log": graded.serving.log_file.read_bytes()}) == {}


def test_the_search_finds_what_staff_see(graded: Graded):
    """Controls: the page of a TA shows the whole message, and a rendering without the filter leaks it."""
    places = found(graded.canary, graded.crawl("tara"))
    assert any("tara /submissions/" in place for place in places)
    with graded.database.reading() as session:
        submission = session.query(Submission).filter_by(public_id=graded.submissions()[0]).one()
        whole = whole_report(session, standing_run(session, submission.id))
        assert whole is not None
        assert graded.canary.found_in(render_html(whole, "unit").encode())
