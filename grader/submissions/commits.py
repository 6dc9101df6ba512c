"""A commit's files as an upload: whether it was pushed here or fetched from a host, the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from grader.db.models import Source
from grader.submissions.accept import Upload

FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the same commit, the same bytes
SHORT_COMMIT = 12


def upload_of_commit(files: Mapping[str, bytes], commit: str, idempotency_key: str) -> Upload:
    """Return what `accept` takes: the commit's files, which `git_reader.read_commit` has read, as a zip."""
    return Upload(_as_zip(files), f"commit-{commit[:SHORT_COMMIT]}.zip", Source.GIT, idempotency_key)


def _as_zip(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, FIRST_ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return content.getvalue()
