"""Tactics by webhooks: what claims to come from a repository's host, again, or out of order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import requests

from redteam.attack import Attack
from redteam.web_target import PATIENCE_S, Seen

MINUTE_S = 60
REPOSITORY = {"full_name": "ada/nn", "path_with_namespace": "ada/nn", "default_branch": "main"}


def body_of(commit: str, before: str = "0") -> bytes:
    """Return a push to this commit as hosts tell of it."""
    said = {"ref": "refs/heads/main", "before": before.ljust(40, "0"), "after": commit.ljust(40, "0")}
    return json.dumps(
        {**said, "repository": REPOSITORY, "project": REPOSITORY, "pusher": {"name": "ada"}}
    ).encode()


def values(secret: str, body: bytes, age_s: int = 0, message: str = "m1") -> dict[str, str]:
    """Return what headers may be made of: right and wrong signatures of the body, by name."""
    key, moment = secret.encode(), str(int(time.time()) - age_s)
    raw = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else key
    standard = hmac.new(raw, f"{message}.{moment}.".encode() + body, hashlib.sha256).digest()
    digest = hmac.new(key, body, hashlib.sha256).hexdigest()
    return {
        "sha256": digest,
        "SHA256": digest.upper(),
        "sha1": hmac.new(key, body, hashlib.sha1).hexdigest(),
        "keyless": hashlib.sha256(body).hexdigest(),
        "empty_key": hmac.new(b"", body, hashlib.sha256).hexdigest(),
        "fullwidth": "".join(chr(ord(c) + 0xFEE0) for c in digest),
        "standard": base64.b64encode(standard).decode(),
        "moment": moment,
        "secret_start": secret[:-1],
        "zeros": "0" * 64,
    }


def forged(site: Any, attack: Attack) -> Seen:
    """Send pushes that nobody who knows the secret has signed; none is taken."""
    secret, achieved, sent = site.hook_secret(), [], 0
    for number, each in enumerate(attack.payload["deliveries"]):
        body = body_of(f"f{number}")
        other = body_of("e1") if each.get("other_body") else body
        known = values(secret, other, each.get("age_s", 0))
        headers = [(name, text.format(**known)) for name, text in each["headers"].items()]
        before = site.pushes()
        answer = _send(site, each["kind"], body, headers, f"d{number}")
        sent += 1
        if site.pushes() != before:
            achieved.append(f"taken: {each['kind']} {each['headers']}")
        if answer.status_code >= 500:
            achieved.append(f"{answer.status_code}: {each['headers']}")
    for kind in dict.fromkeys(each["kind"] for each in attack.payload["deliveries"]):
        body, before = body_of("a1"), site.pushes()
        _send(site, kind, body, _genuine(kind, secret, body), f"genuine {kind}")
        if site.pushes() == before:
            raise RuntimeError(f"{attack.name}: {kind}'s genuine delivery is not taken either")
    return Seen(f"{sent} forged deliveries, and genuine ones", tuple(achieved))


def replayed(site: Any, attack: Attack) -> Seen:
    """Send what the host once sent again: as it was, under other names, much later; it counts once."""
    secret, kind, achieved = site.hook_secret(), attack.payload["kind"], []
    body = body_of("a1")
    start = site.pushes()
    genuine = _genuine(kind, secret, body)
    if _send(site, kind, body, genuine, "first").status_code >= 300:
        raise RuntimeError(f"{attack.name}: the genuine delivery was refused")
    for number in range(attack.payload["times"]):
        _send(site, kind, body, genuine, f"other {number}" if number % 2 else "first")
    taken = site.pushes() - start
    if taken > 1:
        achieved.append(f"one push was taken {taken} times")
    for age_s in attack.payload.get("ages_s", []):
        old = body_of(f"b{abs(age_s)}{age_s < 0:d}")
        before = site.pushes()
        _send(site, kind, old, _genuine(kind, secret, old, age_s), f"old {age_s}")
        if site.pushes() != before:
            achieved.append(f"taken with a moment {age_s / MINUTE_S:.0f} minutes off")
    return Seen(f"{attack.payload['times']} replays of one delivery, taken {taken} times", tuple(achieved))


def _genuine(kind: str, secret: str, body: bytes, age_s: int = 0) -> list[tuple[str, str]]:
    message = f"message-{age_s}"
    known = values(secret, body, age_s, message)
    if kind == "gitlab":
        return [
            ("X-Gitlab-Event", "Push Hook"),
            ("webhook-id", message),
            ("webhook-timestamp", known["moment"]),
            ("webhook-signature", f"v1,{known['standard']}"),
        ]
    if kind == "gitea":
        return [("X-Gitea-Signature", known["sha256"])]
    return [("X-Hub-Signature-256", f"sha256={known['sha256']}")]


def _send(site: Any, kind: str, body: bytes, headers: list[tuple[str, str]], delivery: str) -> Any:
    usual = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-Gitea-Event": "push",
        "X-Gitlab-Event": "Push Hook",
        "X-GitHub-Delivery": delivery,
        "X-Gitea-Delivery": delivery,
    }
    if kind == "gitlab":
        usual["Idempotency-Key"] = delivery
    given = {name: text.encode() for name, text in headers}
    return requests.post(
        site.address + site.hook_kind(kind), data=body, headers={**usual, **given}, timeout=PATIENCE_S
    )


def reordered(site: Any, attack: Attack) -> Seen:
    """Deliver an older push after a newer one, each well signed: the older one never takes its place."""
    secret, order = site.hook_secret(), attack.payload["order"]
    for step in order:
        before, commit = step.split()
        body = body_of(commit, before)
        answer = _send(site, "github", body, _genuine("github", secret, body), f"delivery {step}")
        if answer.status_code >= 300:
            raise RuntimeError(f"{attack.name}: {answer.status_code} for {step}")
        site.hand_in_pushes(attack.payload["history"])
    counts = site.commit_that_counts()
    newest = attack.payload["newest"].ljust(40, "0")
    achieved = () if counts == newest else (f"{counts[:4]} counts instead of {newest[:4]}",)
    return Seen(f"{len(order)} pushes, the newest not the last to come", achieved)
