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

from grader.remote.importing.errors import make_error
from grader.remote.importing.proxies import (
    MissingName,
    RemoteFunction,
    RemoteObject,
    RemoteType,
    make_proxy_class,
)
from grader.remote.importing.session import Session
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
        self.import_cut_short: str | None = None  # "timeout", "ended" or "out_of_memory"
        self._names: dict[str, dict[str, list[Any]]] = {}
        self._classes: dict[int, RemoteType] = {}  # met while the package was imported
        self._session_classes: dict[int, RemoteType] = {}  # met in the open session
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
        """Make `session` the one that all proxies ask; None after the last."""
        self._session = session
        self._session_classes = {}

    def forget(self) -> None:
        """Forget all of a submission before the next one is loaded."""
        self.use(None)
        self.import_error = self.import_cut_short = None
        self._names, self._classes = {}, {}

    def learn(self, description: dict[str, Any]) -> None:
        """Take over what the host says the package offers; ProtocolError if it is malformed.

        Tests keep the proxy classes that they imported, so a package that is imported again
        (after its process was killed) gets the same ones, whatever their numbers are now.
        """
        try:
            self._learn(**{key: description.get(key) for key in ("error", "names", "classes")})
        except ProtocolError:
            raise
        except Exception as error:  # whatever Python makes of names that a student wrote
            raise ProtocolError(f"malformed description: {error}"[:300]) from error

    def _learn(self, error: Any, names: Any, classes: Any) -> None:
        if error is not None:
            make_error(error)
        self.import_error = error
        self._names = _checked_names(names or {})
        for module, offered in self._names.items():
            for name in offered:
                self.resolve(module, name)  # a value that can't be decoded shows now, not in a test
        earlier = {(cls.__module__, cls.__qualname__): cls for cls in self._classes.values()}
        self._classes = {}
        for class_description in classes or ():
            self._classes |= self._proxy_class(class_description, earlier)

    def learn_class(self, description: list[Any]) -> None:
        """Make the proxy class for one class that the open session describes."""
        self._session_classes |= self._proxy_class(description, {})

    def _proxy_class(
        self, description: list[Any], earlier: dict[tuple[str, str], RemoteType]
    ) -> dict[int, RemoteType]:
        """Return the class under its number: a new one, or the earlier one of the same name."""
        match description:
            case [int(number), str(module), str(qualname), list(bases), list(methods)]:
                pass
            case _:
                raise ProtocolError("malformed class description")
        known = self._classes | self._session_classes
        if number in known or len(known) >= MAX_CLASSES:
            raise ProtocolError("a class is described twice, or there are too many")
        again = earlier.pop((module, qualname), None)
        if again is not None:
            again.renumber(number)
            return {number: again}
        parents = tuple(known[base] for base in bases if base in known) or (RemoteObject,)
        methods = [method for method in methods if isinstance(method, str)]
        try:
            return {number: make_proxy_class(self, number, module, qualname, parents, methods)}
        except TypeError:  # no consistent MRO for what the host described
            return {number: make_proxy_class(self, number, module, qualname, (RemoteObject,), methods)}

    def class_for(self, number: int) -> RemoteType:
        """Return the proxy class of a described class."""
        cls = self._classes.get(number) or self._session_classes.get(number)
        if cls is None:
            raise ProtocolError("an object of a class that was not described")
        return cls

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
        return MissingName(name, lambda: self._fail(module, name))

    def names(self) -> list[str]:
        """Return every public name that the package offers."""
        return sorted({name for names in self._names.values() for name in names})

    def import_failure(self) -> Exception:
        """Return the exception that importing the package ended with; only if there was one."""
        assert self.import_error is not None
        return make_error(self.import_error)

    def _fail(self, module: str, name: str) -> NoReturn:
        if self.import_error is not None:
            raise self.import_failure()
        raise ImportError(f"cannot import name {name!r} from {module!r}")


def _checked_names(names: object) -> dict[str, dict[str, list[Any]]]:
    if isinstance(names, dict) and all(isinstance(offered, dict) for offered in names.values()):
        return names
    raise ProtocolError("malformed names")


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
