"""Where a text of somebody's choice gets into this grader: each place stores it and names its pages.

What people type is stored past the checks that forms make, and what the judge cleans is stored uncleaned:
pages must hold without them.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from grader.accounts.invitations import invite
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import (
    ApiToken,
    Course,
    CourseUnit,
    DecisionKind,
    Enrolment,
    PushState,
    Role,
    RubricItem,
    RubricMark,
    RunEvent,
    RunState,
    User,
    WebhookAttempt,
    WebhookDelivery,
)
from grader.grades import allowances, decisions
from grader.judging.result import GradingResult, Hint, Rejection, ReviewFlag
from grader.pushes.receiving import receive
from grader.reading import comments
from redteam.web_target import Shown
from tests.cast import half_done
from tests.integrations import SEALER, SECRET, full, make_link, make_push
from tests.people import World, enrol, make_run, make_submission
from tests.reading.hand_ins import code, display, markdown, notebook, packed
from tests.results.events import EVENTS
from tests.web.test_routes import Scene

EVERYWHERE = Shown("staff", "")  # on every page there is
LOSS = "g2c/nn/loss.py"


class Planter:
    """Stores texts in one site's database."""

    def __init__(self, database: Database, world: World, scene: Scene):
        self.database = database
        self.world = world
        self.scene = scene

    def submission(self, files: dict[str, bytes] | None = None, **fields: Any) -> str:
        """Store a hand-in of Ada's without a run; return its public id."""
        with self.database.writing() as session:
            content = packed(files)
            return make_submission(session, self.world.unit, self.world.ada, content, **fields).public_id

    def graded(self, result: GradingResult, **fields: Any) -> str:
        """Store a hand-in of Ada's with this result; return its public id."""
        with self.database.writing() as session:
            submission = make_submission(session, self.world.unit, self.world.ada, packed(), **fields)
            make_run(session, submission, result)
            return submission.public_id


def _message(planter: Planter, texts: list[str]) -> list[Shown]:
    """Exception texts, assertion messages, hints, flags, notes: all that a report quotes."""
    result = half_done()
    whole = "\n".join(texts)
    tests = tuple(
        replace(test, message=texts[number % len(texts)], hint=Hint("x", texts[number % len(texts)]))
        for number, test in enumerate(result.tests)
    )
    planted = planter.graded(
        replace(
            result,
            tests=tests,
            review=tuple(ReviewFlag("off-limits-api", LOSS, 1, text) for text in texts),
            notes=tuple(texts),
            ignored=tuple(texts),
            rejected=tuple(Rejection("x", text, text) for text in texts),
            provenance={**result.provenance, "platform": whole},
        )
    )
    return _report_pages(planted)


def _test_name(planter: Planter, texts: list[str]) -> list[Shown]:
    result = half_done()
    named = [replace(result.tests[0], id=f"tests/test_nn.py::test_x[{text}]", group=text) for text in texts]
    return _report_pages(planter.graded(replace(result, tests=(*result.tests, *named))))


def _report_pages(public_id: str) -> list[Shown]:
    page = f"/submissions/{public_id}"
    ends = ("", "/report.html", "/report.json", "/report.xml", "/report.gradescope.json")
    both = [Shown(person, page + end) for person in ("student", "staff") for end in ends]
    more = ("/log", "/code", "/diff")
    desk = ("review", "nn/analytics", "gradebook")
    return [
        *both,
        *(Shown("staff", page + end) for end in more),
        *(Shown("staff", f"/courses/dl/{each}") for each in desk),
    ]


def _live(planter: Planter, texts: list[str]) -> list[Shown]:
    """Events of a run that goes on: on its page, in its fragment, in its stream."""
    with planter.database.writing() as session:
        submission = make_submission(session, planter.world.unit, planter.world.ada, packed())
        run = make_run(session, submission, state=RunState.RUNNING)
        for number, kind, data in EVENTS[:-2]:
            text, said = texts[number % len(texts)], json.loads(json.dumps(data))
            if kind == "test":
                said["result"] |= {"id": f"tests/test_nn.py::test[{text}]", "message": text, "group": text}
            elif kind == "phase":
                said["title"] = " ".join(texts)
            session.add(RunEvent(run_id=run.id, fence=run.fence, number=number, kind=kind, data=said))
        path = f"/submissions/{submission.public_id}"
    return [Shown(person, path + end) for person in ("student", "staff") for end in ("", "/progress")]


