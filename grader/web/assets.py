"""Style sheets and scripts, under addresses that change with their content, so browsers may keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, send_from_directory, url_for

STATIC = Path(__file__).resolve().parent / "static"
REPORT_STYLE = Path(__file__).resolve().parent.parent / "report" / "templates"
MAX_AGE_S = 365 * 24 * 3600

blueprint = Blueprint("assets", __name__)


@blueprint.get("/assets/report.css")
def report_style() -> Response:
    """Send the style that pages share with the report: its variables and components."""
    return send_from_directory(REPORT_STYLE, "report.css", max_age=MAX_AGE_S)


@blueprint.get("/assets/<path:name>")
def asset(name: str) -> Response:
    """Send a file of static/."""
    return send_from_directory(STATIC, name, max_age=MAX_AGE_S)


def install(app: Flask) -> None:
    """Let the app send the files, and templates say `asset_url("site.css")`."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset_url"] = asset_url


def asset_url(name: str) -> str:
    """Return the address of a file of static/, or of report.css."""
    folder = REPORT_STYLE if name == "report.css" else STATIC
    return url_for("assets.asset", name=name, v=_version(folder / name))


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
