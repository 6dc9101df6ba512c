"""Units: unit.toml is read with types, and refused with every problem at once."""

import dataclasses
import shutil
import tomllib
from pathlib import Path

import pytest

from grader.errors import UnitError
from grader.settings import CHECKOUT
from grader.units import load_unit, unit_digest

MANIFEST = """
name = "toy"
title = "A toy"
package = "g2c.toy"
modules = ["g2c.toy", "g2c.toy.parts"]
public_tests = "tests/test_toy.py"
required_files = ["parts.py"]
[points]
adding = 60
sharing = 20
[test_points]
"hidden/test_hidden.py::test_much" = 15
[given]
tests = ["tests/test_toy.py::test_construction"]
[groups]
test_add = "adding"
test_add_fairly = "sharing"
TestShare = "sharing"
test_ = "sharing"
[limits]
import_cpu_s = 20
test_cpu_s = 10
test_wall_s = 60
total_wall_s = 900
memory_bytes = 1000
pids = 64
tmp_bytes = 1000
output_bytes = 1000
[mnist]
epochs = 5
threshold = 0.95
max_ratio = 3.0
points_accuracy = 15
points_time = 5
[off_limits]
apis = ["torch.nn"]
cost_points = 30
[visibility]
names = "always"
messages = "never"
hints = "after_deadline"
[hints]
lr-ignored = "Use lr."
"""

PUBLIC = """
def test_construction(): ...
def test_add_numbers(): ...
def test_add_fairly(): ...
class TestShare:
    def test_equally(self): ...
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one well-made unit, `toy`."""
    files = {
        "hidden_tests/toy/unit.toml": MANIFEST,
        "hidden_tests/toy/test_hidden.py": "def test_much(): ...\n",
        "student_template/toy/tests/test_toy.py": PUBLIC,
        "student_template/toy/README.md": "Read me.",
        "reference/toy/tests/test_toy.py": PUBLIC,
    }
    for side in ("student_template", "reference"):
        files[f"{side}/toy/g2c/toy/__init__.py"] = ""
        files[f"{side}/toy/g2c/toy/parts.py"] = "x = 1\n"
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def rewrite(root: Path, old: str, new: str) -> None:
    assert old in MANIFEST
    (root / "hidden_tests/toy/unit.toml").write_text(MANIFEST.replace(old, new, 1), encoding="utf-8")


def test_a_well_made_unit_is_read(root: Path):
    unit = load_unit("toy", root)
    assert (unit.name, unit.title, unit.package_folder) == ("toy", "A toy", "g2c/toy")
    assert unit.points == {"adding": 60, "sharing": 20}
    assert unit.test_points == {"hidden/test_hidden.py::test_much": 15}
    assert unit.limits.pids == 64
    assert unit.mnist is not None
    assert unit.mnist.threshold == 0.95
    assert unit.off_limits.noted == ()
    assert unit.visibility.hints == "after_deadline"
    assert unit.public_tests_path == root / "student_template/toy/tests/test_toy.py"
    assert unit.reference == root / "reference/toy"
    with pytest.raises(dataclasses.FrozenInstanceError):
        unit.name = "other"  # type: ignore[misc]


def test_the_longest_beginning_of_a_name_gives_its_group(root: Path):
    unit = load_unit("toy", root)
    assert unit.public_group("tests/test_toy.py::test_add_numbers") == "adding"
    assert unit.public_group("tests/test_toy.py::test_add_fairly") == "sharing"
    assert unit.public_group("tests/test_toy.py::test_add_numbers[2-3]") == "adding"
    assert unit.public_group("tests/test_toy.py::TestAdding::test_add_numbers[a::b]") == "adding"
    with pytest.raises(UnitError, match="no group"):
        unit.public_group("tests/test_toy.py::check_add")


def test_given_tests_are_known_with_and_without_parameters(root: Path):
    unit = load_unit("toy", root)
    assert unit.is_given("tests/test_toy.py::test_construction")
    assert unit.is_given("tests/test_toy.py::test_construction[1]")
    assert not unit.is_given("tests/test_toy.py::test_add_numbers")


def test_a_hint_has_its_sentence_and_an_unknown_code_is_our_mistake(root: Path):
    unit = load_unit("toy", root)
    assert unit.hint("lr-ignored").text == "Use lr."
    with pytest.raises(UnitError, match="'no-such-code'"):
        unit.hint("no-such-code")


