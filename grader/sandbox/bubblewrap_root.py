"""The read-only root that bubblewrap shows: the host's interpreter and libraries, our packages.

Theory of operation. The packages are installed once into a folder of the grader's data,
named by a digest of what it is made from; the student host's files lie in another, beside it.
From the host come /usr's programs and libraries and, where Python lives elsewhere, Python's
own prefix. Nothing of /home, /root, /var or /srv is shown, and of /etc only what names the
one user and finds libraries.
"""

from __future__ import annotations

import platform
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from grader.errors import SandboxUnavailable
from grader.sandbox import contents
from grader.sandbox.interface import Progress

SYSTEM_FOLDERS = ("/usr/bin", "/usr/lib", "/usr/lib64", "/bin", "/lib", "/lib64")


def python() -> Path:
    """Return the interpreter for student code: the running one, outside any venv."""
    return Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"


def host_folders() -> list[str]:
    """Return the host's folders that are shown, each at its own place."""
    folders = [folder for folder in SYSTEM_FOLDERS if Path(folder).is_dir() and not Path(folder).is_symlink()]
    if Path(sys.base_prefix) != Path("/usr"):
        folders.append(sys.base_prefix)
    return folders


def links() -> list[str]:
    """Return the links to show beside them (/bin is one to /usr/bin on most systems)."""
    return [folder for folder in SYSTEM_FOLDERS if Path(folder).is_symlink()]


def hidden_packages() -> list[str]:
    """Return the host's own package folders within the folders shown, to be covered up."""
    within = tuple(f"{folder}/" for folder in host_folders())
    places = site.getsitepackages([sys.base_prefix])
    return [place for place in places if place.startswith(within) and Path(place).is_dir()]


class Root:
    """The folders made for the sandboxes, named when this object is made, so that all sandboxes
    of one grader run the same host."""

    def __init__(self, data_dir: Path):
        made_from = (contents.REQUIREMENTS, contents.INSTALLER)
        packages = contents.file_digest(*made_from, extra=sys.version)[:16]
        host = contents.digest_of(contents.host_files().items())[:16]
        self._data_dir = data_dir
        self.packages = data_dir / "sandbox-root" / f"site-packages-{packages}"
        self.host = data_dir / "sandbox-root" / f"host-{host}"

    def is_built(self) -> bool:
        """Whether `build` has nothing to do."""
        return self.packages.exists() and self.host.exists()

    def build(self, progress: Progress) -> None:
        """Build what is missing; SandboxUnavailable with the fix if that fails."""
        if not self.packages.exists():
            wheels = contents.wheelhouse(self._data_dir, progress)
            progress("Installing the packages for student code (once, about a minute)")
            _make(self.packages, lambda folder: _install(wheels, folder))
        if not self.host.exists():
            progress("Copying the student host")
            _make(self.host, _copy_host)

    def digest(self) -> str:
        """Return `sha256:…` of what the root is made from: packages, host, interpreter, C library."""
        names = [self.packages.name, self.host.name, sys.version, *platform.libc_ver()]
        return "sha256:" + contents.digest_of((name, b"") for name in names)


def write_etc(folder: Path, uid: int) -> None:
    """Write the few files of /etc that programs look for."""
    for name, text in contents.account_files(uid).items():
        (folder / name).write_text(text)
    (folder / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")
    (folder / "hosts").write_text("127.0.0.1 localhost\n")
    cache = Path("/etc/ld.so.cache")
    if cache.exists():
        shutil.copy(cache, folder)
    _let_all_read(folder)


def _make(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a new folder beside its place and move it there whole, so that a stop leaves no half."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as new:
        filled = Path(new) / folder.name
        filled.mkdir(mode=0o755)
        fill(filled)
        _let_all_read(filled)
        if not folder.exists():
            filled.rename(folder)


def _let_all_read(folder: Path) -> None:
    """Make a folder readable for the sandbox's user, whatever our umask is."""
    for place in (folder, *folder.rglob("*")):
        if not place.is_symlink():
            place.chmod(place.stat().st_mode | (0o555 if place.is_dir() else 0o444))


def _install(wheels: Path, folder: Path) -> None:
    install = [sys.executable, str(contents.INSTALLER), str(contents.REQUIREMENTS), str(wheels), str(folder)]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        raise SandboxUnavailable(
            f"The packages for student code could not be installed:\n{done.stderr.strip()[-2000:]}",
            f"free disk space or remove {wheels} to fetch the packages anew, then run `make setup`",
        )


def _copy_host(folder: Path) -> None:
    for name, content in contents.host_files().items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(folder)], check=True)
