"""The course's own checklists, as a start for a rubric.

They are data of this package, `checklists/<unit>.toml`, and not of the unit's folder: whatever lies there is
part of the unit's digest, so that a word in a checklist would look like another version of the tests.
"""

from __future__ import annotations

import tomllib
from importlib import resources

from grader.marking.items import ItemFields


def checklist(unit: str) -> list[ItemFields]:
    """Return the items that the course suggests for the unit of this name; none if it has no checklist."""
    folder = resources.files("grader.marking") / "checklists"
    found = next((file for file in folder.iterdir() if file.name == f"{unit}.toml"), None)
    if found is None:
        return []
    items = tomllib.loads(found.read_text(encoding="utf-8"))["item"]
    return [
        ItemFields(item["title"], item["description"].strip(), float(item["max_points"])) for item in items
    ]
