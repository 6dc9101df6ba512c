"""Tactics in a real browser: stored scripts, requests of other sites, frames, and where links lead."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, Error, Page, Route

from redteam.attack import Attack
from redteam.observation import NotRun
from redteam.web_serving import answering
from redteam.web_target import Seen, Shown, Target, texts_of
from tests.browser.site import browser_program, running_browser
from tests.people import PASSWORD

PATIENCE_MS = 60_000
AT_ONCE = 6  # as many as a browser sends to one server
BAD_LINK = "a => a.filter(x => /^(javascript|data|vbscript):/i.test(x.href)).map(x => x.href)"
MANY_FORMS = """writes => Promise.all(writes.map((write, n) => new Promise(done => {
    const frame = document.createElement('iframe'), form = document.createElement('form')
    frame.name = 'f' + n; document.body.append(frame)
    Object.assign(form, {method: 'post', action: write.url, target: frame.name})
    form.enctype = write.type
    for (const [name, value] of Object.entries(write.form)) {
        const field = document.createElement('input'); field.name = name; field.value = value
        form.append(field)
    }
    document.body.append(form); frame.onload = done; HTMLFormElement.prototype.submit.call(form)
    setTimeout(done, 15000)
})))"""
MANY_FETCHES = """writes => Promise.all(writes.map(write => fetch(write.url, {
    method: write.method, mode: write.mode, credentials: 'include', headers: write.headers,
    body: write.method == 'GET' ? undefined : write.body, signal: AbortSignal.timeout(60000)
    }).catch(() => 0)))"""
READS = """urls => Promise.all(urls.map(async url => {
    const script = () => new Promise(done => {
        const e = document.createElement('script'); e.src = url
        e.onload = () => done('as a script'); e.onerror = () => done(''); document.head.append(e)})
    const fetched = await fetch(url, {credentials: 'include'}).then(a => a.text()).catch(() => '')
    return [url, fetched ? 'by fetch' : await script()]}))"""


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Start the browser; NotRun if there is none."""
    program = browser_program()
    if program is None:
        raise NotRun("no Chromium is installed")
    with running_browser(program) as opened:
        yield opened


