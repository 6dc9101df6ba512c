"""autograder.zip: what is in it, and that nothing is missing for a run."""

import ast
import importlib.metadata
import io
import subprocess
import sys
import zipfile

import pytest

from grader.gradescope.export import PACKAGES, autograder_zip
from grader.settings import CHECKOUT
from grader.units import load_unit, unit_digest
from tests.command import assert_usage_error, grader

NOT_FOR_GRADING = (
    *("web/", "db/", "jobs/", "accounts/", "service/", "client/", "results/", "commands/", "gradescope/"),
    *("git/", "pushes/", "outbound/", "webhooks/", "submissions/accept.py", "sealing.py"),
    *("grades/", "analytics/", "marking/", "review/", "reading/", "similarity/", "versions/"),
    *("regrades/", "tasks/", "courses/"),
)


@pytest.fixture(scope="module")
def content() -> bytes:
    return autograder_zip(load_unit("nn", CHECKOUT), "https://wheels.example.org/cpu it's")


@pytest.fixture(scope="module")
def archive(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def test_the_scripts_are_at_its_root_and_can_be_run(archive: zipfile.ZipFile):
    for name in ("setup.sh", "run_autograder"):
        assert archive.getinfo(name).external_attr >> 16 == 0o100755
        script = archive.read(name).decode()
        assert script.startswith("#!") and "@" not in script
        subprocess.run(["sh", "-n"], input=script, text=True, check=True)
    assert "--unit nn" in archive.read("run_autograder").decode()
    assert "torch_index='https://wheels.example.org/cpu it'\"'\"'s'" in archive.read("setup.sh").decode()


def test_it_is_the_same_unit(archive: zipfile.ZipFile, tmp_path):
    archive.extractall(tmp_path)
    assert unit_digest(tmp_path, "nn") == unit_digest(CHECKOUT, "nn")
    assert load_unit("nn", tmp_path).points == load_unit("nn", CHECKOUT).points


def test_the_same_checkout_makes_the_same_bytes(content: bytes):
    assert autograder_zip(load_unit("nn", CHECKOUT), "https://wheels.example.org/cpu it's") == content


def test_nothing_of_this_machine_is_in_it(archive: zipfile.ZipFile):
    for name in archive.namelist():
        assert "__pycache__" not in name and not name.startswith(("var/", ".git/", "tests/", ".venv"))


def test_its_packages_are_all_that_grading_imports():
    """All modules that the judge's side may load are of a listed package, or of one that these need."""
    listed = {name.lower() for name in PACKAGES}
    distributions = importlib.metadata.packages_distributions()
    for path in (CHECKOUT / "grader").rglob("*.py"):
        if path.relative_to(CHECKOUT / "grader").as_posix().startswith(NOT_FOR_GRADING):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.append(node.module)
            for name in (
                {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - {"grader"}
            ):
                found = {each.lower() for each in distributions[name]}
                assert found & (listed | {"pytest-json-report"}), f"{path} imports {name}"


def test_the_command(tmp_path):
    (tmp_path / "autograder.zip").touch(0o644)
    result = grader("export", "gradescope", "nn", "--output", tmp_path / "autograder.zip")
    assert result.exit_code == 0
    assert (tmp_path / "autograder.zip").stat().st_mode & 0o077 == 0  # it holds the hidden tests
    assert "autograder.zip" in (CHECKOUT / ".gitignore").read_text().splitlines()
    assert "keep it private" in result.stdout
    assert zipfile.is_zipfile(tmp_path / "autograder.zip")
    assert_usage_error(grader("export", "gradescope", "rnn"), "there is no unit 'rnn'")
    assert_usage_error(
        grader("export", "gradescope", "nn", "--output", tmp_path / "absent" / "a.zip"), "can't be written"
    )
