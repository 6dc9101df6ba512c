"""The installation's secret, set or made once: it signs sessions and seals stored secrets."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from grader.errors import SettingsError
from grader.settings import Settings

MIN_CHARACTERS = 32


def secret_key(settings: Settings) -> str:
    """Return the installation's key; SettingsError for one that is too short to be safe."""
    if not settings.secret_key:
        return _kept(settings.data_dir / "secret_key")
    if len(settings.secret_key) < MIN_CHARACTERS:
        raise SettingsError(f"secret_key: expected {MIN_CHARACTERS} characters or more")
    return settings.secret_key


def _kept(path: Path) -> str:
    """Return the key in this file, readable by its owner only; made whole, by whichever process is first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".secret_key-") as draft:
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            os.fsync(draft.fileno())
            with contextlib.suppress(FileExistsError):  # another process was first: its key is the key
                path.hardlink_to(draft.name)
    return path.read_text(encoding="ascii").strip()
