"""What tests hold: classes, functions and objects that stand for the student's.

A proxy class is a real class, so `isinstance`, `issubclass`, names and subclassing work; its
methods send requests. Proxies compare by identity, and `float()` or `==` never asks the student.
"""

from __future__ import annotations

import copy
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from grader.remote.wire.codec import CannotCross
from grader.remote.wire.endpoint import Op
from grader.remote.wire.names import may_cross

if TYPE_CHECKING:
    from grader.remote.importing.package import RemotePackage
    from grader.remote.importing.session import Session

_HANDLE = "_remote_handle"


class RemoteType(type):
    """The class of proxy classes: calling one constructs an instance on the far side."""

    remote_package: RemotePackage
    remote_number: int

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Construct an instance."""
        session = cls.remote_package.session
        if "remote_number" in vars(cls):
            return session.request(Op.CALL, cls, list(args), kwargs)
        return _construct_local_subclass(cls, session, args, kwargs)

    def __getattr__(cls, name: str) -> Any:
        if not may_cross(name) or name.startswith("remote_"):
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        return cls.remote_package.session.request(Op.GET_ATTRIBUTE, proxy_base(cls), name)

    def renumber(cls, number: int) -> None:
        """Stand for class `number` from now on."""
        super().__setattr__("remote_number", number)

    def __setattr__(cls, name: str, value: object) -> None:
        if "remote_number" in vars(cls) and not name.startswith("__"):
            raise CannotCross(
                f"{cls.__name__}.{name} can't be set from a test: define a subclass in the test instead"
            )
        super().__setattr__(name, value)


class RemoteObject(metaclass=RemoteType):
    """An object of the student's; attributes and methods cross, comparison is by identity."""

    def __getattr__(self, name: str) -> Any:
        if not may_cross(name) or name == _HANDLE:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        session, _ = handle_of(self)
        return frozen_copy(session.request(Op.GET_ATTRIBUTE, self, name))

    def __setattr__(self, name: str, value: object) -> None:
        session, _ = handle_of(self)
        if is_test_defined(type(self)):
            object.__setattr__(self, name, value)
            try:
                session.request(Op.SET_ATTRIBUTE, self, name, value)
            except CannotCross:
                return  # the test's own business: the student's code can't use it
        else:
            session.request(Op.SET_ATTRIBUTE, self, name, value)

    def __delattr__(self, name: str) -> None:
        session, _ = handle_of(self)
        if name in vars(self):
            object.__delattr__(self, name)
        session.request(Op.DELETE_ATTRIBUTE, self, name)

    def __copy__(self) -> Any:
        return _copied(self, copy.copy)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return _copied(self, copy.deepcopy)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise CannotCross("an object of the student's can't be pickled: keep the numbers that you need")

    def __repr__(self) -> str:
        return f"<remote {type(self).__qualname__}>"


class RemoteFunction:
    """A function of the student's module, bound by name when it is called."""

    def __init__(self, package: RemotePackage, module: str, name: str):
        self.remote_package = package
        self.__module__ = module
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function."""
        return self.remote_package.session.request(Op.CALL, self, list(args), kwargs)

    def __repr__(self) -> str:
        return f"<remote function {self.__module__}.{self.__name__}>"


class MissingName:
    """A name that the submission does not offer: using it fails the test that does, not the file.

    A file may subclass it or parametrize with it, as with the class that is missing.
    """

    def __init__(self, name: str, fail: Callable[[], NoReturn]):
        self.__dict__.update(__name__=name, _fail=fail)

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Fail, as every use does."""
        fail: Callable[[], NoReturn] = self.__dict__["_fail"]
        fail()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self()

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type]:
        return (type(self.__dict__["__name__"], (), {"__new__": lambda cls, *_, **__: self()}),)

    def __instancecheck__(self, instance: object) -> NoReturn:
        self()


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise CannotCross(
        "this list or dict is a copy of the student's: changing it would change nothing over there. "
        "Assign a new one to the attribute instead"
    )


class FrozenList(list[Any]):
    """A list attribute of the student's, copied: reading works, changing says what to do instead."""

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse


