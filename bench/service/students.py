"""Students who hand in, and hand in again when they get no answer."""

from __future__ import annotations

import io
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from grader.accounts.tokens import create_token
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Course, CourseUnit, Enrolment, Role, Scope, User

COURSE, UNIT = "crash-test", "nn"
ANSWER_TIMEOUT_S = 10.0
PAUSE_S = 0.3
GIVE_UP_S = 300.0


@dataclass
class Student:
    """One student, the key of the one hand-in, and how it went."""

    token: str
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    requests: int = 0
    answered_in_s: float = 0.0
    submission: str = ""


def enrol_students(database: Database, count: int) -> list[Student]:
    """Store a course with one unit and so many students with API tokens."""
    students = []
    with database.writing() as session:
        course = Course(slug=COURSE, title="A course that lives through a lot")
        session.add(course)
        session.flush()
        session.add(CourseUnit(course_id=course.id, slug=UNIT, unit=UNIT, title="Module 03"))
        for number in range(count):
            user = User(email=f"student{number}@example.org", name=f"Student {number}")
            session.add(user)
            session.flush()
            session.add(Enrolment(course_id=course.id, user_id=user.id, role=Role.STUDENT))
            _, text = create_token(session, user.id, "bench", [Scope.SUBMIT], timedelta(days=30), now())
            students.append(Student(text))
    return students


def pack(folder: Path, note: str) -> bytes:
    """Return a zip of the package in this folder, made different from others by the note."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((folder / "g2c").rglob("*.py")):
            archive.write(path, path.relative_to(folder))
        archive.writestr("NOTE.txt", note)
    return content.getvalue()


class Crowd:
    """All students; each hands in at a moment of its own."""

    def __init__(self, url: str, students: list[Student], archive_of: Path, spread_s: float):
        self.students = students
        self._url = url
        self._folder = archive_of
        self._threads = [
            threading.Thread(
                target=self._hand_in, args=(student, number * spread_s / len(students)), daemon=True
            )
            for number, student in enumerate(students)
        ]

    def start(self) -> None:
        """Let them begin."""
        for thread in self._threads:
            thread.start()

    def all_answered(self) -> bool:
        """Whether everybody has been told that the hand-in is accepted."""
        return not any(thread.is_alive() for thread in self._threads)

    def _hand_in(self, student: Student, after_s: float) -> None:
        body, content_type = _form(pack(self._folder, student.key))
        time.sleep(after_s)
        began_at = time.monotonic()
        while time.monotonic() - began_at < GIVE_UP_S:
            student.requests += 1
            request = urllib.request.Request(
                f"{self._url}/api/v1/submissions",
                data=body,
                headers={
                    "Authorization": f"Bearer {student.token}",
                    "Content-Type": content_type,
                    "Idempotency-Key": student.key,
                },
            )
            try:
                with urllib.request.urlopen(request, timeout=ANSWER_TIMEOUT_S) as answer:
                    student.submission = json.load(answer)["id"]
                student.answered_in_s = time.monotonic() - began_at
                return
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    raise RuntimeError(f"{error.code}: {error.read().decode()}") from error
            except (OSError, ValueError):  # no answer, or half of one
                pass
            time.sleep(PAUSE_S)


def _form(archive: bytes) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    fields = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("course", COURSE), ("unit", UNIT))
    )
    head = (
        f'{fields}--{boundary}\r\nContent-Disposition: form-data; name="archive"; filename="nn.zip"\r\n'
        "Content-Type: application/zip\r\n\r\n"
    )
    return head.encode() + archive + f"\r\n--{boundary}--\r\n".encode(), (
        f"multipart/form-data; boundary={boundary}"
    )
