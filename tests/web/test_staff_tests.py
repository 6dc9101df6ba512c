"""The page of a unit's tests: stored, uploaded by admins, pinned by instructors."""

import io

import pytest

from grader.db.models import CourseUnit, UnitVersion
from grader.settings import Settings
from grader.units import load_unit
from grader.versions.packing import files_of, packed
from tests.regrades.acted import copy_unit

URL = "/courses/dl/nn/tests"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data_dir=tmp_path / "data", units_root=copy_unit(tmp_path / "on_disk"))


def versions(database):
    with database.reading() as session:
        return session.query(UnitVersion).order_by(UnitVersion.id).all()


def pinned(database, world):
    with database.reading() as session:
        return session.get_one(CourseUnit, world.unit.id).pinned_version_id


def upload(client, content: bytes, name: str = "tests.zip"):
    form = {"archive": (io.BytesIO(content), name), "label": "mine"}
    return client.post(f"{URL}/upload", data=form, content_type="multipart/form-data")


def test_storing_pinning_and_unpinning(client_of, database, world, settings):
    ta, instructor = client_of(world.tara), client_of(world.ines)
    assert "No version is known yet" in ta.get(URL).text
    assert ta.post(f"{URL}/store", data={"label": "Week 3"}).status_code == 303
    (version,) = versions(database)
    assert version.digest == load_unit("nn", settings.units_root).digest
    page = ta.get(URL).text
    assert "Week 3" in page
    assert "on disk" in page
    assert ">Pin<" not in page, "that is for instructors"
    assert ta.post(f"{URL}/pin", data={"version": version.id}).status_code == 403
    instructor.post(f"{URL}/pin", data={"version": version.id})
    assert pinned(database, world) == version.id
    assert "whatever is on disk" in instructor.get(URL).text
    instructor.post(f"{URL}/pin", data={"version": ""})
    assert pinned(database, world) is None
    for wrong in ("99", "x", "²"):
        assert instructor.post(f"{URL}/pin", data={"version": wrong}).status_code == 400
    archive = ta.get(f"{URL}/versions/{version.id}.zip")
    assert archive.data == packed(files_of(settings.units_root, "nn"))


def test_only_admins_upload(client_of, database, world, settings):
    content = packed(files_of(settings.units_root, "nn"))
    assert upload(client_of(world.ines), content).status_code == 403
    assert "Upload a zip" not in client_of(world.ines).get(URL).text
    assert upload(client_of(world.abe), content).status_code == 303
    (version,) = versions(database)
    assert (version.label, version.created_by_id) == ("mine", world.abe.id)


def test_what_is_wrong_with_an_upload_is_said(client_of, database, world, settings):
    files = files_of(settings.units_root, "nn") | {"hidden_tests/nn/unit.toml": b"title = 3"}
    answer = upload(client_of(world.abe), packed(files))
    assert answer.status_code == 422
    assert "title: expected" in answer.text
    assert "/tmp" not in answer.text
    assert upload(client_of(world.abe), b"", "").status_code == 422
    assert versions(database) == []


def test_a_broken_unit_on_disk_is_said(client_of, database, world, settings):
    (settings.units_root / "hidden_tests" / "nn" / "unit.toml").write_text("name = 3", encoding="utf-8")
    page = client_of(world.tara).get(URL).text
    assert "can’t be read, so nothing can be graded" in page
    assert client_of(world.tara).post(f"{URL}/store").status_code == 422
