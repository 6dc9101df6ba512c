"""What both sides agree on about objects: reference kinds and the special methods that may cross."""

from __future__ import annotations

import enum


class Ref(enum.IntEnum):
    """The first item of an OBJECT reference."""

    INSTANCE = 0  # [INSTANCE, object number, class number] of the session's
    CLASS = 1  # [CLASS, class number] of the session's
    PEER = 2  # [PEER, object number] of the trusted side's
    LOADER = 3  # [LOADER, tensors, batch_size, shuffle, drop_last], by value


# Comparison, hashing, membership, conversion and attribute hooks are absent on purpose: `==`, `in`,
# `bool()` or `float()` of a student's object would otherwise let it decide an assertion.
SPECIAL_METHODS = frozenset(
    {
        "__init__",
        "__call__",
        "__iter__",
        "__next__",
        "__len__",
        "__getitem__",
        "__setitem__",
        "__delitem__",
        "__enter__",
        "__exit__",
    }
)

# Modules whose functions and classes cross by name, from the trusted side only.
NAMED_MODULES = frozenset({"torch", "builtins", "math", "operator", "copy"})


def may_cross(name: str) -> bool:
    """Whether an attribute of this name may be asked for across the boundary."""
    return name in SPECIAL_METHODS or not (name.startswith("__") and name.endswith("__"))
