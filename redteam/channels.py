"""The channels by name: each is a module `redteam/<name>.py` that offers `channel()`.

`channel()` is a context manager that yields the channel and takes it down afterwards. A channel sets up
what it needs (an image, a warm sandbox) when an attack first needs it.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util

from redteam.attack import CHANNELS
from redteam.observation import Channel, NotRun


class Channels(contextlib.ExitStack):
    """Opens each channel once; closes them all. Use as a context manager."""

    def __init__(self) -> None:
        super().__init__()
        self._open: dict[str, Channel] = {}

    def named(self, name: str) -> Channel:
        """Return the channel; NotRun if nobody has made it yet."""
        if name not in CHANNELS:
            raise KeyError(name)
        if name not in self._open:
            module_name = f"redteam.{name}"
            if importlib.util.find_spec(module_name) is None:
                raise NotRun(f"the channel {name} is not made yet")
            self._open[name] = self.enter_context(importlib.import_module(module_name).channel())
        return self._open[name]
