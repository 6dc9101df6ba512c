"""Git shut off from the machine that it runs on: the base of every call of git that touches others' work."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

NO_SETTINGS: Mapping[str, str] = {}


def isolated_environment(home: Path | str, settings: Mapping[str, str] = NO_SETTINGS) -> dict[str, str]:
    """Return an environment in which git reads no machine's or user's configuration, and asks nobody.

    `settings` are its configuration beside the repository's own, before which they count. Objects are never
    replaced by others.
    """
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LC_ALL": "C",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    if "SYSTEMROOT" in os.environ:  # Windows programs don't start without it
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    for number, (name, value) in enumerate(settings.items()):
        environment[f"GIT_CONFIG_KEY_{number}"] = name
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment
