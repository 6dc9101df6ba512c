"""What students start from, to download."""

from __future__ import annotations

from flask import Response

from grader.results.unit_files import template_zip
from grader.unit_cache import current_unit
from grader.web.access import require_unit
from grader.web.pages import blueprint
from grader.web.pages.attachment import attachment
from grader.web.unit_root import root_of


@blueprint.get("/courses/<course>/<unit>/template.zip", endpoint="template")
def send_template(course: str, unit: str) -> Response:
    """Send the unit's template as a zip."""
    access = require_unit(course, unit)
    files = current_unit(access.unit.unit, root_of(access.unit))
    return attachment(template_zip(files), f"{access.unit.slug}-template.zip", "application/zip")
