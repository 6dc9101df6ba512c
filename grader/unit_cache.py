"""Units for programs that run for long: read again only when their files have changed, and safe in threads.

Reading a unit parses its tests, which takes a while, and Python 3.11 can't do that in several threads
at once: `ast.parse` fails there now and then with "AST constructor recursion depth mismatch".
"""

from __future__ import annotations

import threading
from pathlib import Path

from grader.units import Unit, load_unit, unit_digest

_lock = threading.Lock()
_units: dict[tuple[str, Path], Unit] = {}


def current_unit(name: str, root: Path) -> Unit:
    """Return the unit as its files are now; raises UnitError as `load_unit` does."""
    with _lock:
        known = _units.get((name, root))
        if known is None or known.digest != unit_digest(root, name):
            known = _units[name, root] = load_unit(name, root)
        return known


def fresh_unit(name: str, root: Path) -> Unit:
    """Return the unit as `load_unit` does, for a folder that will not be asked about again."""
    with _lock:
        return load_unit(name, root)
