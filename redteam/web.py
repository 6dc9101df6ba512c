"""The channel of the web pages: an attack is a tactic, tried on a plain site and on this grader's own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redteam import web_browser, web_hooks, web_requests, web_texts
from redteam.attack import Attack
from redteam.observation import Fired, Held, NotRun
from redteam.web_ours import OurSite
from redteam.web_plain import running_plain_site
from redteam.web_running import migrated_template, running_our_site
from redteam.web_target import Seen
from tests.postgresql import postgres_server, programs

Tactic = Callable[[Any, Attack], Seen]
TACTICS: dict[str, Tactic] = {
    "script": web_browser.script,
    "forged": web_browser.forged,
    "swapped": web_browser.swapped,
    "framed": web_browser.framed,
    "included": web_browser.included,
    "led-away": web_browser.led_away,
    "formula": web_texts.formula,
    "terminal": web_texts.terminal,
    "line": web_texts.line,
    "download": web_texts.download,
    "tries": web_requests.tries,
    "attempts": web_requests.attempts,
    "assigned": web_requests.assigned,
    "leaked": web_requests.leaked,
    "hosted": web_requests.hosted,
    "cached": web_requests.cached,
    "verbs": web_requests.verbs,
    "fixed": web_requests.fixed,
    "enumerated": web_requests.enumerated,
    "hook-forged": web_hooks.forged,
    "hook-replayed": web_hooks.replayed,
    "hook-reordered": web_hooks.reordered,
}


class Web:
    """See Channel. Each attack gets a site of its own, on both sides, with nothing of the one before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template: Path | None = None
        self._count = 0

    def plain(self, attack: Attack) -> Fired:
        """Try the attack on the plain site."""
        with running_plain_site() as site:
            seen = _tactic(attack)(site, attack)
        return Fired(bool(seen.achieved), _few(seen))

    def grade(self, attack: Attack, sandbox: str) -> Held:
        """Try the attack on this grader's pages; `sandbox` plays no part."""
        tried, breaches = [], []
        for kind in attack.payload.get("databases", ["sqlite"]):
            with self._site(kind) as site:
                seen = _tactic(attack)(site, attack)
            tried.append(seen.tried)
            breaches += [f"{each} ({kind})" for each in seen.achieved]
        return Held("; ".join(dict.fromkeys(tried)), tuple(breaches))

    @contextmanager
    def _site(self, kind: str) -> Iterator[OurSite]:
        if self._template is None:
            self._template = migrated_template(self._folder)
        self._count += 1
        folder = self._folder / f"site-{self._count}"
        if kind == "sqlite":
            with running_our_site(self._template, folder) as site:
                yield site
        elif programs() is None:
            raise NotRun("PostgreSQL is not installed")
        else:
            with postgres_server(syncs=False) as server:
                server.execute("CREATE DATABASE redteam")
                with running_our_site(self._template, folder, server.url("redteam")) as site:
                    yield site


@contextmanager
def channel() -> Iterator[Web]:
    """Yield the channel, with a folder of its own for databases."""
    with tempfile.TemporaryDirectory(prefix="grader-redteam-web-") as folder:
        yield Web(Path(folder))


def _tactic(attack: Attack) -> Tactic:
    return TACTICS[attack.payload["tactic"]]


def _few(seen: Seen) -> str:
    if not seen.achieved:
        return f"nothing of {seen.tried}"
    more = len(seen.achieved) - 1
    return seen.achieved[0] + (f", and {more} more" if more else "")
