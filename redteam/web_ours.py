"""This grader's pages as a target: the real app, a database with everything in it, real sessions."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import requests
import sqlalchemy as sa
from rich.console import Console

from grader.db.base import Base, now
from grader.db.database import Database
from grader.db.models import CourseUnit, Push, RepositoryLink, Submission, User
from grader.git.live_lines import LiveLines
from grader.outbound.client import Outbound
from grader.pushes.handing_in import HandingIn
from grader.pushes.links import SECRET_PURPOSE
from grader.report.junit import render_junit
from grader.report.terminal import TerminalReport
from grader.results.reports import standing_run, whole_report
from grader.results.visibility import Filter
from grader.settings import Settings
from grader.web.app import create_app
from redteam import web_planted_words, web_planted_work
from redteam.web_planting import EVERYWHERE, Planter
from redteam.web_target import PATIENCE_S, Shown, Write
from tests.integrations import KEY, SEALER, make_link
from tests.people import PASSWORD, make_world
from tests.submissions.archives.packing import honest_tree
from tests.web.conftest import WaitingQueue
from tests.web.routes import TABLE
from tests.web.test_routes import Scene

ATTEMPTS = 3
PLACES = web_planted_work.PLACES | web_planted_words.PLACES
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
NO_FILES = ("/healthz", "/readyz", "/metrics", "/assets/", "/git/", "/oidc/", "/invitation/", "/password/")
GIVEN = ("scopes", "attempt", "is_late")  # what students may not choose of the things that they make
FIELDS = {  # what some form or other asks for; the others ignore it
    **{
        "name": "Forged",
        "own_name": "Forged",
        "new": PASSWORD * 2,
        "again": PASSWORD * 2,
        "present": PASSWORD,
    },
    **{"title": "Forged", "slug": "forged", "reason": "forged", "text": "forged"},
    **{"score": "100", "kind": "score", "role": "instructor", "email": "forged@example.org", "days": "9"},
    **{
        "url": "https://forged.example.org/x",
        "scope": "submit",
        "verdict": "dismissed",
        "extra_attempts": "9",
    },
    **{"new_password": PASSWORD * 2, "password": PASSWORD, "max_points": "5", "note": "forged", "unit": "nn"},
    **{"csrf_token": "forged", "form": "csv", "course": "dl", "act": "up", "counts": "last"},
}


class OurSite:
    """See Target."""

    names: ClassVar = {"student": "Ada Byron", "staff": "Ines Sol", "attacker": "Ben Okri"}
    mails: ClassVar = {"student": "ada@example.org", "attacker": "ben@example.org"}

    def __init__(self, database: Database, url: str, folder: Path, log: io.StringIO):
        self.address = ""
        self.database = database
        self._log = log
        self._settings = settings = Settings(
            data_dir=folder, database_url=url, secret_key=KEY, metrics_token="m" * 40
        )
        self.app = create_app(settings, database, WaitingQueue())
        self.world = make_world(database)
        with database.writing() as session:
            self.scene = Scene(session, self.world)
            session.get_one(CourseUnit, self.world.unit.id).max_attempts = ATTEMPTS
            session.get_one(User, self.world.ada.id).password_hash = session.get_one(
                User, self.world.ben.id
            ).password_hash
            for kind in ("gitlab", "gitea"):
                unit = self._unit_for(session, kind)
                self.scene.values[f"hook {kind}"] = make_link(
                    session, unit, self.world.ada, kind=kind, url=f"https://{kind}.com/ada/nn"
                ).public_id
        self.people = {"student": self.world.ada, "staff": self.world.ines, "neighbour": self.world.ben}
        self._planter = Planter(database, self.world, self.scene)
        values = self.scene.values
        self.routes = {
            "home": "/",
            "sign-in": "/sign-in",
            "sign-out": "/sign-out",
            "name": "/account/name",
            "tokens": "/account/tokens",
            "hand-in": "/courses/dl/nn/submissions",
            "submission": f"/submissions/{values['public_id']}",
            "score": f"/courses/dl/nn/students/{self.world.ada.id}/decide",
            "api-hand-in": "/api/v1/submissions",
            "hook": f"/hooks/{values['hook']}",
            "link-by-mail": f"/courses/dl/people/{values['enrolment_id']}/password-link",
        }

    def _unit_for(self, session: Any, slug: str) -> CourseUnit:
        unit = CourseUnit(course_id=self.world.course.id, slug=slug, unit="nn", title=f"Unit {slug}")
        session.add(unit)
        session.flush()
        return unit

    def cookie(self, person: str) -> dict[str, str]:
        with self.database.reading() as session:
            user = session.get_one(User, self.people[person].id)
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        said = {"user": user.id, "version": user.session_version, "since": now().timestamp()}
        return {
            "name": "session",
            "value": str(serializer.dumps({**said, "_permanent": True})),
            "url": self.address,
            "sameSite": "Lax",
            "httpOnly": True,
        }

    def bearer(self, person: str) -> str:
        return self.scene.bearers["ada" if person == "student" else "ines"]

    def hidden_fields(self, session: requests.Session, path: str) -> dict[str, str]:
        where = path if path == "/sign-in" else "/account"
        found = CSRF.search(session.get(self.address + where, timeout=PATIENCE_S).text)
        return {"csrf_token": found[1]} if found else {}

    def plant(self, place: str, texts: Sequence[str]) -> list[Shown]:
        shown = PLACES[place](self._planter, list(texts))
        if EVERYWHERE not in shown:
            return shown
        return [each for each in shown if each != EVERYWHERE] + [
            Shown("staff", path) for path in self.reads()
        ]

    def terminals(self) -> dict[str, str]:
        everything = Filter(is_staff=True, names=True, messages=True, hints=True, pictures=True)
        with self.database.reading() as session:
            submission = session.query(Submission).order_by(Submission.id.desc()).limit(1).one()
            report = whole_report(session, standing_run(session, submission.id))
        lines = "\n".join(LiveLines(self.database, submission.public_id, everything).look())
        if report is None:
            return {"a push": lines}
        buffer = io.StringIO()
        TerminalReport(Console(file=buffer, width=120)).print_report(report)
        return {"a push": lines, "grader submit": buffer.getvalue(), "JUnit": render_junit(report)}

    def log(self) -> str:
        return self._log.getvalue()

    def state(self) -> Any:
        with self.database.reading() as session:
            return {
                table.name: sorted(repr(tuple(row)) for row in session.execute(sa.select(table)))
                for table in Base.metadata.sorted_tables
            }

    def protected(self) -> Any:
        mine = self.world.ada.id
        state, started = {}, self.world.unit.created_at
        with self.database.reading() as session:
            for table in Base.metadata.sorted_tables:
                rows = [dict(row._mapping) for row in session.execute(sa.select(table))]
                if table.name == "users":
                    for row in rows:
                        row["name"] = "" if row["id"] == mine else row["name"]
                elif table.name in ("submissions", "api_tokens", "audit_events"):
                    owner = "actor_id" if table.name == "audit_events" else "user_id"
                    own = [row for row in rows if row.get(owner) == mine]
                    given = {tuple(row[name] for name in GIVEN if name in row) for row in own}
                    state[f"what is given with {table.name}"] = sorted(map(repr, given))
                    rows = [row for row in rows if row not in own or _when(row) < started]
                elif table.name == "grading_runs":
                    rows = [row for row in rows if row["score"] is not None or not row["stands"]]
                elif table.name in ("archives", "sign_in_attempts"):
                    continue
                state[table.name] = sorted(map(repr, rows))
        return state

    def pushes(self) -> int:
        with self.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Push)) or 0

    def commit_that_counts(self) -> str:
        with self.database.reading() as session:
            pushes = session.scalars(sa.select(Push).where(Push.submission_id.is_not(None)))
            return max(pushes, key=lambda push: push.submission.number).commit

    def hand_in_pushes(self, history: Sequence[str]) -> None:
        """Do what a worker does with what was told of; the host knows this history, oldest first."""
        handing_in = HandingIn(self.database, WaitingQueue(), Outbound(), SEALER, self._settings)
        handing_in._fetcher = _History(history)  # type: ignore[assignment]
        while (errand := handing_in.take()) is not None:
            errand()

    def attempts(self) -> int:
        with self.database.reading() as session:
            query = sa.select(sa.func.count()).select_from(Submission)
            return session.scalar(query.where(Submission.user_id == self.world.ada.id)) or 0

    def hook_secret(self) -> str:
        with self.database.reading() as session:
            return SEALER.open(session.query(RepositoryLink).first().secret, SECRET_PURPOSE)  # type: ignore[union-attr]

    def hook_kind(self, kind: str) -> str:
        return f"/hooks/{self.scene.values['hook' if kind == 'github' else f'hook {kind}']}"

    def writes(self) -> list[Write]:
        rules = [route.split(" ", 1)[1] for route in TABLE if route.startswith("POST")]
        return [Write(self.scene.path(rule, "ines"), FIELDS) for rule in rules if "/hooks/" not in rule]

    def reads(self) -> list[str]:
        rules = [route.split(" ", 1)[1] for route in TABLE if route.startswith("GET")]
        paths = [self.scene.path(rule, "ines") for rule in rules if not rule.startswith(NO_FILES)]
        return [path for path in paths if path != "/courses/new" and not path.endswith("/notebook/0/0")]

    def exports(self) -> list[str]:
        forms = ("csv", "xlsx", "canvas", "moodle")
        return [f"/courses/dl/gradebook/{form}" for form in forms] + ["/courses/dl/decisions.csv"]

    def secrets(self) -> dict[str, str]:
        values, session = self.scene.values, requests.Session()
        token, link = self.bearer("student"), self.scene.links["ada"]["token"]
        basic = base64.b64encode(f"ada@example.org:{token}".encode()).decode()
        cookie = self.cookie("student")["value"]
        for path, headers in (
            ("/api/v1/me", {"Authorization": f"Bearer {token}"}),
            (f"/api/v1/me?token={token}&access_token={token}", {}),
            (f"/api/v1/{token}", {"Authorization": f"Bearer {token}"}),
            (
                f"/git/dl/nn/ada@example.org.git/info/refs?service={token}",
                {"Authorization": f"Basic {basic}"},
            ),
            (f"/invitation/{link}", {}),
            (f"/password/{link}", {}),
            (f"/sign-in?next=/invitation/{link}", {"Referer": f"{self.address}/password/{link}"}),
            ("/account", {"Cookie": f"session={cookie}"}),
            (f"/hooks/{values['hook']}", {"X-Gitlab-Token": self.hook_secret()}),
        ):
            for method in ("GET", "POST", "PUT"):
                session.request(method, self.address + path, headers=headers, timeout=PATIENCE_S)
        form = {"email": "ada@example.org", "password": "sesame-open-wide"}
        requests.post(f"{self.address}/sign-in", data=form, timeout=PATIENCE_S)
        return {
            "a token of the API": token,
            "an invitation's token": link,
            "a session's cookie": cookie,
            "a webhook's secret": self.hook_secret(),
            "a mistyped password": "sesame-open-wide",
            "a git password": basic,
        }


class _History:
    """A host's repository with one branch: what it would answer to a fetch."""

    def __init__(self, commits: Sequence[str]):
        self._commits = [commit.ljust(40, "0") for commit in commits]

    def files_of(self, url: str, commit: str, credentials: object) -> dict[str, bytes]:
        return {**honest_tree(), "g2c/nn/commit.py": f"commit = '{commit}'\n".encode()}

    def is_ancestor(self, url: str, older: str, newer: str, credentials: object) -> bool:
        return self._commits.index(older) <= self._commits.index(newer)


def _when(row: dict[str, Any]) -> Any:
    return next(row[key] for key in ("received_at", "created_at", "at") if key in row)
