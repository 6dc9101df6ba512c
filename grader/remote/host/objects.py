"""The session's objects under numbers, their classes described, and stand-ins for the test's objects."""

from __future__ import annotations

import itertools
import types
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from grader.remote.wire.endpoint import Op
from grader.remote.wire.names import SPECIAL_METHODS

if TYPE_CHECKING:
    from grader.remote.host.session import HostSession


class ClassTable:
    """Numbers and descriptions of classes; made in the zygote, so that forks agree on the numbers."""

    def __init__(self) -> None:
        self._numbers: dict[type, int] = {}
        self._classes: list[type] = []
        self.undescribed: list[list[Any]] = []

    def number(self, cls: type) -> int:
        """Return the number of `cls`, describing it and its bases when first met."""
        if cls not in self._numbers:
            bases = [self.number(base) for base in cls.__bases__ if base is not object]
            self._numbers[cls] = len(self._classes)
            self._classes.append(cls)
            description = [self._numbers[cls], cls.__module__, cls.__qualname__, bases, _methods(cls)]
            self.undescribed.append(description)
        return self._numbers[cls]

    def get(self, number: int) -> type:
        """Return the class under `number`."""
        return self._classes[number]


class ObjectTable:
    """Strong references to the objects that the trusted side has proxies of."""

    def __init__(self) -> None:
        self._objects: dict[int, object] = {}
        self._number_by_id: dict[int, int] = {}
        self._numbers = itertools.count()

    def number(self, value: object) -> int:
        """Return the number of this very object."""
        number = self._number_by_id.get(id(value))
        if number is None:
            number = next(self._numbers)
            self._objects[number] = value
            self._number_by_id[id(value)] = number
        return number

    def get(self, number: int) -> object:
        """Return the object under `number`."""
        return self._objects[number]

    def release(self, numbers: list[int]) -> None:
        """Forget objects whose proxies have gone."""
        for number in numbers:
            value = self._objects.pop(number, None)
            self._number_by_id.pop(id(value), None)


class PeerObject:
    """An object of the test's, as the student's code sees it: a loader, a loss, a recording optimizer."""

    def __init__(self, session: HostSession, number: int):
        self.__dict__["_peer"] = (session, number)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the test's object."""
        return self._invoke("__call__", *args, **kwargs)

    def __iter__(self) -> Iterator[Any]:
        return self._invoke("__iter__")  # type: ignore[no-any-return]

    def __next__(self) -> Any:
        session, number = self.__dict__["_peer"]
        answer = session.request(Op.PEER_NEXT, number)
        if not answer:
            raise StopIteration
        return answer[0]

    def __len__(self) -> int:
        return int(self._invoke("__len__"))

    def __getitem__(self, key: Any) -> Any:
        return self._invoke("__getitem__", key)

    def __enter__(self) -> Any:
        return self._invoke("__enter__")

    def __exit__(self, *exc_info: object) -> None:
        self._invoke("__exit__", None, None, None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        session, number = self.__dict__["_peer"]
        return session.request(Op.PEER_GET_ATTRIBUTE, number, name)

    def _invoke(self, name: str, *args: Any, **kwargs: Any) -> Any:
        session, number = self.__dict__["_peer"]
        return session.request(Op.PEER_CALL, number, name, list(args), kwargs)


class PeerTable:
    """The stand-ins that student code holds now; says which ones it has let go of."""

    def __init__(self, session: HostSession):
        self.released: list[int] = []
        self._session = session
        self._objects: weakref.WeakValueDictionary[int, PeerObject] = weakref.WeakValueDictionary()

    def get(self, number: int) -> PeerObject:
        """Return the one stand-in for the trusted side's object `number`."""
        found = self._objects.get(number)
        if found is None:
            if number in self.released:  # the trusted side named it again before it was told
                self.released.remove(number)
            found = self._objects[number] = PeerObject(self._session, number)
            weakref.finalize(found, self._release, number).atexit = False
        return found

    def _release(self, number: int) -> None:
        self.released.append(number)


def make_subclass(session: HostSession, name: str, base: type, methods: list[str]) -> type:
    """Return a subclass of a student class whose `methods` are called back in the test."""

    def callback(method: str) -> Callable[..., Any]:
        def call_back(self: object, *args: Any, **kwargs: Any) -> Any:
            return session.request(Op.PEER_CALL, session.peer_number(self), method, list(args), kwargs)

        call_back.__name__ = method
        return call_back

    return type(name, (base,), {method: callback(method) for method in methods})


def _methods(cls: type) -> list[str]:
    if cls.__flags__ & (1 << 9):  # Py_TPFLAGS_HEAPTYPE: written in Python
        names = [name for name, value in vars(cls).items() if isinstance(value, types.FunctionType)]
        return [name for name in names if name in SPECIAL_METHODS or not name.startswith("__")]
    return [name for name in sorted(SPECIAL_METHODS - {"__init__"}) if hasattr(cls, name)]