@contextlib.contextmanager
def elsewhere(host: str) -> Iterator[str]:
    """Serve an empty page at another origin and yield its address; `localhost` is another site, too."""

    class Empty(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>You have won</title><body>")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    with answering(server):
        yield f"http://{host}:{server.server_port}/"


def signed_in(opened: Browser, site: Target, person: str) -> BrowserContext:
    """Return a window in which the person is signed in."""
    context = opened.new_context(base_url=site.address, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    if person != "nobody":
        context.add_cookies([site.cookie(person)])  # type: ignore[list-item]
    return context


def at_home(context: BrowserContext, site: Target, person: str) -> Page:
    """Open the person's own page; RuntimeError if they are not signed in, and so could do nothing anyway."""
    page = context.new_page()
    page.goto(site.routes["home"])
    if site.names[person] not in page.content():
        raise RuntimeError(f"the {person} is not signed in")
    return page


def script(site: Target, attack: Attack) -> Seen:
    """Store the texts and look at every page that shows them: no script runs, nothing is asked for."""
    token = f"t{secrets.token_hex(4)}"
    texts = texts_of(attack, token)
    ran: dict[str, str] = {}
    shown = 0
    with browser() as opened, TemporaryDirectory() as folder:
        for place in attack.payload["places"]:
            pages = site.plant(place, texts)
            for person in dict.fromkeys(each.person for each in pages):
                context = signed_in(opened, site, person)
                own = [each for each in pages if each.person == person]
                shown += sum(_look(context, each, token, ran, Path(folder)) for each in own)
                context.close()
    if not shown:
        raise RuntimeError(f"{attack.name}: the payload is on no page")
    achieved = tuple(f"a script ran: {how}" for how in ran.values())
    return Seen(f"{len(texts)} texts, read on {shown} pages", achieved)


def _look(context: BrowserContext, shown: Shown, token: str, ran: dict[str, str], folder: Path) -> bool:
    """Look at one page as a person would; return whether the texts are on it."""
    page = context.new_page()

    def note(text: str, how: str) -> None:
        for mark in re.findall(rf"{token}x\d+", text):
            ran.setdefault(mark, f"{how} on {shown.path}")

    def ask(route: Route) -> None:
        if route.request.url.partition("?")[0].endswith(shown.path.partition("?")[0]):
            route.continue_()
        elif token in route.request.url:
            note(route.request.url, "a request")
            route.fulfill(status=204)
        else:
            route.continue_()

    page.on("dialog", lambda dialog: (note(dialog.message, "a dialog"), dialog.dismiss())[1])
    page.route("**/*", ask)
    try:
        if shown.path.endswith(".html"):
            with page.expect_download() as download, contextlib.suppress(Error):
                page.goto(shown.path)
            file = folder / "report.html"
            download.value.save_as(file)
            page.goto(file.as_uri())
        else:
            with contextlib.suppress(Error):  # some are downloads, and are not shown at all
                page.goto(shown.path)
        return _found(page, note, token)
    finally:
        page.close()


def _found(page: Page, note: object, token: str) -> bool:
    for _ in range(2):  # what a page does once it is read, and once something is pressed
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")
        with contextlib.suppress(Error):
            page.keyboard.press("Tab")
    for link in page.eval_on_selector_all("a[href], form[action], button[formaction]", BAD_LINK):
        note(link, "a link")  # type: ignore[operator]
    title = page.evaluate("document.title")
    if token in title and "pwned" in title:
        note(title, "the title")  # type: ignore[operator]
    return token in page.content()


def forged(site: Target, attack: Attack) -> Seen:
    """Make every write that there is from a page elsewhere, in the browser of somebody who is signed in."""
    how, host = attack.payload["how"], attack.payload["from"]
    writes = site.writes()
    with browser() as opened, elsewhere(host) as address:
        context = signed_in(opened, site, "staff")
        page = at_home(context, site, "staff")
        page.goto(address)
        before, logged = site.state(), len(site.log())
        if how.startswith("form"):
            kind = how.partition(" ")[2] or "application/x-www-form-urlencoded"
            asked = [{"url": site.address + w.path, "form": dict(w.form), "type": kind} for w in writes]
            page.evaluate(MANY_FORMS, asked)
        else:
            asked = [_fetch(site.address + w.path, dict(w.form), how) for w in writes]
            for start in range(0, len(asked), AT_ONCE):
                page.evaluate(MANY_FETCHES, asked[start : start + AT_ONCE])
        context.close()
        arrived = site.log()[logged:].count("\n")
    if arrived < len(writes):
        raise RuntimeError(f"{attack.name}: of {len(writes)} writes {arrived} arrived")
    after = site.state()
    changed = () if after == before else (f"what is stored has changed: {_difference(before, after)}",)
    return Seen(f"{len(writes)} writes tried from {host}, {arrived} requests arrived", changed)


def _fetch(url: str, form: dict[str, str], how: str) -> dict[str, object]:
    encoded = "&".join(f"{name}={value}" for name, value in form.items())
    asked: dict[str, object] = {
        "url": url,
        "method": "POST",
        "mode": "no-cors",
        "headers": {},
        "body": encoded,
    }
    if how == "text/plain":
        asked |= {"headers": {"Content-Type": "text/plain"}, "body": json.dumps(form)}
    elif how == "json":
        asked |= {"mode": "cors", "headers": {"Content-Type": "application/json"}, "body": json.dumps(form)}
    elif how == "override":
        asked |= {"url": f"{url}?_method=POST&{encoded}", "headers": {"X-HTTP-Method-Override": "PUT"}}
        asked["mode"] = "cors"
    elif how == "get":
        asked |= {"url": f"{url}?_method=POST&{encoded}", "method": "GET"}
    else:
        asked["headers"] = {"Content-Type": "application/x-www-form-urlencoded"}
    return asked


def _difference(before: object, after: object) -> str:
    if isinstance(before, dict) and isinstance(after, dict):
        return ", ".join(name for name in before if before[name] != after[name])
    return "rows"


def swapped(site: Target, attack: Attack) -> Seen:
    """From elsewhere, sign somebody out, or in as the attacker, whose page they then take for theirs."""
    form = {"email": site.mails["attacker"], "password": PASSWORD}  # type: ignore[attr-defined]
    achieved = []
    with browser() as opened, elsewhere(attack.payload["from"]) as address:
        for path, sent in ((site.routes["sign-out"], {}), (site.routes["sign-in"], form)):
            context = signed_in(opened, site, "student")
            page = at_home(context, site, "student")
            page.goto(address)
            asked = {"url": site.address + path, "form": sent, "type": "application/x-www-form-urlencoded"}
            page.evaluate(MANY_FORMS, [asked])
            page.evaluate(MANY_FETCHES, [_fetch(site.address + path, sent, "get")])
            page.goto(site.address + site.routes["home"])
            if site.names["student"] not in page.content():
                achieved.append(f"a page elsewhere changed who is signed in, by {path}")
            context.close()
    return Seen("signing out, and in as somebody else, by form and by picture", tuple(achieved))


def framed(site: Target, attack: Attack) -> Seen:
    """Show each page in a frame of another site, where people press what they don't see."""
    paths, achieved = site.reads(), []
    with browser() as opened, elsewhere(attack.payload["from"]) as address:
        context = signed_in(opened, site, "staff")
        page = at_home(context, site, "staff")
        page.goto(address)
        page.evaluate(
            """urls => Promise.all(urls.map(url => new Promise(done => {
                const e = document.createElement('iframe'); e.src = url; e.onload = done
                setTimeout(done, 8000); document.body.append(e)})))""",
            [site.address + path for path in paths],
        )
        for frame in page.frames[1:]:
            if frame.url.startswith(site.address) and site.names["staff"] in frame.content():
                achieved.append(f"in a frame: {frame.url.removeprefix(site.address)}")
        context.close()
    return Seen(f"{len(paths)} pages in frames", tuple(achieved))


def included(site: Target, attack: Attack) -> Seen:
    """Read each page and file from another site, by fetch and as a script."""
    paths = site.reads()
    with browser() as opened, elsewhere(attack.payload["from"]) as address:
        context = signed_in(opened, site, "staff")
        page = at_home(context, site, "staff")
        page.goto(address)
        found = page.evaluate(READS, [site.address + path for path in paths])
        context.close()
    achieved = tuple(f"{url.removeprefix(site.address)} {how}" for url, how in found if how)
    return Seen(f"{len(paths)} pages and files asked for from elsewhere", achieved)


def led_away(site: Target, attack: Attack) -> Seen:
    """Sign in by links that name another site as where to go on."""
    achieved, mails = [], site.mails  # type: ignore[attr-defined]
    texts = attack.payload["next"]
    with browser() as opened:
        for text in texts:
            context = signed_in(opened, site, "nobody")
            asked: list[str] = []
            context.on("request", lambda made, asked=asked: _note_other(made.url, asked, site))
            page = context.new_page()
            page.goto(f"{site.routes['sign-in']}?next={text}")
            page.fill("input[name=email]", mails["student"])
            page.fill("input[name=password]", PASSWORD)
            with contextlib.suppress(Error), page.expect_navigation():
                page.keyboard.press("Enter")
            if asked:
                achieved.append(f"{text} leads to {asked[0]}")
            context.close()
    return Seen(f"{len(texts)} links to sign in", tuple(achieved))


def _note_other(url: str, asked: list[str], site: Target) -> None:
    if not url.startswith(site.address):
        asked.append(url)
