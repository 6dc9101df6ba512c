"""One hand-in: which course it is for, the key that makes it unique, and the request."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader.client.endings import Ending, Exit
from grader.client.packing import Package
from grader.client.transport import Service

# A pipeline that is run again, by hand or after a failure, has the same number; another commit has another.
PIPELINE_VARIABLES = ("GITHUB_RUN_ID", "CI_PIPELINE_ID")

NOT_DONE = ("problem", "superseded")  # of the states that a submission ends in; who cancels, means it


@dataclass(frozen=True)
class HandedIn:
    """The submission that a package has become.

    is_repeat: it was there already, from an earlier command. instead_of: the number of that earlier one, if
    it came to no grading through no choice of anybody's, so that this is another.
    """

    id: str
    number: int
    is_late: bool
    is_repeat: bool
    page: str
    instead_of: int | None = None


def check_token(service: Service) -> None:
    """Ask whose token it is, before anything big is sent; Ending if it may not hand in."""
    if "submit" not in service.get("/me").json()["token"]["scopes"]:
        raise Ending(Exit.NOT_AUTHORIZED, "This token may not hand in. Make one with the scope submit.")


def only_course(service: Service) -> str:
    """Return the one course that the token's owner is in; Ending if there is none, or a choice."""
    slugs = sorted(str(course["slug"]) for course in service.get("/courses").json()["items"])
    if len(slugs) == 1:
        return slugs[0]
    if not slugs:
        raise Ending(Exit.REFUSED, "You are in no course. Ask the staff for an invitation.")
    raise Ending(Exit.USAGE, f"Which course? Use --course, with one of {', '.join(slugs)}.")


def key_of(
    course: str, unit: str, content: bytes, *, again: bool, environ: Mapping[str, str] = os.environ
) -> str:
    """Return the Idempotency-Key of a hand-in: the same bytes have the same one, once in every pipeline.

    `again`: a fresh one, to hand in the same bytes once more.
    """
    pipeline = next((environ[name] for name in PIPELINE_VARIABLES if environ.get(name)), "")
    parts = (course, unit, hashlib.sha256(content).hexdigest(), pipeline, uuid.uuid4().hex if again else "")
    return "submit-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def hand_in(service: Service, course: str, unit: str, package: Package, key: str) -> HandedIn:
    """Send the package; Ending if it is refused or can't be sent.

    What an earlier command handed in and what then failed on our side, or was superseded, is handed in anew,
    under a key that follows from the earlier one: however often this is run, there is one that counts.
    """
    handed_in, instead_of = _send(service, course, unit, package, key), None
    while handed_in.is_repeat and service.get(f"/submissions/{handed_in.id}").json()["state"] in NOT_DONE:
        instead_of = handed_in.number
        key = "submit-" + hashlib.sha256(f"{key}\n{handed_in.id}".encode()).hexdigest()
        handed_in = _send(service, course, unit, package, key)
    return replace(handed_in, instead_of=instead_of)


def _send(service: Service, course: str, unit: str, package: Package, key: str) -> HandedIn:
    boundary = f"grader-{hashlib.sha256(package.content).hexdigest()}"
    answer = service.post(
        "/submissions",
        _form(boundary, course, unit, package),
        {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": key},
    )
    told = answer.json()
    return HandedIn(
        id=told["id"],
        number=told["number"],
        is_late=told["is_late"],
        is_repeat=answer.headers.get("Idempotent-Replayed") == "true" and not answer.may_be_second,
        page=told["urls"]["page"],
    )


def _form(boundary: str, course: str, unit: str, package: Package) -> bytes:
    filename = "".join(ch if ch.isprintable() and ch not in '"\\' else "_" for ch in package.filename)
    parts = b""
    for name, value in (("course", course), ("unit", unit)):
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts += head.encode() + value.encode() + b"\r\n"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="archive"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return parts + head.encode() + package.content + f"\r\n--{boundary}--\r\n".encode()