def _problem(planter: Planter, texts: list[str]) -> list[Shown]:
    with planter.database.writing() as session:
        submission = make_submission(session, planter.world.unit, planter.world.ada, packed())
        make_run(session, submission, state=RunState.PROBLEM, problem=" ".join(texts))
        path = f"/submissions/{submission.public_id}"
    return [Shown("student", path), Shown("staff", path), Shown("staff", f"{path}/log")]


def _upload_name(planter: Planter, texts: list[str]) -> list[Shown]:
    ids = [planter.graded(half_done(), filename=text) for text in texts]
    pages = [Shown("staff", f"/submissions/{each}") for each in ids]
    return [*pages, Shown("student", "/courses/dl/nn/"), Shown("staff", "/courses/dl/nn/submissions")]


def _path(planter: Planter, texts: list[str]) -> list[Shown]:
    files = {f"g2c/nn/{text}{end}": b"x = 1\n" for text in texts for end in (".py", ".txt", ".ipynb")}
    return _code_pages(planter.submission(files))


def _code(planter: Planter, texts: list[str]) -> list[Shown]:
    source = "\n".join(f"x = 1  # {text}\ny = '''{text}'''\n{text}" for text in texts)
    return _code_pages(planter.submission({LOSS: source.encode(), "g2c/nn/readme.md": source.encode()}))


def _code_pages(public_id: str) -> list[Shown]:
    page = f"/submissions/{public_id}"
    ends = ("/code", "/diff", "/diff?view=unified&whole=1", "/notebook")
    return [Shown(person, page + end) for person in ("student", "staff") for end in ends]


def _notebook(planter: Planter, texts: list[str]) -> list[Shown]:
    """Texts in markdown cells, in raw ones, in code, and in outputs of every kind."""
    kinds = (
        "text_html",
        "image_svg_xml",
        "text_markdown",
        "text_latex",
        "application_javascript",
        "image_png",
    )
    cells = [markdown(text, "", f"[link]({text})", f"![picture]({text})", f"<{text}>") for text in texts]
    for text in texts:
        outputs = [display(**{kind: text, "text_plain": text}) for kind in kinds]
        outputs += [
            display(**{"application_vnd.jupyter.widget-view+json": {"model_id": text}}),
            {"output_type": "stream", "name": text, "text": [text]},
            {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]},
        ]
        cells.append({**code(text, *outputs), "attachments": {text: {"image/svg+xml": text}}})
        cells.append({"cell_type": "raw", "source": text, "metadata": {"format": "text/html"}})
    book = notebook(*cells, metadata={"title": texts[0], "widgets": {"state": {"x": texts[0]}}})
    public_id = planter.submission({"notebooks/03-nn.ipynb": book})
    page = f"/submissions/{public_id}/notebook"
    return [Shown("student", page), Shown("staff", page)]


def _comment(planter: Planter, texts: list[str]) -> list[Shown]:
    public_id = planter.graded(half_done())
    with planter.database.writing() as session:
        submission = make_submission(session, planter.world.unit, planter.world.ada, packed())
        make_run(session, submission, half_done())
        tara, ada = planter.world.tara, planter.world.ada
        for text in texts:
            comments.add(session, submission, LOSS, 1, text, author=tara, address=text)
            comments.add(session, submission, text, 0, text, author=tara, address=text)
            item = RubricItem(
                course_unit_id=planter.world.unit.id, title=text, description=text, max_points=1
            )
            session.add(item)
            session.flush()
            mark = RubricMark(item_id=item.id, user_id=ada.id, marked_by_id=tara.id, points=1.0, comment=text)
            session.add(mark)
        public_id = submission.public_id
    desk = ("nn/rubric", f"nn/rubric/students/{planter.world.ada.id}", "decisions")
    return [
        *_code_pages(public_id),
        Shown("student", "/courses/dl/nn/"),
        *(Shown("staff", f"/courses/dl/{each}") for each in desk),
    ]


