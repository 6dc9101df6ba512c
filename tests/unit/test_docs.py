"""What the tracked files promise a reader: links resolve, commands exist, no machine is named."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.markdown import DOCS, ROOT, documents, name_of, prose, tracked_files, without_code_blocks

MAX_LINES = 300
LONGER_FILES = {  # the course names one file of public tests
    "reference/nn/tests/test_nn.py",
    "student_template/nn/tests/test_nn.py",
}

# Character classes keep these patterns from finding themselves.
MACHINE_NAMES = [
    r"(?<![\w.~])/wor[k]/",
    r"/opt/(wheel[s]|pyp[i])\b",
    r"/root/[.]pyen[v]",
    r"pyp[i]\.org",
    r"pythonhoste[d]\.org",
    r"npmj[s]\.(org|com)",
    r"pytorc[h]\.org/whl",
    r"deb\.debia[n]\.org",
]


def anchors(path: Path) -> set[str]:
    """The anchors that a document's headings get."""
    headings = re.findall(r"^#+ +(.*?) *#*$", without_code_blocks(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path: Path) -> list[str]:
    broken = []
    for target in re.findall(r"\]\(([^()\s]+)\)", prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        linked = path.parent / name if name else path
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(target)
    return broken


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_links_of_a_document_resolve(path: Path):
    assert broken_links(path) == []


def test_a_broken_link_is_seen(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(
        "# A title\n[a](#a-title) [b](#none) [c](absent.md) [d](page.md#a-title)", encoding="utf-8"
    )
    assert broken_links(page) == ["#none", "absent.md"]


def test_the_index_leads_to_every_page():
    index = DOCS / "README.md"
    linked = {(index.parent / target).resolve() for target in re.findall(r"\]\(([^()#\s]+)\)", prose(index))}
    pages = {path for path in documents() if path.is_relative_to(DOCS)} - {index}
    assert {str(page.relative_to(ROOT)) for page in pages - linked} == set()


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    listed = {line.split()[0] for line in shown.splitlines()}
    assert listed == set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_no_source_file_is_too_long():
    sources = [
        path for path in tracked_files() if path.suffix in {".py", ".sh", ".css", ".js", ".html", ".j2"}
    ]
    too_long = {
        str(path.relative_to(ROOT)) for path in sources if len(path.read_bytes().splitlines()) > MAX_LINES
    }
    assert too_long <= LONGER_FILES


def test_no_tracked_file_names_this_machine_or_a_registry():
    found = []
    for path in tracked_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [
            f"{path.relative_to(ROOT)}: {name}"
            for name in MACHINE_NAMES
            if re.search(name, text, re.IGNORECASE)
        ]
    assert found == []
