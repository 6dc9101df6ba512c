"""Answers that browsers save as files instead of showing them."""

from __future__ import annotations

import re

from flask import Response

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def attachment(content: bytes | str, name: str, media_type: str) -> Response:
    """Return the content as a download; of the name, only harmless characters are kept."""
    safe_name = _UNSAFE.sub("-", name).strip("-.") or "download"
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe_name}"'
    return response
