"""`grader check` runs on Windows, too: read off the source of all it imports, and tried without POSIX."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.unit.test_imports import imported_names

ROOT = Path(__file__).resolve().parents[2]
START = ("grader.judging.check", "grader.judging.short_training", "grader.settings", "grader.errors")
# Uses bubblewrap where that is, and runs git as it is elsewhere; a check needs it for repositories only.
ONLY_WHERE_BUBBLEWRAP_IS = "grader.git_sandbox"
POSIX_MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "posix", "pyseccomp"}
POSIX_NAMES = {
    *("os.fork", "os.forkpty", "os.setsid", "os.killpg", "os.getuid", "os.geteuid", "os.getgid"),
    *("os.mkfifo", "os.chown", "os.sched_getaffinity", "os.sched_setaffinity", "os.getpgid"),
    *("os.O_NOFOLLOW", "os.O_NONBLOCK", "os.O_CLOEXEC", "signal.SIGKILL", "signal.SIGALRM", "signal.alarm"),
}
POSIX_ARGUMENTS = {"preexec_fn", "start_new_session", "pass_fds", "process_group", "dir_fd"}

WITHOUT_POSIX = """
import os, sys
for name in {modules!r}:
    sys.modules[name] = None
for name in {names!r}:
    if name.startswith("os.") and hasattr(os, name[3:]):
        delattr(os, name[3:])
from grader.cli import main
main(["check", {path!r}, "--no-mnist"])
"""


def source_of(module: str) -> Path | None:
    path = ROOT / module.replace(".", "/")
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def reached() -> dict[str, Path]:
    """Every module of ours that a check may import, now or later."""
    found: dict[str, Path] = {}
    pending = list(START)
    while pending:
        name = pending.pop()
        path = source_of(name)
        if path is None:  # a name in a module
            parent = name.rpartition(".")[0]
            if parent.startswith("grader") and parent not in found:
                pending.append(parent)
        elif name not in found:
            found[name] = path
            imported = imported_names(path.read_text(encoding="utf-8"), name)
            pending += [
                module
                for module in imported
                if module.startswith("grader.") and not module.startswith(ONLY_WHERE_BUBBLEWRAP_IS)
            ]
    return found


def unportable(tree: ast.Module) -> Iterator[str]:
    """POSIX-only things in a module, but for imports that a missing module does not break."""
    guarded = {
        id(statement)
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and any("ImportError" in ast.unparse(h) for h in node.handlers)
        for statement in node.body
    }
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)) and id(node) not in guarded:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
            yield from (f"import {name}" for name in names if name in POSIX_MODULES)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in POSIX_NAMES:
            yield ast.unparse(node)
        elif isinstance(node, ast.Call):
            yield from (f"{k.arg}=" for k in node.keywords if k.arg in POSIX_ARGUMENTS)


def test_nothing_that_a_check_imports_is_for_posix_only():
    modules = reached()
    assert {"grader.submissions.git_reader", "grader.judging.static_reading"} <= modules.keys()
    found = {name: list(unportable(ast.parse(path.read_text("utf-8")))) for name, path in modules.items()}
    assert {name: uses for name, uses in found.items() if uses} == {}


def test_a_check_never_reaches_sandboxes_or_the_judge():
    apart = ("grader.sandbox", "grader.remote", "grader.judging.judge", "grader.judging.pool")
    assert [name for name in reached() if name.startswith(apart)] == []


def test_an_unportable_line_is_seen():
    lines = ["import fcntl", "os.fork()", "subprocess.run([], preexec_fn=print)"]
    guarded = ["try:", "    import resource", "except ImportError:", "    pass"]
    found = unportable(ast.parse("\n".join(lines + guarded)))
    assert sorted(found) == ["import fcntl", "os.fork", "preexec_fn="]


def test_a_check_runs_without_posix():
    code = WITHOUT_POSIX.format(
        modules=sorted(POSIX_MODULES - {"posix"}), names=sorted(POSIX_NAMES), path=str(ROOT / "reference/nn")
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ready to hand in" in done.stdout
