"""Fetching a commit: exactly that one, from where it was judged, with everything else off."""

import base64
import os
from pathlib import Path

import pytest

from grader import git_sandbox
from grader.errors import OutboundError, OutboundRefused, RejectedError, UsageError
from grader.outbound.client import Outbound
from grader.pushes import fetching
from grader.pushes.fetching import Fetcher
from tests.outbound.stand_in import HOST, PUBLIC, make_certificate
from tests.pushes.git_host import GitHost, Repository, git, serving_git
from tests.submissions.archives.packing import honest_tree


@pytest.fixture
def fetcher(outbound: Outbound) -> Fetcher:
    return Fetcher(outbound)


@pytest.fixture
def url(host: GitHost) -> str:
    return f"{host.origin}/ada/nn"


def test_the_files_of_exactly_the_commit_come(fetcher: Fetcher, repository: Repository, url: str):
    first = repository.commit({"notes.md": b"one"})
    repository.commit({"notes.md": b"two"}, parent=first)
    assert fetcher.files_of(url, first, None) == {**honest_tree(), "notes.md": b"one"}


def test_a_commit_that_was_pushed_over_is_still_that_commit(
    fetcher: Fetcher, repository: Repository, url: str
):
    pinned = repository.commit({"notes.md": b"one"})
    repository.commit({"notes.md": b"forced"})
    assert fetcher.files_of(url, pinned, None)["notes.md"] == b"one"


def test_a_commit_that_is_not_there_is_an_error(fetcher: Fetcher, repository: Repository, url: str):
    repository.commit()
    with pytest.raises(OutboundError, match="git fetch failed"):
        fetcher.files_of(url, "0123456789" * 4, None)


def test_what_is_no_commit_is_an_error(fetcher: Fetcher, repository: Repository, url: str):
    made = repository.commit()
    tree = git(repository.path, "rev-parse", f"{made}^{{tree}}")
    with pytest.raises(OutboundError):
        fetcher.files_of(url, tree, None)


def test_a_repository_that_is_not_there_is_an_error(fetcher: Fetcher, host: GitHost):
    with pytest.raises(OutboundError, match="git fetch failed"):
        fetcher.files_of(f"{host.origin}/ada/none", "0" * 40, None)


def test_no_redirect_is_followed(fetcher: Fetcher, host: GitHost, repository: Repository):
    commit = repository.commit()
    host.redirects["/ada/moved.git/info/refs"] = f"{host.origin}/ada/nn.git/info/refs?service=git-upload-pack"
    with pytest.raises(OutboundError):
        fetcher.files_of(f"{host.origin}/ada/moved", commit, None)
    assert [path.partition("?")[0] for path, _ in host.asked] == ["/ada/moved.git/info/refs"]


def test_a_name_is_pinned_to_the_address_that_was_judged(host: GitHost, repository: Repository):
    """git never resolves it: nobody else knows this name."""
    commit = repository.commit()
    origin = f"http://git.invalid:{host.port}"
    fetcher = Fetcher(Outbound((origin,), resolve=lambda name, port: ["127.0.0.1"]))
    assert fetcher.files_of(f"{origin}/ada/nn", commit, None) == honest_tree()
    assert host.asked[0][1]["host"] == f"git.invalid:{host.port}"


@pytest.mark.parametrize(
    ("version", "is_taken"),
    [
        ("2.37.0", True),
        ("2.39.5 (Apple Git-154)", True),
        ("3.0.0.rc1", True),
        ("2.36.6", False),
        ("2.9.0", False),
        ("1.99", False),
        ("", False),
    ],
)
def test_a_git_that_would_not_be_pinned_is_not_let_out(
    fetcher: Fetcher,
    host: GitHost,
    repository: Repository,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    is_taken: bool,
):
    commit = repository.commit()
    monkeypatch.setattr(fetching, "git_version", lambda: version)
    if is_taken:
        assert fetcher.files_of(url, commit, None) == honest_tree()
    else:
        with pytest.raises(UsageError, match="needs git 2"):
            fetcher.files_of(url, commit, None)
        assert host.asked == []