class FrozenDict(dict[Any, Any]):
    """A dict attribute of the student's, copied; as `FrozenList`."""

    update = setdefault = pop = popitem = clear = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse


def frozen_copy(value: Any) -> Any:
    """Return an attribute's value as the test may hold it."""
    if type(value) is list:
        return FrozenList(value)
    return FrozenDict(value) if type(value) is dict else value


def make_proxy_class(
    package: RemotePackage,
    number: int,
    module: str,
    qualname: str,
    bases: tuple[type, ...],
    methods: list[str],
) -> RemoteType:
    """Return the proxy class for one class description of the host's."""
    name = qualname.rpartition(".")[2]
    namespace: dict[str, Any] = {
        "__module__": module,
        "__qualname__": qualname,
        "remote_package": package,
        "remote_number": number,
    }
    stubs = {method: _Stub(method) for method in methods if may_cross(method)}
    cls = RemoteType(name, bases, stubs | namespace)  # no method takes the place of what is ours
    for stub in stubs.values():
        stub.owner = cls
    return cls


def adopt_instance(cls: RemoteType, session: Session, number: int) -> RemoteObject:
    """Return a new proxy for object `number` of the session's."""
    proxy = _new(cls)
    attach_handle(proxy, session, number)
    return proxy


def handle_of(proxy: RemoteObject) -> tuple[Session, int]:
    """Return the session and number behind a proxy."""
    handle: tuple[Session, int] = vars(proxy)[_HANDLE]
    return handle


def is_test_defined(cls: type) -> bool:
    """Whether a class was written in the test, as a subclass of a proxy class."""
    return isinstance(cls, RemoteType) and "remote_number" not in vars(cls) and cls is not RemoteObject


def proxy_base(cls: RemoteType) -> RemoteType:
    """Return the nearest class in the MRO that exists on the far side."""
    return next(base for base in cls.__mro__ if "remote_number" in vars(base))  # type: ignore[return-value]


def called_back_methods(cls: type) -> list[str]:
    """Return the names of the methods that the test defined on a subclass of student classes."""
    names = [
        name
        for base in cls.__mro__
        if is_test_defined(base)
        for name, value in vars(base).items()
        if isinstance(value, types.FunctionType) and may_cross(name) and name != "__init__"
    ]
    return list(dict.fromkeys(names))


class _Stub:
    """A method of a proxy class; as a descriptor it binds like a function."""

    def __init__(self, name: str):
        self.name = name
        self.__name__ = name  # pytest asks bound methods for it when an assertion fails
        self.owner: RemoteType | None = None

    def __get__(self, instance: RemoteObject | None, owner: type) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __call__(self, instance: RemoteObject, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(instance, RemoteObject):
            raise TypeError(f"{self.name}() was called on the class, and needs an instance of it")
        session, _ = handle_of(instance)
        # On a test-defined subclass the method is meant as the base class has it (`super()`).
        owner = self.owner if is_test_defined(type(instance)) else None
        if self.name == "__next__":
            return session.request_next(instance)
        return session.request(Op.CALL_METHOD, instance, self.name, list(args), kwargs, owner)


def _construct_local_subclass(
    cls: RemoteType, session: Session, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> RemoteObject:
    instance = _new(cls)
    session.adopt_test_instance(instance, cls.__name__, proxy_base(cls), called_back_methods(cls))
    cls.__init__(instance, *args, **kwargs)  # type: ignore[misc]
    return instance


def _new(cls: RemoteType) -> RemoteObject:
    new: Callable[[RemoteType], RemoteObject] = object.__new__  # type: ignore[assignment]
    return new(cls)


def _copied(proxy: RemoteObject, copy_function: Callable[[Any], Any]) -> Any:
    """Return a copy that the far side makes of its object."""
    if is_test_defined(type(proxy)):
        raise CannotCross("an object of a class defined in the test can't be copied: construct another one")
    session, _ = handle_of(proxy)
    return session.request(Op.CALL, copy_function, [proxy], {})


def attach_handle(instance: RemoteObject, session: Session, number: int) -> None:
    """Give a test-defined instance its counterpart on the far side."""
    object.__setattr__(instance, _HANDLE, (session, number))
