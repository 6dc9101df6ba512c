"""Tactics by texts that no browser shows: in spreadsheets, on terminals, in logs, as names of files."""

from __future__ import annotations

import csv
import io
import re
import secrets
import socket
import unicodedata
import zipfile
from urllib.parse import quote, urlsplit

from redteam.attack import Attack
from redteam.web_target import PATIENCE_S, Seen, Target, session_of, texts_of

FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
XLSX_FORMULA = re.compile(rb"<f[ >/].*?</f>|<f/>|ddeLink|externalLink|<hyperlink ", re.S)
SEPARATORS = (",", ";", "\t")
CONTROLS = ("Cc", "Cf", "Zl", "Zp", "Cs")
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\..*)?", re.I)


def formula(site: Target, attack: Attack) -> Seen:
    """Store the texts and open each table as spreadsheets do, with every separator: no cell is a formula."""
    token = f"t{secrets.token_hex(4)}"
    texts = texts_of(attack, token)
    for place in attack.payload["places"]:
        site.plant(place, texts)
    session, cells, achieved = session_of(site, "staff"), 0, []
    for path in site.exports():
        answer = session.get(site.address + path, timeout=PATIENCE_S)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        if answer.content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
                for name in book.namelist():
                    found = XLSX_FORMULA.findall(book.read(name)) if "sheet" in name or "link" in name else []
                    achieved += [f"{path}: {each!r}" for each in found]
                    cells += book.read(name).count(token.encode())
            continue
        text = answer.content.decode("utf-8-sig")
        cells += text.count(token)
        for separator in SEPARATORS:
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
                # A cell of another separator's table is what stands between two quotes or separators.
                achieved += [f"{path}: {cell[:40]!r}" for cell in row if token in cell and _runs(cell)]
    if not cells:
        raise RuntimeError(f"{attack.name}: the payload is in no table")
    return Seen(f"{len(texts)} texts, {cells} times in {len(site.exports())} tables", tuple(achieved))


def _runs(cell: str) -> bool:
    return FORMULA.match(cell.lstrip(' "')) is not None


def terminal(site: Target, attack: Attack) -> Seen:
    """Store the texts and print what people print: nothing but letters, signs and line ends comes through."""
    token = f"t{secrets.token_hex(4)}"
    texts = texts_of(attack, token)
    achieved, shown = [], 0
    for place in attack.payload["places"]:
        site.plant(place, texts)
        for where, printed in site.terminals().items():
            shown += printed.count(token)
            for character in sorted(set(printed) - {"\n", "\t"}):
                if unicodedata.category(character) in CONTROLS:
                    achieved.append(f"{where}: {character!r} of {place}")
    if not shown:
        raise RuntimeError(f"{attack.name}: the payload is printed nowhere")
    return Seen(f"{len(texts)} texts, printed {shown} times", tuple(achieved))


def line(site: Target, attack: Attack) -> Seen:
    """Ask for the texts by path, by query, by header and by form: none ends a line of the log or a header."""
    token = f"t{secrets.token_hex(4)}"
    texts = texts_of(attack, token)
    session, before, achieved = session_of(site, "student"), site.log().count("\n"), []
    expected = 0
    for text in texts:
        for path in (f"/{quote(text)}", f"{site.routes['sign-in']}?next={quote(text)}"):
            raw = _raw(site, path, text)
            head = raw.split("\r\n\r\n")[0]
            if any(each.startswith(token) or "forged:" in each.lower() for each in head.split("\r\n")):
                achieved.append(f"a header: {head[:60]!r}")
            expected += 1
        form = {"name": text, "email": text, "password": "x"}
        path = site.routes["sign-in"]
        fields = site.hidden_fields(session, path)
        session.post(site.address + path, data={**form, **fields}, timeout=PATIENCE_S, allow_redirects=False)
        session.get(site.address + "/" + quote(text), headers={"User-Agent": quote(text)}, timeout=PATIENCE_S)
    written = site.log().split("\n")[before:]
    if len(written) < expected:
        raise RuntimeError(f"{attack.name}: {expected} requests, {len(written)} lines in the log")
    for each in written:
        if re.match(rf"\S*({token}|2026-|forged)", each) and "grader." not in each:
            achieved.append(f"a line of its own in the log: {each[:60]!r}")
        if any(unicodedata.category(c) in CONTROLS for c in each):
            achieved.append(f"a control character in the log: {each[:60]!r}")
    return Seen(
        f"{len(texts)} texts by path, query, header and form, {len(written)} lines logged", tuple(achieved)
    )


def _raw(site: Target, path: str, text: str) -> str:
    """Ask by hand: a client would not send all of it."""
    where = urlsplit(site.address)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=PATIENCE_S) as connection:
        lines = [
            f"GET {path.replace(' ', '%20')} HTTP/1.1",
            "Host: grader",
            "Connection: close",
            f"Cookie: x={text}",
        ]
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace"))
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode("utf-8", "replace")


def download(site: Target, attack: Attack) -> Seen:
    """Hand in under these names, and save the files as browsers would: each has a plain name."""
    token = f"t{secrets.token_hex(4)}"
    texts = texts_of(attack, token)
    session, achieved, files = session_of(site, "staff"), [], 0
    for place in attack.payload["places"]:
        for shown in site.plant(place, texts):
            if "/submissions/" in shown.path:
                saved = [shown.path.partition("/report")[0] + end for end in ("/archive", "/report.html")]
            else:
                saved = [shown.path if "." in shown.path else f"{shown.path}/file"]
            for path in saved:
                answer = session.get(site.address + path, timeout=PATIENCE_S)
                header = answer.headers.get("Content-Disposition", "")
                if not header:
                    continue
                files += 1
                if problem := _problem(header):
                    achieved.append(f"{problem}: {header[:70]!r}")
    if not files:
        raise RuntimeError(f"{attack.name}: nothing was saved")
    return Seen(f"{len(texts)} names, {files} files saved", tuple(achieved))


def _problem(header: str) -> str:
    """Return what is wrong with the name that a file is saved under, "" if nothing is."""
    decoded = header.encode("latin-1", "replace").decode("utf-8", "replace")
    found = re.fullmatch(r'attachment; filename="([^"]*)"', decoded)
    if found is None:
        return "not one name in quotes"
    name = found[1]
    if any(unicodedata.category(c) in CONTROLS for c in name):
        return "a sign that is not seen"
    if re.search(r'[/\\:*?"<>|;%~]', name) or name.startswith((".", "-")) or name.endswith((".", " ")):
        return "a path, or a sign with a meaning"
    return "a device's name" if DEVICES.fullmatch(name) else ""
