"""Which entry names are unsafe, which are leftovers, and which files are off limits."""

from __future__ import annotations

import re
import unicodedata
from fnmatch import translate

LEFTOVERS = (
    *("__MACOSX", ".DS_Store", "._*", ".AppleDouble", ".Spotlight-V100", ".Trashes", ".fseventsd"),
    *("Thumbs.db", "desktop.ini", "$RECYCLE.BIN", "System Volume Information"),
    *(".git", ".hg", ".svn", ".vscode", ".idea", "*.swp", "*.swo", "*~", ".#*", "#*#"),
    *("__pycache__", "*.pyc", "*.pyo", ".ipynb_checkpoints", ".venv", ".venv-*", "venv", "node_modules"),
    *(".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".tox", ".nox", ".eggs"),
    *("*-idx?-ubyte", "*-idx?-ubyte.gz"),  # MNIST as torchvision stores it: too big, and not needed
)
IS_LEFTOVER = re.compile("|".join(map(translate, LEFTOVERS)))
MAC_FOLDER_ICON = "Icon\r"

COMPILED = re.compile(r"\.(so(\.\d+)*|pyd|dylib|dll)$", re.IGNORECASE)
STARTUP_NAMES = ("sitecustomize.py", "usercustomize.py")
# Windows takes these for devices, whatever ending follows, and drops dots and spaces at the end of a name.
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)( *\.| *$)", re.IGNORECASE)
DRIVE = re.compile(r"^[A-Za-z]:")
INVISIBLE = ("Cc", "Cs", "Zl", "Zp")
TEXT_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
TORCH_CHECKPOINT_STARTS = (b"PK\x03\x04", b"\x80")


def shown(name: str) -> str:
    """Return `name` fit for a message: no control characters, at most 200 characters."""
    visible = "".join(ch if ch.isprintable() else ascii(ch)[1:-1] for ch in name[:200])
    return visible if len(name) <= 200 else visible + "…"


def unsafe_reason(name: str) -> str:
    """Return why `name` may lead outside the hand-in or deceive a reader; "" if it is safe.

    Names use forward slashes; a leading `./` and a trailing `/` are fine.
    """
    if any(unicodedata.category(ch) in INVISIBLE or ch in TEXT_DIRECTION_MARKS for ch in name):
        return "it holds characters that can't be shown"
    if name.startswith("/") or DRIVE.match(name):
        return "it is an absolute path"
    parts = name.removeprefix("./").removesuffix("/").split("/")
    if ".." in parts:
        return "it points outside the hand-in (..)"
    if name != "./" and ("" in parts or "." in parts):
        return "it has empty or dot parts"
    return ""


def clean(name: str) -> str:
    """Return the safe `name` as a plain relative path in NFC; "" for the root itself (`./`)."""
    return unicodedata.normalize("NFC", name.removeprefix("./").removesuffix("/"))


def collision_key(path: str) -> str:
    """Return what two paths share that some file systems, or Python's import, would take for the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())


def unportable_reason(path: str) -> str:
    """Return why a file of this path would be another one on Windows, where staff may open it; "" if not."""
    for part in path.split("/"):
        if DEVICE.match(part):
            return "Windows takes this name for a device"
        if part.endswith((".", " ")):
            return "a name must not end with a dot or a space"
    return ""


def leftover(path: str) -> str:
    """Return the part of `path` down to the first leftover file or folder; "" if there is none."""
    parts = path.split("/")
    for depth, part in enumerate(parts, start=1):
        if IS_LEFTOVER.match(part):
            return "/".join(parts[:depth])
    metadata = [depth for depth, part in enumerate(parts, 1) if part.endswith((".egg-info", ".dist-info"))]
    if metadata and parts[-1] != "entry_points.txt":
        return "/".join(parts[: metadata[0]])
    return ""


def off_limits_reason(path: str) -> str:
    """Return why a file of this name is never accepted; "" if it is fine."""
    name = path.rsplit("/", 1)[-1].lower()
    if COMPILED.search(name):
        return "compiled libraries can't be read by anyone who checks your work; hand in Python source"
    if name in STARTUP_NAMES:
        return "Python would run it at every start; remove it"
    if name == "entry_points.txt" and "-info/" in path:
        return "it registers plugins; remove the .egg-info or .dist-info folder"
    return ""


def is_path_configuration(path: str, content: bytes) -> bool:
    """Whether this is a `.pth` that changes Python's search path, and not weights saved by torch."""
    return path.lower().endswith(".pth") and not content.startswith(TORCH_CHECKPOINT_STARTS)
