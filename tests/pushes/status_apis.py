"""What the hosts document of reporting a commit's status, and requests held against it."""

import json
import re
from dataclasses import dataclass
from urllib.parse import quote

from grader.db.models import CommitState
from grader.pushes.hosts.host import Report
from tests.integrations import TOKEN, full
from tests.outbound.stand_in import Asked

COMMIT = full("a1")


@dataclass(frozen=True)
class Documented:
    """What a host's API takes: path, the headers that count, its words for our states, a field's name."""

    path: str
    headers: dict[str, str]
    states: dict[CommitState, str]
    context_field: str
    max_description: int = 10_000


SAME = {state: state.value for state in CommitState}
APIS = {
    "github": Documented(
        f"/api/v3/repos/ada/nn/statuses/{COMMIT}",
        {
            "authorization": f"Bearer {TOKEN}",
            "accept": "application/vnd.github+json",
            "x-github-api-version": "2022-11-28",
        },
        SAME,
        "context",
        140,
    ),
    "gitlab": Documented(
        f"/api/v4/projects/{quote('ada/nn', safe='')}/statuses/{COMMIT}",
        {"private-token": TOKEN},
        {
            CommitState.PENDING: "pending",
            CommitState.SUCCESS: "success",
            CommitState.FAILURE: "failed",
            CommitState.ERROR: "canceled",
        },
        "name",
        255,
    ),
    "gitea": Documented(
        f"/api/v1/repos/ada/nn/statuses/{COMMIT}", {"authorization": f"token {TOKEN}"}, SAME, "context"
    ),
}


def check(kind: str, asked: Asked, state: CommitState) -> dict[str, str]:
    """Hold a request against the documentation; return what it says."""
    documented = APIS[kind]
    assert (asked.method, asked.path) == ("POST", documented.path)
    assert asked.headers["content-type"] == "application/json"
    assert documented.headers.items() <= asked.headers.items()
    said: dict[str, str] = json.loads(asked.body)
    assert said.keys() == {"state", "target_url", "description", documented.context_field}
    assert said["state"] == documented.states[state]
    assert said[documented.context_field] == "grader/nn"
    assert re.fullmatch(r"https://grader\.example\.org/\S+", said["target_url"])
    assert 0 < len(said["description"]) <= documented.max_description
    assert TOKEN not in asked.body.decode()
    return said


def report_to(origin: str) -> Report:
    return Report(origin, "ada/nn", COMMIT, CommitState.PENDING, "Handed in.", "https://x", "grader/nn")
