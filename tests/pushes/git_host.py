"""A host of git repositories on loopback: git's own http-backend behind a small server."""

from __future__ import annotations

import os
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.submissions.archives.packing import honest_tree


@dataclass
class GitHost:
    """The server; repositories are folders `OWNER/NAME.git` of `root`. `redirects` maps paths to others."""

    root: Path
    port: int = 0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    password: str | None = None

    @property
    def origin(self) -> str:
        """Its origin, by plain http."""
        return f"http://127.0.0.1:{self.port}"

    def repository(self, name: str = "ada/nn") -> Repository:
        """Return the repository of this name, made if it is not there."""
        path = self.root / f"{name}.git"
        if not path.exists():
            git(self.root, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
            git(path, "config", "uploadpack.allowFilter", "true")
        return Repository(path)


@dataclass(frozen=True)
class Repository:
    """A bare repository, and commits made in it without any working folder."""

    path: Path

    def commit(
        self, files: Mapping[str, bytes] | None = None, parent: str | None = None, branch: str = "main"
    ) -> str:
        """Make a commit of these files, an honest hand-in by default, and move the branch to it."""
        index = self.path / "index-of-tests"
        index.unlink(missing_ok=True)
        environment = {"GIT_INDEX_FILE": str(index)}
        for path, content in {**honest_tree(), **(files or {})}.items():
            blob = git(self.path, "hash-object", "-w", "--stdin", data=content)
            git(self.path, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", **environment)
        tree = git(self.path, "write-tree", **environment)
        parents = ["-p", parent] if parent else []
        made = git(self.path, "commit-tree", tree, *parents, "-m", "work")
        git(self.path, "update-ref", f"refs/heads/{branch}", made)
        return made


def git(folder: Path, *arguments: str, data: bytes = b"", **environment: str) -> str:
    """Run git in the folder as somebody; return what it prints."""
    somebody = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "1700000000 +0000"))
    }
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        input=data,
        env={**os.environ, **somebody, "GIT_CONFIG_GLOBAL": os.devnull, **environment},
        check=True,
        stdout=subprocess.PIPE,
    )
    return done.stdout.decode().strip()


@contextmanager
def serving_git(root: Path, tls: ssl.SSLContext | None = None) -> Iterator[GitHost]:
    """Serve the repositories below `root` on a free port until the end of the block."""
    host = GitHost(root)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            host.asked.append((self.path, headers))
            address = urlsplit(self.path)
            if address.path in host.redirects:
                return self._answer(302, {"Location": host.redirects[address.path]}, b"")
            if host.password is not None and headers.get("authorization") != host.password:
                return self._answer(401, {"WWW-Authenticate": "Basic realm=git"}, b"")
            body = self.rfile.read(int(headers.get("content-length", 0)))
            variables = {
                "GIT_PROJECT_ROOT": str(root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_PROTOCOL": headers.get("git-protocol", ""),
                "PATH_INFO": address.path,
                "QUERY_STRING": address.query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": headers.get("content-type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            }
            done = subprocess.run(
                ["git", "http-backend"],
                input=body,
                env={"PATH": os.environ["PATH"], **variables},
                stdout=subprocess.PIPE,
                check=True,
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            found = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            status = int(found.pop("Status", "200 OK").split()[0])
            self._answer(status, found, content)

        do_POST = do_GET

        def _answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    host.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
