"""The import hook: `from g2c.nn import Linear` gives proxies while a package is installed.

Names bind late. A module-level import in a test file happens once, at collection; the proxies
it gives ask whichever session is open when they are used, so each test gets a fresh process.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any, NoReturn

from grader.remote.importing.proxies import (
    MissingName,
    RemoteFunction,
    RemoteObject,
    RemoteType,
    make_proxy_class,
)
from grader.remote.importing.session import RemoteFrame, Session, make_error
from grader.remote.wire.codec import Codec
from grader.remote.wire.frames import ProtocolError

MAX_CLASSES = 10_000


class NoSession(RuntimeError):
    """Student code was used outside a test."""


class RemotePackage:
    """The student's package as the trusted side knows it: its names, its classes, its open session.

    Arguments: `modules`, the module names that tests may import from, most general first.
    """

    def __init__(self, modules: Sequence[str]):
        self.modules = tuple(modules)
        self.import_error: list[Any] | None = None
        self._names: dict[str, dict[str, list[Any]]] = {}
        self._classes: dict[int, RemoteType] = {}
        self._session: Session | None = None
        self._values = Codec(None)  # type: ignore[arg-type]  # plain values only

    @property
    def session(self) -> Session:
        """The open session; NoSession outside a test."""
        if self._session is None:
            raise NoSession(
                "the student's code runs only inside a test: construct objects there, and parametrize with "
                "classes or functions instead of instances"
            )
        return self._session

    def use(self, session: Session | None) -> None:
        """Make `session` the one that all proxies ask."""
        self._session = session

    def learn(self, description: dict[str, Any]) -> None:
        """Take over what the host says the package offers; ProtocolError if it is malformed."""
        try:
            self.import_error = description.get("error")
            self._names = description.get("names", {})
            for class_description in description.get("classes", ()):
                self.learn_class(class_description)
        except (TypeError, ValueError, AttributeError) as error:
            raise ProtocolError(f"malformed description: {error}") from error

    def learn_class(self, description: list[Any]) -> None:
        """Make the proxy class for one described class, or keep the one that is known."""
        number, module, qualname, bases, methods = description
        if type(number) is not int or not isinstance(module, str) or not isinstance(qualname, str):
            raise ProtocolError("malformed class description")
        known = self._classes.get(number)
        if known is not None and (known.__module__, known.__qualname__) == (module, qualname):
            return
        if len(self._classes) >= MAX_CLASSES:
            raise ProtocolError("too many classes")
        parents = tuple(self._classes[base] for base in bases if base in self._classes) or (RemoteObject,)
        methods = [method for method in methods if isinstance(method, str)]
        try:
            cls = make_proxy_class(self, number, module, qualname, parents, methods)
        except TypeError:  # no consistent MRO for what the host described
            cls = make_proxy_class(self, number, module, qualname, (RemoteObject,), methods)
        self._classes[number] = cls

    def class_for(self, number: int) -> RemoteType:
        """Return the proxy class of a described class."""
        if number not in self._classes:
            raise ProtocolError("an object of a class that was not described")
        return self._classes[number]

    def resolve(self, module: str, name: str) -> Any:
        """Return the proxy or plain value for `module.name`; a MissingName if the package lacks it."""
        found = self._names.get(module, {}).get(name)
        match found:
            case ["class", int(number)] if number in self._classes:
                return self._classes[number]
            case ["function"]:
                return RemoteFunction(self, module, name)
            case ["value", bytes(encoded)]:
                return self._values.decode(encoded)
        return MissingName(lambda: self._fail(module, name))

    def names(self) -> list[str]:
        """Return every public name that the package offers."""
        return sorted({name for names in self._names.values() for name in names})

    def import_failure(self) -> Exception:
        """Return the exception that importing the package ended with; only if there was one."""
        assert self.import_error is not None
        builtin_name, own_name, text, errno, frames, _ = self.import_error
        error = make_error(builtin_name, own_name, text, errno)
        error.remote_frames = [RemoteFrame(*frame) for frame in frames]  # type: ignore[attr-defined]
        return error

    def _fail(self, module: str, name: str) -> NoReturn:
        if self.import_error is not None:
            raise self.import_failure()
        raise ImportError(f"cannot import name {name!r} from {module!r}")


class RemoteModule(types.ModuleType):
    """A module whose names are the student's."""

    def __init__(self, package: RemotePackage, name: str):
        super().__init__(name)
        self.__dict__["_package"] = package
        self.__path__: list[str] = []  # so that submodules can be imported

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.__dict__["_package"].resolve(self.__name__, name)


class AllNames:
    """Every name of the package as an attribute, whichever of its modules offers it."""

    def __init__(self, package: RemotePackage):
        self._package = package

    def __getattr__(self, name: str) -> Any:
        found = [self._package.resolve(module, name) for module in self._package.modules]
        return next((value for value in found if not isinstance(value, MissingName)), found[0])


class RemoteImport(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Puts a package's modules in the way of ordinary imports; use as a context manager."""

    def __init__(self, package: RemotePackage):
        self._package = package
        parents = {name.rpartition(".")[0] for name in package.modules}
        top = package.modules[0].partition(".")[0]
        self._names = {name for name in (*package.modules, *parents, top) if name}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Claim the package's modules and nothing else."""
        if fullname not in self._names:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return the proxy module."""
        return RemoteModule(self._package, spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing runs here."""

    def __enter__(self) -> RemoteImport:
        self._remove_modules()
        sys.meta_path.insert(0, self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        sys.meta_path.remove(self)
        self._remove_modules()

    def _remove_modules(self) -> None:
        for name in self._names & set(sys.modules):
            del sys.modules[name]
