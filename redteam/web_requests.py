"""Tactics by requests of one's own making: more tries, more rights, secrets where others can read them."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from redteam.attack import Attack
from redteam.web_target import PATIENCE_S, Seen, Target, session_of
from tests.people import PASSWORD
from tests.submissions.archives.packing import as_zip, honest_tree

FREE_TRIES = 5


def tries(site: Target, attack: Attack) -> Seen:
    """Guess a password many times, each time as somebody else by a header, a spelling or a path."""
    count, looked_at = attack.payload.get("tries", 12), []
    session = session_of(site, "nobody")
    fields = site.hidden_fields(session, site.routes["sign-in"])
    mail = site.mails["student"]  # type: ignore[attr-defined]

    def guess(number: int) -> int:
        headers = {
            name: value.replace("@N@", str(number))
            for name, value in attack.payload.get("headers", {}).items()
        }
        spelt = attack.payload.get("emails", ["{}"])
        form = {"email": spelt[number % len(spelt)].format(mail), "password": f"guess {number}"}
        path = attack.payload.get("path", "{}").format(site.routes["sign-in"]).replace("@N@", str(number))
        answer = requests.post(
            site.address + path,
            data={**form, **fields},
            headers=headers,
            cookies=session.cookies,
            timeout=PATIENCE_S,
        )
        return answer.status_code

    if attack.payload.get("at_once"):
        with ThreadPoolExecutor(count) as pool:
            looked_at = list(pool.map(guess, range(count)))
    else:
        looked_at = [guess(number) for number in range(count)]
    passed = looked_at.count(422)
    if not passed:
        raise RuntimeError(f"{attack.name}: no password was looked at, for another reason: {looked_at}")
    achieved = (f"{passed} passwords looked at",) if passed > FREE_TRIES else ()
    return Seen(f"{count} guesses, {passed} looked at, {looked_at.count(429)} put off", achieved)


def attempts(site: Target, attack: Attack) -> Seen:
    """Hand in many times at the same moment: no more attempts than there are."""
    count, cap = attack.payload["times"], 3
    before = site.attempts()  # type: ignore[attr-defined]
    session = session_of(site, "student")
    fields = site.hidden_fields(session, site.routes["hand-in"])

    def hand_in(number: int) -> int:
        content = as_zip({**honest_tree(), "g2c/nn/more.py": f"x = {number}\n".encode()})
        form = {**fields, "key": f"key {number}"}
        files = {"archive": ("nn.zip", content)}
        if attack.payload.get("by") == "api":
            return requests.post(
                site.address + site.routes["api-hand-in"],
                data={"course": "dl", "unit": "nn"},
                files=files,
                headers={
                    "Authorization": f"Bearer {site.bearer('student')}",
                    "Idempotency-Key": f"k{number}",
                },
                timeout=PATIENCE_S,
            ).status_code
        return requests.post(
            site.address + site.routes["hand-in"],
            data=form,
            files=files,
            cookies=session.cookies,
            timeout=PATIENCE_S,
            allow_redirects=False,
        ).status_code

    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(hand_in, range(count)))
    taken = site.attempts()  # type: ignore[attr-defined]
    tried = f"{before} before, {count} at once ({dict.fromkeys(sorted(answers))}), {taken} taken of {cap}"
    if taken < cap:
        raise RuntimeError(f"{attack.name}: {tried}")
    return Seen(tried, (f"{taken} attempts instead of {cap}",) if taken > cap else ())


def assigned(site: Target, attack: Attack) -> Seen:
    """Send forms and JSON with fields that nobody asked for: no score, right or time changes."""
    session, before, achieved, taken = session_of(site, "student"), site.protected(), [], 0
    for each in attack.payload["requests"]:
        for path in dict.fromkeys(site.routes[name] for name in each["to"] if name in site.routes):
            taken_before = taken
            for extra in each["extra"]:
                answer = _send(site, session, path, each, extra)
                taken += answer.status_code < 400
                if answer.status_code >= 500:
                    achieved.append(f"{answer.status_code} for {path} with {str(extra)[:50]}")
            if "form" in each and taken == taken_before and not _send(site, session, path, each, {}).ok:
                raise RuntimeError(f"{attack.name}: {path} refuses the form without these fields, too")
    if site.protected() != before:
        achieved.append(f"what is protected has changed: {_difference(before, site.protected())}")
    return Seen(f"{len(attack.payload['requests'])} kinds of requests, {taken} taken", tuple(achieved))


def _send(site: Target, session: requests.Session, path: str, each: dict[str, Any], extra: Any) -> Any:
    common = {"timeout": PATIENCE_S, "allow_redirects": False}
    headers = {"Authorization": f"Bearer {site.bearer('student')}"} if "/api/" in path else {}
    if "json" in each.get("as", ""):
        headers["Content-Type"] = "application/json"
        body = extra if isinstance(extra, str) else json.dumps(extra)
        return session.post(site.address + path, data=body.encode(), headers=headers, **common)
    files = {"archive": ("nn.zip", as_zip(honest_tree()))} if each.get("file") else None
    form = [*each.get("form", {}).items(), *(extra if isinstance(extra, list) else extra.items())]
    if "/api/" not in path:
        form += site.hidden_fields(session, path).items()
    sent = [(str(name), str(value)) for name, value in form]
    return session.post(site.address + path, data=sent, files=files, headers=headers, **common)


def _difference(before: Any, after: Any) -> str:
    if not isinstance(before, dict):
        return "scores or rights"
    return ", ".join(name for name in before if before[name] != after[name])


def leaked(site: Target, attack: Attack) -> Seen:
    """Use every secret once, also in wrong places, and look for each in the log and on pages."""
    secrets = site.secrets()
    pages = {
        path: session_of(site, "staff").get(site.address + path, timeout=PATIENCE_S) for path in site.reads()
    }
    achieved = []
    for kind, secret in secrets.items():
        for form in (secret, secret[:20], requests.utils.quote(secret, safe="")):  # type: ignore[attr-defined]
            if form in site.log():
                achieved.append(f"{kind} is in the log")
                break
        achieved += [f"{kind} is on {path}" for path, page in pages.items() if secret in page.text]
    return Seen(f"{len(secrets)} secrets, the log and {len(pages)} pages", tuple(achieved))


def hosted(site: Target, attack: Attack) -> Seen:
    """Say another host's name: no link, redirect or mail that others follow leads there."""
    achieved, asked = [], 0
    for headers in attack.payload["headers"]:
        for name, person in (
            ("link-by-mail", "staff"),
            ("home", "nobody"),
            ("sign-in", "nobody"),
            ("home", "student"),
        ):
            session, path = session_of(site, person), site.routes[name]
            fields = site.hidden_fields(session, path)
            method = "POST" if name == "link-by-mail" and fields else "GET"
            answer = session.request(
                method,
                site.address + path,
                data=fields if method == "POST" else None,
                headers=headers,
                timeout=PATIENCE_S,
                allow_redirects=False,
            )
            asked += 1
            if "evil.example" in answer.text + str(dict(answer.headers)):
                achieved.append(f"{path} names evil.example")
    return Seen(f"{asked} requests with other hosts' names", tuple(achieved))