def _reason(planter: Planter, texts: list[str]) -> list[Shown]:
    with planter.database.writing() as session:
        unit, tara, ada = planter.world.unit, planter.world.tara, planter.world.ada
        for text in texts:
            verdict = decisions.Verdict(DecisionKind.SCORE, text, 50.0)
            decisions.decide(session, unit.id, ada.id, verdict, tara, text)
        for text in texts:
            grant = allowances.Grant(text, user_id=ada.id, extra_attempts=1)
            allowances.allow(session, unit.id, grant, tara, text)
    student = f"/courses/dl/nn/students/{ada.id}"
    return [
        Shown("student", "/courses/dl/nn/"),
        Shown("staff", student),
        Shown("staff", "/courses/dl/decisions"),
    ]


def _display_name(planter: Planter, texts: list[str]) -> list[Shown]:
    with planter.database.writing() as session:
        theirs = _rename(session, planter, texts)
    return [*(Shown("staff", f"/submissions/{each}") for each in theirs), EVERYWHERE]


def _rename(session: Session, planter: Planter, texts: list[str]) -> list[str]:
    """Give the course students of these names, with sections and numbers alike; return their hand-ins."""
    public_ids = []
    ada = session.get_one(User, planter.world.ada.id)
    ada.name = texts[0]
    for number, text in enumerate(texts):
        person = User(name=text, email=f"{text} {number}")
        session.add(person)
        session.flush()
        course = session.get_one(Course, planter.world.course.id)
        enrol(session, course, person, section=f"{text}{number}", student_number=text)
        submission = make_submission(session, planter.world.unit, person, packed(), filename=text)
        make_run(session, submission, half_done())
        public_ids.append(submission.public_id)
        invite(session, course.id, f"{text} {number}", text, Role.STUDENT, planter.world.ines.id, now())
    session.query(Enrolment).filter_by(user_id=ada.id).update(
        {"section": texts[0], "student_number": texts[0]}
    )
    return public_ids


def _titles(planter: Planter, texts: list[str]) -> list[Shown]:
    """Titles of courses and units, names of tokens."""
    with planter.database.writing() as session:
        session.get_one(Course, planter.world.course.id).title = texts[0]
        session.get_one(CourseUnit, planter.world.unit.id).title = texts[-1]
        for token in session.query(ApiToken).filter_by(user_id=planter.world.ines.id):
            token.name = texts[0]
    return [EVERYWHERE]


def _commit(planter: Planter, texts: list[str]) -> list[Shown]:
    """A push with hostile author, message and branch, as its host tells of it, and answers of hosts."""
    with planter.database.writing() as session:
        unit = session.get_one(CourseUnit, planter.world.unit.id)
        ben = session.get_one(User, planter.world.ben.id)
        link = make_link(session, unit, ben)
        for number, text in enumerate(texts):
            make_push(session, link, f"a{number}", f"b{number}", text=text, state=PushState.REFUSED)
        for delivery in session.query(WebhookDelivery):
            delivery.last_error = texts[0]
            told = WebhookAttempt(at=now(), signature="v1,x", duration_s=0.1, status=500)
            told.answer = "\n".join(texts)
            delivery.attempts.append(told)
        hook, path = link.public_id, f"/courses/dl/webhooks/{planter.scene.values['webhook']}"
    for number, text in enumerate(texts):
        body = json.dumps(
            {
                "ref": "refs/heads/main",
                "before": full("0"),
                "after": full(f"c{number}"),
                "repository": {"full_name": "ada/nn", "default_branch": "main"},
                "pusher": {"name": text},
                "head_commit": {"message": text, "author": {"name": text, "email": text}},
            }
        ).encode()
        digest = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
        headers = {"x-hub-signature-256": f"sha256={digest}", "x-github-event": "push"}
        headers["x-github-delivery"] = text
        reply = receive(planter.database, SEALER, 99, hook, headers, body)
        assert reply.status in (202, 429), reply
    return [
        Shown("neighbour", "/courses/dl/nn/repository"),
        Shown("staff", path),
        Shown("staff", f"{path}/deliveries/{planter.scene.values['delivery']}"),
    ]


PLACES: dict[str, Callable[[Planter, list[str]], list[Shown]]] = {
    "message": _message,
    "output": _message,
    "test-name": _test_name,
    "live": _live,
    "problem": _problem,
    "upload-name": _upload_name,
    "path": _path,
    "code": _code,
    "notebook": _notebook,
    "comment": _comment,
    "reason": _reason,
    "display-name": _display_name,
    "e-mail": _display_name,
    "section": _display_name,
    "title": _titles,
    "commit": _commit,
}
