"""A unit's folder as the pages need it: what may be shown, what is handed in, the template as a zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.errors import UnitError
from grader.results.visibility import STRICTEST
from grader.unit_cache import current_unit
from grader.units import LEFTOVERS, Unit, VisibilityRules

_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever and wherever the zip is made


def visibility_rules(name: str, units_root: Path) -> VisibilityRules:
    """Return what unit.toml says now about hidden tests; nothing is shown while the unit can't be read."""
    try:
        return current_unit(name, units_root).visibility
    except UnitError:
        return STRICTEST


def mnist_threshold(name: str, units_root: Path) -> float | None:
    """Return the accuracy (0 to 1) that the timed run must reach; None if there is no such run."""
    try:
        rules = current_unit(name, units_root).mnist
    except UnitError:
        return None
    return None if rules is None else rules.threshold


def hint_sentences(name: str, units_root: Path) -> Mapping[str, str]:
    """Return what each hint's code says now; empty while the unit can't be read."""
    try:
        return current_unit(name, units_root).hints
    except UnitError:
        return {}


def template_zip(unit: Unit) -> bytes:
    """Return the template as a zip with one folder, named after the unit: the same files, the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in template_files(unit):
            name = f"{unit.name}/{path.relative_to(unit.template).as_posix()}"
            entry = zipfile.ZipInfo(name, _FIRST_ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix: what the mode below means
            is_program = path.stat().st_mode & 0o100
            entry.external_attr = (0o100755 if is_program else 0o100644) << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def template_files(unit: Unit) -> Iterator[Path]:
    """Yield the paths of the files that students start from, without leftovers, in order."""
    for path in sorted(unit.template.rglob("*")):
        parts = path.relative_to(unit.template).parts
        is_leftover = any(part in LEFTOVERS for part in parts) or path.suffix == ".pyc"
        if path.is_file() and not path.is_symlink() and not is_leftover:
            yield path