def test_by_https_the_certificate_must_be_good_for_the_name(
    host: GitHost, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    commit = repository.commit()
    certificate = make_certificate(tmp_path)
    with serving_git(host.root, certificate.server) as secure:

        def fetch(name: str) -> dict[str, bytes]:
            origin = f"https://{name}:{secure.port}"
            fetcher = Fetcher(Outbound((origin,), resolve=lambda name, port: ["127.0.0.1"]))
            return fetcher.files_of(f"{origin}/ada/nn", commit, None)

        with pytest.raises(OutboundError, match="git fetch failed"):
            fetch(HOST)  # nobody vouches for it
        good = str(tmp_path / f"{HOST}.pem")
        monkeypatch.setitem(fetching.CONFIGURATION, "http.sslCAInfo", good)
        monkeypatch.setattr(git_sandbox, "SETTINGS", (*git_sandbox.SETTINGS, good))
        assert fetch(HOST) == honest_tree()
        asked = len(secure.asked)
        with pytest.raises(OutboundError, match="git fetch failed"):
            fetch("other.example.org")
        assert len(secure.asked) == asked


@pytest.mark.parametrize("found", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::ffff:169.254.169.254"]])
def test_a_host_that_leads_inside_is_not_asked(host: GitHost, found: list[str]):
    fetcher = Fetcher(Outbound(resolve=lambda name, port: found))
    with pytest.raises(OutboundRefused):
        fetcher.files_of("https://github.com/ada/nn", "0" * 40, None)
    assert host.asked == []


def test_plain_http_is_not_spoken(host: GitHost):
    with pytest.raises(OutboundRefused):
        Fetcher(Outbound()).files_of(f"{host.origin}/ada/nn", "0" * 40, None)


def test_the_token_is_sent_to_the_host_and_stays_out_of_sight(
    fetcher: Fetcher, host: GitHost, repository: Repository, url: str
):
    commit = repository.commit()
    pair = base64.b64encode(b"x-access-token:secret").decode()
    host.password = f"Basic {pair}"
    assert fetcher.files_of(url, commit, ("x-access-token", "secret")) == honest_tree()
    with pytest.raises(OutboundError) as wrong:
        fetcher.files_of(url, commit, ("x-access-token", "guess"))
    assert "guess" not in str(wrong.value)
    with pytest.raises(OutboundError):
        fetcher.files_of(url, commit, None)  # and nobody is asked for a password


def test_nothing_of_this_machine_configures_git(
    fetcher: Fetcher, repository: Repository, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f'[url "http://127.0.0.1:9/"]\n\tinsteadOf = {url}\n')
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("GIT_PROXY_COMMAND", "/bin/false")
    assert fetcher.files_of(url, repository.commit(), None) == honest_tree()


def test_what_a_repository_carries_is_not_run(
    fetcher: Fetcher, repository: Repository, url: str, tmp_path: Path
):
    """Filters, attributes of archives, submodules and LFS: files are files."""
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    carried = {
        ".gitattributes": b"* filter=evil export-ignore\n*.bin filter=lfs\n*.md export-subst\n",
        ".gitmodules": b'[submodule "x"]\n\tpath = x\n\turl = https://127.0.0.1/x\n',
        ".lfsconfig": b"[lfs]\n\turl = https://127.0.0.1/lfs\n",
        "weights.bin": pointer,
        "notes.md": b"$Format:%H$",
    }
    files = fetcher.files_of(url, repository.commit(carried), None)
    assert files["notes.md"] == b"$Format:%H$"
    assert files["weights.bin"] == pointer


def test_what_intake_refuses_is_rejected(fetcher: Fetcher, repository: Repository, url: str):
    blob = git(repository.path, "hash-object", "-w", "--stdin", data=b"/etc/passwd")
    made = repository.commit()
    index = {"GIT_INDEX_FILE": str(repository.path / "index-of-tests")}
    git(repository.path, "update-index", "--add", "--cacheinfo", f"120000,{blob},link", **index)
    tree = git(repository.path, "write-tree", **index)
    commit = git(repository.path, "commit-tree", tree, "-p", made, "-m", "link")
    with pytest.raises(RejectedError):
        fetcher.files_of(url, commit, None)


def test_a_large_pack_is_cut_off(
    fetcher: Fetcher, repository: Repository, url: str, monkeypatch: pytest.MonkeyPatch
):
    commit = repository.commit({"data.bin": os.urandom(300_000)})
    monkeypatch.setattr(fetching, "PACK_BYTES", 100 * 1024)
    with pytest.raises(OutboundError):
        fetcher.files_of(url, commit, None)


def test_a_slow_host_is_not_waited_for(
    fetcher: Fetcher, repository: Repository, url: str, monkeypatch: pytest.MonkeyPatch
):
    commit = repository.commit()
    monkeypatch.setattr(fetching, "FETCH_S", 0.001)
    with pytest.raises(OutboundError, match="longer than"):
        fetcher.files_of(url, commit, None)


def test_nothing_is_left_behind(
    fetcher: Fetcher, repository: Repository, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    fetcher.files_of(url, repository.commit(), None)
    with pytest.raises(OutboundError):
        fetcher.files_of(url, "0123456789" * 4, None)
    assert list(place.iterdir()) == []


def test_an_ancestor_is_known_by_the_history(fetcher: Fetcher, repository: Repository, url: str):
    first = repository.commit({"notes.md": b"one"})
    second = repository.commit({"notes.md": b"two"}, parent=first)
    third = repository.commit({"notes.md": b"three"}, parent=second)
    apart = repository.commit({"notes.md": b"forced"})
    assert fetcher.is_ancestor(url, first, third, None)
    assert not fetcher.is_ancestor(url, third, first, None)
    assert not fetcher.is_ancestor(url, first, apart, None)


def test_what_a_hostile_server_says_is_shown_as_plain_text():
    assert fetching._said(b"one\n\x1b[31mfatal: \xff\x07" + b"x" * 1000).startswith("?[31mfatal: ??xxx")
    assert len(fetching._said(b"y" * 1000)) == fetching.MAX_SAID_CHARACTERS
