"""Answers that get lost, streams that are cut, services that say "later": it all ends in one right result."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client.conftest import Client, Site
from tests.client.unreliable import PASS, Asked, Fate, Unreliable

MakeWork = Callable[..., Path]


def first(number: int, fate: Fate, method: str, ending: str) -> Callable[[Asked], Fate]:
    """This fate for the first so many requests to an address with this ending, none for all others."""
    left = [number]

    def fate_of(asked: Asked) -> Fate:
        if asked.method == method and asked.path.endswith(ending) and left[0] > 0:
            left[0] -= 1
            return fate
        return PASS

    return fate_of


def test_a_lost_answer_is_asked_for_again_and_nothing_is_handed_in_twice(
    client: Client, site: Site, between: Unreliable, make_work: MakeWork
):
    before = site.handed_in()
    between.fate_of = first(2, Fate(is_lost=True), "POST", "/submissions")
    ended = client.run(make_work(), "--unit", "nn", "--wait", GRADER_SERVER=between.address)
    assert ended.returncode == 0, ended.stderr
    assert between.paths("POST") == ["/submissions"] * 3
    keys = {asked.headers["idempotency-key"] for asked in between.asked if asked.method == "POST"}
    assert len(keys) == 1
    assert "Handed in: number" in ended.stdout and "already" not in ended.stdout
    assert site.handed_in() == before + 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_get_better_is_tried_again(
    client: Client, site: Site, between: Unreliable, make_work: MakeWork, status: int
):
    between.fate_of = first(1, Fate(status, {"Retry-After": "1"}), "POST", "/submissions")
    ended = client.run(make_work(status=status), "--unit", "nn", GRADER_SERVER=between.address)
    assert ended.returncode == 0
    assert f"status {status}; next try in 1 s (1 of 5)" in ended.stdout


def test_a_long_retry_after_is_honoured(client: Client, between: Unreliable, make_work: MakeWork):
    between.fate_of = first(1, Fate(429, {"Retry-After": "77"}), "GET", "/me")
    process = client.start(make_work(), "--unit", "nn", GRADER_SERVER=between.address)
    assert process.stdout is not None
    assert "next try in 77 s" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "hands nothing in twice" in stdout


def test_it_gives_up_after_so_many_tries(client: Client, between: Unreliable, make_work: MakeWork):
    between.fate_of = lambda asked: Fate(503, {"Retry-After": "0"})
    ended = client.run(make_work(), "--unit", "nn", "--retries", 3, GRADER_SERVER=between.address)
    assert ended.returncode == 7
    assert between.paths("GET") == ["/me"] * 4


def test_a_stream_that_is_cut_goes_on_after_the_last_event(
    client: Client, between: Unreliable, make_work: MakeWork, tmp_path: Path
):
    go_on = tmp_path / "go-on"
    cut_twice = first(2, Fate(cut_after=12), "GET", "/events")

    def fate_of(asked: Asked) -> Fate:
        fate = cut_twice(asked)
        if asked.path.endswith("/events") and fate is PASS:
            go_on.touch()  # two were cut: now it may come to an end
        return fate

    between.fate_of = fate_of
    work = make_work(wait_for=str(go_on))
    ended = client.run(work, "--unit", "nn", "--wait", GRADER_SERVER=between.address)
    assert ended.returncode == 0
    streams = [asked for asked in between.asked if asked.path.endswith("/events")]
    assert len(streams) >= 3
    assert "last-event-id" not in streams[0].headers and "last-event-id" in streams[2].headers


@pytest.mark.parametrize(
    "fate", [Fate(429, {"Retry-After": "2"}), Fate(503), Fate(cut_after=0)], ids=["many", "none", "buffered"]
)
def test_without_streams_it_asks(client: Client, between: Unreliable, make_work: MakeWork, fate: Fate):
    between.fate_of = first(1000, fate, "GET", "/events")
    ended = client.run(make_work(), "--unit", "nn", "--wait", GRADER_SERVER=between.address)
    assert ended.returncode == 0
    assert "100 of 100 points" in ended.stdout
    assert 1 <= sum(path.endswith("/events") for path in between.paths("GET")) <= 2


def test_no_redirect_takes_the_token_along(
    client: Client, site: Site, between: Unreliable, make_work: MakeWork
):
    elsewhere = site.address.replace("127.0.0.1", "localhost") + "/api/v1/me"
    between.fate_of = lambda asked: Fate(302, {"Location": elsewhere})
    ended = client.run(make_work(), "--unit", "nn", GRADER_SERVER=between.address)
    assert ended.returncode == 2
    assert elsewhere in ended.stderr and "--server" in ended.stderr
    assert between.paths("GET") == ["/me"]


def test_no_proxy_gets_the_token_for_a_service_on_this_machine(
    client: Client, between: Unreliable, make_work: MakeWork
):
    ended = client.run(make_work(kind="proxy"), "--unit", "nn", http_proxy=between.address)
    assert ended.returncode == 0, ended.stderr
    assert between.asked == []


PAGE = b"<!doctype html><title>Welcome to our network</title>"


@pytest.mark.parametrize("body", [PAGE, b"[]", b""])
@pytest.mark.parametrize(
    ("method", "ending"), [("GET", "/me"), ("GET", "/courses"), ("POST", "/submissions"), ("GET", "/report")]
)
def test_an_answer_that_is_no_service_s_is_no_score(
    client: Client, between: Unreliable, make_work: MakeWork, method: str, ending: str, body: bytes
):
    between.fate_of = first(1000, Fate(200, {"Content-Type": "text/html"}, body), method, ending)
    ended = client.run(make_work(kind="html"), "--unit", "nn", "--wait", GRADER_SERVER=between.address)
    assert ended.returncode == 2
    assert "is not a grader's" in ended.stderr


def test_a_refused_stream_whose_words_are_cut_off_is_one_that_can_not_be_had(
    client: Client, between: Unreliable, make_work: MakeWork
):
    between.fate_of = first(1000, Fate(503, {"Content-Length": "100"}, b"{"), "GET", "/events")
    ended = client.run(make_work(kind="cut"), "--unit", "nn", "--wait", GRADER_SERVER=between.address)
    assert ended.returncode == 0, ended.stderr


def test_a_bug_of_ours_is_no_score(client: Client, between: Unreliable, make_work: MakeWork):
    between.fate_of = first(1000, Fate(200, {}, b"{}"), "GET", "/me")
    process = client.start(make_work(), "--unit", "nn", GRADER_SERVER=between.address)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 4 and "Traceback" in stderr


class TestPacking:
    def test_what_is_never_needed_stays_at_home(
        self, client: Client, between: Unreliable, make_work: MakeWork
    ):
        work = make_work(kind="packing")
        (work / ".venv").mkdir()
        (work / ".venv/pyvenv.cfg").touch()
        (work / "shortcut.py").symlink_to(work / "g2c/nn/loss.py")
        (work / "fast.so").write_bytes(b"\x7fELF")
        ended = client.run(work, "--unit", "nn", "--wait", GRADER_SERVER=between.address)
        assert ended.returncode == 0, ended.stdout
        assert "Left out, as it is never needed: .venv" in ended.stdout
        assert "Left out: shortcut.py is a link" in ended.stdout
        assert "Left out: fast.so" in ended.stdout

    def test_too_large_is_refused_before_anything_is_sent(
        self, client: Client, between: Unreliable, make_work: MakeWork
    ):
        work = make_work()
        with (work / "weights.pt").open("wb") as file:
            file.truncate(33 * 1024**2)
        ended = client.run(work, "--unit", "nn", GRADER_SERVER=between.address)
        assert ended.returncode == 3
        assert "Nothing was sent" in ended.stderr and "file-too-big" in ended.stdout
        archive = shutil.make_archive(str(work.parent / "big"), "zip", root_dir=work)
        with Path(archive).open("ab") as file:
            file.truncate(33 * 1024**2)
        ended = client.run(archive, "--unit", "nn", GRADER_SERVER=between.address)
        assert ended.returncode == 3 and "archive-too-big" in ended.stdout
        assert between.asked == []

    def test_an_archive_is_sent_as_it_is(self, client: Client, make_work: MakeWork):
        archive = shutil.make_archive(str(make_work(kind="zip").parent / "mine"), "zip", root_dir=make_work())
        assert client.run(archive, "--unit", "nn", "--wait").returncode == 0

    def test_the_folder_one_is_in(self, client: Client, make_work: MakeWork, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(make_work(kind="here"))
        ended = client.run("--unit", "nn", "--wait")
        assert ended.returncode == 0 and "100 of 100" in ended.stdout

    def test_an_empty_folder(self, client: Client, tmp_path: Path):
        empty = tmp_path / "empty"
        empty.mkdir()
        assert client.run(empty, "--unit", "nn").returncode == 3


class TestOwnFile:
    def test_it_names_server_and_course(self, client: Client, site: Site, make_work: MakeWork):
        place = client.home / ".config" / "grader" / "client.toml"
        place.parent.mkdir(parents=True)
        place.write_text(f'server = "{site.address}"\ncourse = "dl"\n')
        assert client.run(make_work(), "--unit", "nn", GRADER_SERVER="").returncode == 0
        place.write_text('token = "secret"\n')
        ended = client.run(make_work(), "--unit", "nn", GRADER_SERVER="")
        assert ended.returncode == 2 and "server and course" in ended.stderr

    def test_a_file_in_the_folder_that_is_handed_in_is_not_believed(
        self, client: Client, between: Unreliable, make_work: MakeWork
    ):
        work = make_work()
        for name in ("client.toml", "grader.toml", ".grader.toml"):
            (work / name).write_text(f'server = "{between.address}"\n')
        ended = client.run(work, "--unit", "nn", GRADER_SERVER="")
        assert ended.returncode == 2 and "Which service?" in ended.stderr
        assert between.asked == []
