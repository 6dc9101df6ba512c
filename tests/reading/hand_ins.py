"""Hand-ins for the pages that show code: the template with work in it, packed as students do."""

from __future__ import annotations

import json
from typing import Any

from grader.settings import CHECKOUT
from grader.unit_cache import current_unit
from tests.submissions.archives.packing import as_zip

UNIT = current_unit("nn", CHECKOUT)
LOSS = "g2c/nn/loss.py"


def template_tree() -> dict[str, bytes]:
    """The files that students start from."""
    return {
        path.relative_to(UNIT.template).as_posix(): path.read_bytes()
        for path in sorted(UNIT.template.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def packed(changes: dict[str, bytes] | None = None) -> bytes:
    """The template with these files changed or added, as a zip with a folder of the student's own name.

    A path that begins with `/` lies outside that folder.
    """
    tree = {**template_tree(), **(changes or {})}
    placed = {path[1:] if path.startswith("/") else f"ada-nn/{path}": data for path, data in tree.items()}
    return as_zip(placed)


def notebook(*cells: dict[str, Any], **fields: Any) -> bytes:
    """A notebook of these cells."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **fields}).encode()


def markdown(*lines: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": "\n".join(lines)}


def code(source: str, *outputs: Any, count: Any = 1) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "execution_count": count, "outputs": list(outputs)}


def display(**data: Any) -> dict[str, Any]:
    """An output; `image_png=…` stands for the media type `image/png`."""
    bundle = {name.replace("_", "/", 1).replace("_", "+"): value for name, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": bundle}
