"""Reading the project's own documents: which there are, their sections, tables and code."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def documents() -> list[Path]:
    return [path for path in tracked_files() if path.suffix == ".md"]


def pages() -> list[Path]:
    """The documents about the project itself."""
    return [path for path in documents() if path.is_relative_to(DOCS) or path.parent == ROOT]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def without_code_blocks(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    """The document without its code, where brackets mean something else."""
    return re.sub(r"`[^`\n]*`", "", without_code_blocks(path))


def inline_code(path: Path) -> list[str]:
    return code(without_code_blocks(path))


def code_lines(path: Path) -> list[str]:
    """All code of a document, line by line: inline and in blocks."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return inline_code(path) + [line.strip() for block in blocks for line in block.splitlines()]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def section(text: str, heading: str) -> str:
    """The text below a heading, down to the next one of its level."""
    level = heading.split(" ")[0]
    return re.split(rf"^{level} ", text.partition(f"{heading}\n")[2], flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The rows of all tables in the text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rules = [number for number, line in enumerate(lines) if re.fullmatch(r"[|\- ]+", line)]
    heads = {number - 1 for number in rules} | set(rules)
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for number, line in enumerate(lines)
        if number not in heads
    ]