def cached(site: Target, attack: Attack) -> Seen:
    """Ask for private pages under names that caches keep: none may be kept by anybody but its reader."""
    session, achieved, asked, shown = session_of(site, "staff"), [], 0, 0
    for path in site.reads():
        for end in attack.payload["ends"]:
            answer = session.get(site.address + path + end, timeout=PATIENCE_S, allow_redirects=False)
            asked += 1
            shown += site.names["staff"] in answer.text
            rule = answer.headers.get("Cache-Control", "")
            if answer.status_code < 400 and not re.search(r"no-store|private", rule):
                achieved.append(f"{path + end} may be kept: {rule or 'nothing said'!r}")
    if not shown:
        raise RuntimeError(f"{attack.name}: no page was shown")
    return Seen(f"{asked} addresses, {shown} private pages shown", tuple(achieved))


def verbs(site: Target, attack: Attack) -> Seen:
    """Ask for everything by unusual methods, as a student and as nobody: nothing more is told or done."""
    before, achieved, asked = site.state(), [], 0
    for person in ("nobody", "student"):
        session = session_of(site, person)
        for path in dict.fromkeys([*site.reads(), *(write.path for write in site.writes())]):
            plain = session.get(site.address + path, timeout=PATIENCE_S, allow_redirects=False).status_code
            for method in attack.payload["methods"]:
                answer = session.request(
                    method, site.address + path, timeout=PATIENCE_S, allow_redirects=False
                )
                asked += 1
                if answer.status_code >= 500 and answer.status_code != 501:
                    achieved.append(f"{method} {path}: {answer.status_code}")
                if method == "HEAD" and answer.status_code < 300 <= plain:
                    achieved.append(f"HEAD {path} is let through: {answer.status_code}, and GET is not")
                if method == "TRACE" and answer.ok:
                    achieved.append(f"TRACE {path} echoes")
    if site.state() != before:
        achieved.append("what is stored has changed")
    allowed = [w.path for w in site.writes() if session_of(site, "student").get(site.address + w.path).ok]
    return Seen(f"{asked} requests, {len(allowed)} paths", tuple(achieved))


def fixed(site: Target, attack: Attack) -> Seen:
    """Plant one's own session in a browser before somebody signs in there: it stays signed out."""
    planted = session_of(site, "nobody")
    planted.get(site.address + site.routes["sign-in"], timeout=PATIENCE_S)
    name = site.cookie("student")["name"]
    if name not in planted.cookies:
        planted.cookies.set(name, attack.payload["planted"], domain="127.0.0.1")
    victim = session_of(site, "nobody")
    victim.cookies.set(name, planted.cookies[name], domain="127.0.0.1")
    fields = site.hidden_fields(victim, site.routes["sign-in"])
    form = {"email": site.mails["student"], "password": PASSWORD, **fields}  # type: ignore[attr-defined]
    answer = victim.post(site.address + site.routes["sign-in"], data=form, timeout=PATIENCE_S)
    if site.names["student"] not in answer.text:
        raise RuntimeError(f"{attack.name}: the victim could not sign in: {answer.status_code}")
    seen = planted.get(site.address + site.routes["home"], timeout=PATIENCE_S).text
    achieved = ["the planted session is signed in"] if site.names["student"] in seen else []
    for cookie in victim.cookies:
        if cookie.name == name and not cookie.has_nonstandard_attr("HttpOnly"):
            achieved.append("scripts can read the session's cookie")
    return Seen("a planted session, the victim signs in with it", tuple(achieved))


def enumerated(site: Target, attack: Attack) -> Seen:
    """Ask who has an account: all answers are the same, whether there is one or not."""
    session = session_of(site, "nobody")
    fields, told = site.hidden_fields(session, site.routes["sign-in"]), {}
    for mail in (site.mails["student"], "nobody@example.org"):  # type: ignore[attr-defined]
        form = {"email": mail, "password": "wrong", **fields}
        answer = session.post(site.address + site.routes["sign-in"], data=form, timeout=PATIENCE_S)
        same = re.sub(r'value="[A-Za-z0-9_.-]{40,}"', "", answer.text).replace(mail, "MAIL")
        told[mail] = (answer.status_code, same)
    return Seen("2 addresses", () if len(set(told.values())) == 1 else ("the answers differ",))
