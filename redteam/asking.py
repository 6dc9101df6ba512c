"""The channel "asking": what is asked of the whole service, and of the rules by which it answers.

The questions exist as tests of this project, which ask every route as everybody, or plant a canary and fetch
all there is. They are run as they are, in a process of their own; a test that fails is a breach. The control
asks the same of plain pages (`redteam/plain/pages.py`).

Keys of `[payload]`:

    tests = ["tests/web/test_foreign_ids.py"]   what asks here, as pytest names it
    asks = "GET /submissions/1"                 what is asked of the plain pages
    by = "ben-token"                            as whom: a token, or "cookie" for a session of Ben's

The words for `fires`: `canary`, the answer holds it; `text`, the answer holds `seen`, another key.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator

from redteam.attack import CHECKOUT, Assertion, Attack, AttackError
from redteam.canary import Canary
from redteam.observation import Fired, Held, NotRun
from redteam.plain.pages import make_pages

WALL_S = 1800.0
PASSED, FAILED = re.compile(r"(\d+) passed"), re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
SKIPPED = re.compile(r"^SKIPPED \[(\d+)\] (.*)", re.MULTILINE)


@contextlib.contextmanager
def channel() -> Iterator[AskingChannel]:
    """The channel; it keeps nothing."""
    yield AskingChannel()


class AskingChannel:
    """See `Channel`."""

    def plain(self, attack: Attack) -> Fired:
        """See `Channel.plain`."""
        canary = Canary.drawn()
        method, path = attack.payload["asks"].split(" ", 1)
        client = make_pages(canary).test_client()
        headers = {}
        if attack.payload["by"] == "cookie":
            client.set_cookie("person", "ben")
        else:
            headers["Authorization"] = f"Bearer {attack.payload['by']}"
        answer = client.open(path, method=method, headers=headers)
        if attack.fires == "canary":
            forms = canary.found_in(answer.data)
            said = f"canary in the answer ({min(forms, key=len)})" if forms else "no canary found"
            return Fired(bool(forms), said)
        if attack.fires == "text":
            seen = attack.payload["seen"]
            return Fired(seen in answer.text, f"{answer.status_code}, and it tells “{seen}”")
        raise AttackError(f"attack {attack.name}: fires must be canary or text")

    def grade(self, attack: Attack, sandbox: str) -> Held:
        """See `Channel.grade`; `sandbox` plays no part."""
        command = [sys.executable, "-m", "pytest", "-q", "-rfEs", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, *attack.payload["tests"]],
            cwd=CHECKOUT,
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WALL_S,
        )
        passed = PASSED.search(done.stdout)
        skipped = SKIPPED.findall(done.stdout)
        if done.returncode == 0 and passed is None:
            raise NotRun("; ".join(reason for _, reason in skipped) or "its tests were skipped")
        failed = FAILED.findall(done.stdout)
        if done.returncode != 0 and not failed:
            raise RuntimeError(
                f"pytest ended with {done.returncode}: {done.stdout[-300:]} {done.stderr[-300:]}"
            )
        seen = f"{passed[1] if passed else 0} tests that ask passed"
        if skipped:
            seen += f", {sum(int(count) for count, _ in skipped)} were skipped: {skipped[0][1]}"
        leaks = Assertion.CANARY in attack.asserts
        return Held(seen, tuple(f"ak: {name}" if leaks else name for name in failed))
