"""Who may import whom: the trust boundaries of the layout, read off the source."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Rule:
    """Modules in `folder` import only `allowed` (None: anything), and never `forbidden`."""

    folder: str
    allowed: tuple[str, ...] | None = None
    forbidden: tuple[str, ...] = ()


STANDARD_LIBRARY = tuple(sys.stdlib_module_names)
WEB = ("flask", "werkzeug", "grader.web", "grader.service")
RULES = [
    Rule(
        "grader/remote/host",
        allowed=(*STANDARD_LIBRARY, "grader.remote.host", "grader.remote.wire", "torch", "numpy", "msgpack"),
    ),
    Rule(
        "grader/remote/wire", allowed=(*STANDARD_LIBRARY, "grader.remote.wire", "torch", "numpy", "msgpack")
    ),
    Rule("grader/judging", forbidden=("flask", "sqlalchemy", "grader.db", "grader.web", "grader.jobs")),
    Rule("grader/web", forbidden=("grader.judging", "grader.sandbox", "grader.remote", "torch")),
    Rule("grader/db", forbidden=("grader.judging", "grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/submissions", forbidden=("grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/accounts", forbidden=("grader.judging", "grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/reading", forbidden=("grader.sandbox", "grader.jobs", "torch", *WEB)),
    Rule("grader/results", forbidden=("grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/grades", forbidden=("grader.judging", "grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/analytics", forbidden=("grader.judging", "grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/review", forbidden=("grader.judging", "grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/marking", forbidden=("grader.judging", "grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/versions", forbidden=("grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/regrades", forbidden=("grader.sandbox", *WEB)),
    Rule("grader/similarity", forbidden=("grader.judging", "grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/jobs", forbidden=WEB),
    Rule("grader/tasks", forbidden=WEB),
    Rule("grader/courses", forbidden=("grader.judging", "grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/git", forbidden=("grader.sandbox", "grader.remote", "torch", *WEB)),
    Rule(
        "grader/client",
        allowed=(
            *STANDARD_LIBRARY,
            *("click", "rich", "keyring", "grader.__version__", "grader.client", "grader.errors"),
            *("grader.judging.events", "grader.judging.result", "grader.report"),
            *("grader.submissions.folder_reader", "grader.submissions.intake", "grader.submissions.limits"),
        ),
    ),
    Rule("grader/outbound", forbidden=("grader.judging", "grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/webhooks", forbidden=("grader.judging", "grader.sandbox", "grader.jobs", *WEB)),
    Rule("grader/pushes", forbidden=("grader.judging", "grader.sandbox", "grader.jobs", *WEB)),
    Rule("student_template", forbidden=("grader",)),
    Rule("reference", forbidden=("grader",)),
    Rule("hidden_tests", forbidden=("grader",)),
]


def imported_names(source: str, module: str) -> Iterator[str]:
    """Full names that `source`, the text of the module named `module`, imports, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".")[: -node.level] if node.level else []
            origin = ".".join([*package, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def breaches(rule: Rule, source: str, module: str) -> list[str]:
    return [
        name
        for name in imported_names(source, module)
        if within(name, rule.forbidden) or (rule.allowed is not None and not within(name, rule.allowed))
    ]


def module_name(path: Path) -> str:
    """The module's full name, where a package is named with `__init__` so that relative imports resolve."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.folder)
def test_no_module_breaks_the_rule_of_its_folder(rule: Rule):
    paths = sorted((ROOT / rule.folder).rglob("*.py"))
    assert paths, f"{rule.folder} has no modules; does its rule still name the right folder?"
    found = {
        str(path.relative_to(ROOT)): names
        for path in paths
        if (names := breaches(rule, path.read_text(encoding="utf-8"), module_name(path)))
    }
    assert found == {}


@pytest.mark.parametrize("package", ["grader", "grader/remote"])
def test_the_packages_above_the_host_import_nothing(package: str):
    """They run in the sandbox too, before the host."""
    path = ROOT / package / "__init__.py"
    assert list(imported_names(path.read_text(encoding="utf-8"), module_name(path))) == []


def test_notebooks_of_the_course_do_not_import_the_grader():
    for folder in ("student_template", "reference"):
        for path in (ROOT / folder).rglob("*.ipynb"):
            assert not re.search(r"\b(import|from) grader\b", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(
    ("folder", "source"),
    [
        ("grader/remote/host", "import grader.judging.result"),
        ("grader/remote/host", "from grader import errors"),
        ("grader/remote/host", "from ..importing import proxies"),
        ("grader/remote/host", "import requests"),
        ("grader/remote/wire", "from grader.remote.host import session"),
        ("grader/judging", "def later():\n    from flask import request"),
        ("grader/judging", "import sqlalchemy.orm"),
        ("grader/judging", "from grader.db import engine"),
        ("grader/judging", "from .. import db"),
        ("grader/client", "def later():\n    import torch"),
        ("grader/client", "from grader.settings import load_settings"),
        ("hidden_tests", "import grader"),
        ("reference", "from grader.units import load"),
    ],
)
def test_a_breach_is_seen(folder: str, source: str):
    (rule,) = (rule for rule in RULES if rule.folder == folder)
    assert breaches(rule, source, folder.replace("/", ".") + ".module")


@pytest.mark.parametrize(
    "source",
    [
        "from grader.remote import wire",
        "from grader.remote.wire.frames import Frame",
        "from ..wire import frames",
        "from .session import Session",
        "import os.path, torch",
    ],
)
def test_what_the_host_may_import_is_no_breach(source: str):
    assert breaches(RULES[0], source, "grader.remote.host.module") == []
