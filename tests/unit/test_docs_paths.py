"""The documentation names only folders, files and tests that are there, and keeps its form."""

import ast
import re
from pathlib import Path

import pytest

from tests.markdown import (
    DOCS,
    ROOT,
    inline_code,
    name_of,
    pages,
    read,
    section,
    tracked_files,
    without_code_blocks,
)

MAX_PICTURE_BYTES = 400_000
UNIT = ROOT / "student_template/nn"  # where the ids of public tests count from
WITHOUT_FIGURES = [
    path
    for path in pages()
    if path.name == "README.md" or path.parent.name in {"tutorial", "explanation", "decisions"}
]


def layout() -> set[str]:
    """Every path in the layout picture: folders end with a slash."""
    picture = section(read("docs/explanation/architecture.md"), "## Layout")
    lines = re.findall(r"^    ( *)(\S+/(?: \S+/)*|\S+\.py)(?= |$)", picture, re.MULTILINE)
    paths, above = set(), [""]
    for indent, names in lines:
        del above[len(indent) // 2 + 1 :]
        paths |= {above[-1] + name for name in names.split(" ")}
        above.append(above[-1] + names)
    return paths


def tracked_folders() -> set[str]:
    relative = [path.relative_to(ROOT) for path in tracked_files()]
    return {f"{parent}/" for path in relative for parent in path.parents if parent != Path()}


def test_the_layout_picture_is_true():
    named, there = layout(), tracked_folders()
    files = {str(path.relative_to(ROOT)) for path in tracked_files()}
    assert {name for name in named if name.endswith("/")} - there == set()
    assert {name for name in named if not name.endswith("/")} - files == set()
    top = {folder for folder in there if folder.count("/") == 1 and not folder.startswith(".")}
    within = {folder for folder in there if re.match(r"(grader|docs|scripts|docker|bench)/.", folder)}
    tests = {folder for folder in there if re.fullmatch(r"tests/\w+/", folder)}
    assert (top | within | tests) - named == set()


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_files_that_a_page_names_exist(path: Path):
    tops = {folder.split("/")[0] for folder in tracked_folders()}
    named = [name.partition("::")[0] for name in inline_code(path) if re.fullmatch(r"[\w./-]+(::\w+)*", name)]
    absent = [
        name
        for name in named
        if "/" in name and name.split("/")[0] in tops
        if not (ROOT / name).exists() and not (UNIT / name).exists()
    ]
    assert absent == []


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_tests_that_a_page_names_exist(path: Path):
    absent = []
    for name in inline_code(path):
        file, _, test = name.partition("::")
        if re.fullmatch(r"tests/(unit|contract)/\w+\.py::\w+", name):
            tree = ast.parse(read(file))
            if test not in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}:
                absent.append(name)
    assert absent == []


@pytest.mark.parametrize("path", [path for path in pages() if path.is_relative_to(DOCS)], ids=name_of)
def test_a_page_begins_with_a_sentence(path: Path):
    lines = path.read_text(encoding="utf-8").split("\n", 3)
    assert lines[0].startswith("# ")
    assert lines[1] == ""
    assert re.match(r"[A-Z]", lines[2]), "say first what the page is for"


@pytest.mark.parametrize("path", WITHOUT_FIGURES, ids=name_of)
def test_measured_figures_stand_in_the_benchmarks_only(path: Path):
    unit = r"(ms|s|sec(onds?)?|minutes?|[KMG]i?B|%)"
    assert re.findall(rf"(?<![\w.])\d[\d.,]* ?{unit}(?!\w)", without_code_blocks(path)) == []


def test_pictures_are_small():
    for picture in (DOCS / "images").iterdir():
        assert picture.stat().st_size < MAX_PICTURE_BYTES, picture.name
