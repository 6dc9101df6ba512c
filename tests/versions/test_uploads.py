"""Uploaded versions: for admins only, read as strictly as a student's archive, and nothing of them is run."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.db.database import Database
from grader.db.models import UnitVersion, User
from grader.errors import GraderError, RefusedError, RejectedError, UnitError
from grader.settings import Settings
from grader.units import load_unit
from grader.versions.materialising import materialised
from grader.versions.packing import files_of, packed
from grader.versions.storing import store_upload
from tests.people import World


def upload(database: Database, by: User, files: Mapping[str, bytes] | bytes) -> UnitVersion:
    content = files if isinstance(files, bytes) else packed(files)
    with database.writing() as session:
        return store_upload(session, content, "nn", "uploaded", by)


def test_an_admin_uploads_what_then_grades(
    database: Database, settings: Settings, world: World, tmp_path: Path
):
    files = files_of(settings.units_root, "nn")
    trap = tmp_path / "executed"
    files["hidden_tests/nn/conftest.py"] = f"open({str(trap)!r}, 'w')\n".encode()
    files["hidden_tests/nn/test_more.py"] = f"open({str(trap)!r}, 'w')\n\ndef test_it(): ...\n".encode()
    version = upload(database, world.abe, {f"new tests/{path}": data for path, data in files.items()})
    with database.reading() as session:
        root = materialised(session.get_one(UnitVersion, version.id), settings.data_dir)
    assert load_unit("nn", root).digest == version.digest
    assert files_of(root, "nn") == files
    assert not trap.exists()


def test_nobody_else_uploads(database: Database, settings: Settings, world: World):
    with pytest.raises(RefusedError, match="Only admins"):
        upload(database, world.ines, files_of(settings.units_root, "nn"))


def climbing(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO(packed(files))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("hidden_tests/nn/../../../../tmp/evil.py", b"")
    return content.getvalue()


def linking(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO(packed(files))
    with zipfile.ZipFile(content, "a") as archive:
        entry = zipfile.ZipInfo("hidden_tests/nn/data_of_others.py")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return content.getvalue()


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        (climbing, RejectedError, "outside"),
        (linking, RejectedError, "is a link"),
        (lambda files: b"no zip at all", RejectedError, "damaged"),
        (lambda files: files | {"hidden_tests/cnn/test_x.py": b""}, RejectedError, "nothing else"),
        (
            lambda files: {path: data for path, data in files.items() if "reference" not in path},
            RejectedError,
            "reference/nn/ is missing",
        ),
        (lambda files: files | {"hidden_tests/nn/unit.toml": b"name = 'nn'"}, UnitError, "title"),
        (lambda files: files | {"hidden_tests/nn/test_sgd.py": b"def ("}, UnitError, "parsed"),
        (lambda files: files | {"hidden_tests/nn/test_sgd.py": b"(" * 5000}, UnitError, "parsed"),
        (lambda files: files | {"hidden_tests/nn/test_sgd.py": b"\0"}, UnitError, "parsed"),
    ],
    ids=[
        *("climbing", "linking", "no zip", "another unit's file", "no reference", "poor unit.toml"),
        *("no Python", "deeply nested", "NUL"),
    ],
)
def test_what_is_no_version_is_refused_and_not_stored(
    database: Database, settings: Settings, world: World, change, error: type[GraderError], reason: str
):
    with pytest.raises(error, match=reason):
        upload(database, world.abe, change(files_of(settings.units_root, "nn")))
    with database.reading() as session:
        assert session.query(UnitVersion).count() == 0