def test_tables_that_may_be_missing(root: Path):
    before, _, rest = MANIFEST.partition("[mnist]")
    manifest = (before + rest[rest.index("[off_limits]") :]).replace("adding = 60", "adding = 80")
    manifest = manifest.replace('[given]\ntests = ["tests/test_toy.py::test_construction"]', "")
    (root / "hidden_tests/toy/unit.toml").write_text(manifest, encoding="utf-8")
    unit = load_unit("toy", root)
    assert unit.mnist is None
    assert unit.given == frozenset()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('title = "A toy"', "", "title: missing"),
        ('title = "A toy"', 'title = " "', "title: expected a text, got ' '"),
        ('title = "A toy"', "title = 3", "title: expected a text, got 3"),
        ('name = "toy"', 'name = "play"', "name: 'play' is not the folder's name, 'toy'"),
        ("[points]", "[pionts]", "pionts: unknown entry"),
        ("[points]", "[pionts]", "points: missing"),
        ("adding = 60", "adding = -60", "points.adding: expected a number, 0 or more, got -60"),
        ("adding = 60", "adding = nan", "points.adding: expected a number, 0 or more, got nan"),
        ("adding = 60", "adding = true", "points.adding: expected a number, 0 or more, got True"),
        ("adding = 60", "adding = 61", "points: all groups and [mnist] sum to 101, not 100"),
        ("pids = 64", "pids = 1.5", "limits.pids: expected a whole number, 1 or more, got 1.5"),
        ("pids = 64", "", "limits.pids: missing"),
        ("pids = 64", "pids = 64\npidz = 1", "limits.pidz: unknown entry"),
        ("test_cpu_s = 10", "test_cpu_s = 0", "limits.test_cpu_s: must be above zero"),
        ("threshold = 0.95", "threshold = 95", "mnist.threshold: 95.0 is not an accuracy"),
        ("epochs = 5", "epochs = 0", "mnist.epochs: expected a whole number, 1 or more, got 0"),
        ('names = "always"', 'names = "often"', "visibility.names: expected one of always, never"),
        ("lr-ignored =", "LrIgnored =", "hints.LrIgnored: a code is made of small letters"),
        ('test_add = "adding"', 'test_add = "addign"', "groups.test_add: there is no group 'addign'"),
        (
            'test_ = "sharing"',
            "",
            "groups: no group for the public test tests/test_toy.py::test_construction",
        ),
        ("::test_construction", "::test_gone", "given: there is no test tests/test_toy.py::test_gone"),
        ("::test_much", "::test_gone", "test_points: there is no test hidden/test_hidden.py::test_gone"),
        ('apis = ["torch.nn"]', 'apis = "torch.nn"', "off_limits.apis: expected a list of texts"),
        ('["parts.py"]', '["parts.py", "more.py"]', "g2c/toy/more.py is missing"),
        ('"g2c.toy.parts"]', '"g2c.toy.more"]', "has no module g2c.toy.more"),
        ('["g2c.toy", "g2c.toy.parts"]', '["g2c.toy.parts"]', "modules: g2c.toy itself is missing"),
        ("tests/test_toy.py", "tests/test_none.py", "tests/test_none.py is missing"),
        (
            '[visibility]\nnames = "always"',
            '[visibility]\nnames = ["always"]',
            "visibility.names: expected a text",
        ),
        ("[given]\ntests", "[given.tests]\ntests", "given.tests: expected a list of texts"),
        ("[points]", "[points.more]\nx = 1\n[points]", "points.more: expected a number, 0 or more"),
    ],
)
def test_a_problem_is_named_with_its_place(root: Path, old: str, new: str, problem: str):
    rewrite(root, old, new)
    with pytest.raises(UnitError) as refused:
        load_unit("toy", root)
    assert problem in str(refused.value)


def test_all_problems_are_listed_at_once(root: Path):
    rewrite(root, 'title = "A toy"\npackage = "g2c.toy"', "package = 3")
    with pytest.raises(UnitError, match=r"(?s)title: missing.*package: expected a text") as refused:
        load_unit("toy", root)
    assert str(refused.value).count("\n  - ") == 2


@pytest.mark.parametrize("name", ["none", "", "../toy", "toy/../toy", "/etc"])
def test_an_unknown_unit_is_refused(root: Path, name: str):
    with pytest.raises(UnitError, match="there is no unit"):
        load_unit(name, root)


def test_a_file_that_is_no_toml_is_refused(root: Path):
    (root / "hidden_tests/toy/unit.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(UnitError, match="not valid TOML"):
        load_unit("toy", root)


@pytest.mark.parametrize(
    "path",
    [
        "hidden_tests/toy/unit.toml",
        "hidden_tests/toy/test_hidden.py",
        "student_template/toy/tests/test_toy.py",
        "reference/toy/g2c/toy/parts.py",
    ],
)
def test_the_digest_changes_with_every_file_that_a_verdict_depends_on(root: Path, path: str):
    before = unit_digest(root, "toy")
    with (root / path).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    after = unit_digest(root, "toy")
    assert before != after
    assert after.startswith("sha256:")
    (root / path).rename((root / path).with_name("renamed.py"))
    assert unit_digest(root, "toy") not in (before, after)


def test_the_digest_does_not_change_with_leftovers_or_the_template_s_other_files(root: Path):
    before = unit_digest(root, "toy")
    cache = root / "hidden_tests/toy/__pycache__"
    cache.mkdir()
    (cache / "test_hidden.pyc").write_bytes(b"compiled")
    (root / "student_template/toy/README.md").write_text("Read me twice.", encoding="utf-8")
    assert unit_digest(root, "toy") == before
    shutil.rmtree(cache)
    assert unit_digest(root, "toy") == before


@pytest.mark.parametrize("name", sorted(p.parent.name for p in CHECKOUT.glob("hidden_tests/*/unit.toml")))
def test_the_course_s_own_units_are_well_made(name: str):
    unit = load_unit(name, CHECKOUT)
    data = tomllib.loads((unit.hidden_tests / "unit.toml").read_text(encoding="utf-8"))
    assert data["name"] == unit.name
