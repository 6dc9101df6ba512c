"""The test's own objects that the student's code may use: a loader, a loss, a subclass's instance."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterable
from typing import Any

from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from grader.remote.importing.proxies import RemoteObject, called_back_methods
from grader.remote.wire.codec import CannotCross
from grader.remote.wire.endpoint import Op
from grader.remote.wire.frames import ProtocolError
from grader.remote.wire.names import NAMED_MODULES, SPECIAL_METHODS, Ref

_LIBRARY_MODULES = frozenset({"torch", "torchvision", "numpy", "grader", "_pytest", "pytest", "pluggy"})


class TestObjects:
    """Numbers for the test's objects, and the student's use of them.

    An object stays here until the session says that the student's code has let go of it.
    """

    __test__ = False

    def __init__(self) -> None:
        self._objects: dict[int, object] = {}
        self._numbers: dict[int, int] = {}
        self._next_number = 0

    def __len__(self) -> int:
        return len(self._objects)

    def number(self, value: object) -> int:
        """Return the number of this very object."""
        number = self._numbers.get(id(value))
        if number is None:
            number = self._next_number
            self._next_number += 1
            self._objects[number] = value
            self._numbers[id(value)] = number
        return number

    def get(self, number: object) -> object:
        """Return the object under `number`; ProtocolError if the test did not pass one."""
        if type(number) is not int or number not in self._objects:
            raise ProtocolError("a frame names an object that the test did not pass")
        return self._objects[number]

    def release(self, numbers: Iterable[object]) -> None:
        """Forget objects that the student's code no longer holds."""
        for number in numbers:
            if type(number) is int and number in self._objects:
                del self._numbers[id(self._objects.pop(number))]

    def serve(self, op: Op, arguments: list[Any]) -> object:
        """Do what the student's code asks of one of the test's objects."""
        match op, arguments:
            case Op.PEER_CALL, [number, str(name), list(args), dict(kwargs)]:
                return _call(self.get(number), name, args, kwargs)
            case Op.PEER_NEXT, [number]:
                try:
                    return [next(self.get(number))]  # type: ignore[call-overload]
                except StopIteration:
                    return []
            case Op.PEER_GET_ATTRIBUTE, [number, str(name)]:
                if name.startswith("_"):
                    raise AttributeError(name)
                return getattr(self.get(number), name)
        raise ProtocolError("an unknown request")


def _call(target: object, name: str, args: list[Any], kwargs: dict[str, Any]) -> object:
    if isinstance(target, RemoteObject):
        if name not in called_back_methods(type(target)):
            raise ProtocolError("a call names a method that the test did not define")
    elif name.startswith("_") and name not in SPECIAL_METHODS:
        raise AttributeError(name)
    if name == "__call__":
        return target(*args, **kwargs)  # type: ignore[operator]
    if name == "__iter__":
        return iter(target)  # type: ignore[call-overload]
    if name == "__len__":
        return len(target)  # type: ignore[arg-type]  # its TypeError is what list() expects of a generator
    return getattr(target, name)(*args, **kwargs)


def belongs_to_test(value: object) -> bool:
    """Whether an object is the test's own, so that the student's code may hold a stand-in of it."""
    functions = (types.FunctionType, types.MethodType, functools.partial)
    if isinstance(value, functions) or hasattr(value, "__next__"):
        return True
    module = type(value).__module__.partition(".")[0]
    return module not in sys.stdlib_module_names and module not in _LIBRARY_MODULES


def library_name(value: object) -> list[str] | None:
    """Return [module, name] of a function or class of the libraries that both sides have, else None."""
    if not isinstance(value, (types.BuiltinFunctionType, types.FunctionType, type)):
        return None
    module = value.__module__
    if isinstance(module, str) and module.partition(".")[0] in NAMED_MODULES:
        parts = value.__qualname__.split(".")
        found: object = functools.reduce(
            lambda o, part: getattr(o, part, None), parts, sys.modules.get(module)
        )
        if found is value:
            return [module, value.__qualname__]
    name = value.__name__
    for module in ("torch", "math", "operator"):  # torch.relu says that it has no module
        if getattr(sys.modules.get(module), name, None) is value:
            return [module, name]
    return None


def loader_reference(loader: DataLoader[Any]) -> list[Any]:
    """Return plain data from which the far side makes the same loader; CannotCross if it can't."""
    if type(loader.dataset) is not TensorDataset:
        raise CannotCross("only a DataLoader over a TensorDataset can cross; or pass a list of batches")
    shuffle = isinstance(loader.sampler, RandomSampler)
    return [int(Ref.LOADER), list(loader.dataset.tensors), loader.batch_size, shuffle, loader.drop_last]
