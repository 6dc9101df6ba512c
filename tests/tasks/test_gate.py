"""The gate as a task: on a stored version and on the files on disk, told case by case, stopped when asked.

Real sandboxes grade three cases without MNIST; what the gate itself decides is tested elsewhere.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from grader.db.database import Database
from grader.db.models import Task, TaskKind, UnitVersion
from grader.errors import GraderError, StoppedError
from grader.grading import prepared_sandbox
from grader.judging.admission import make_cases
from grader.judging.samples import load_samples
from grader.settings import CHECKOUT, Settings, load_settings
from grader.tasks import gate, request
from grader.units import load_unit
from grader.versions.packing import files_of, packed
from tests.people import World

SAMPLE = "tests/submissions/nn/wrong/no-grad-missing-augmented"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # nothing here depends on it


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation whose one sample is SAMPLE."""
    for folder in ("hidden_tests/nn", "reference/nn", "student_template/nn", SAMPLE):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder)
    settings = dataclasses.replace(load_settings(), units_root=tmp_path)
    try:
        prepared_sandbox(None, settings, lambda _: None)
    except GraderError as error:
        pytest.skip(f"student code can't be run safely here: {error}")
    return settings


def make_task(database: Database, world: World, version_id: int | None = None) -> Task:
    with database.writing() as session:
        return request(
            session,
            TaskKind.GATE,
            course_unit_id=world.unit.id,
            unit_version_id=version_id,
            arguments={"with_mnist": False, "is_quick": True},
        )


def test_a_stored_version_is_proved_and_each_case_told(database: Database, world: World, settings: Settings):
    (settings.units_root / "hidden_tests/nn/new.txt").write_text("a change", encoding="utf-8")
    unit = load_unit("nn", settings.units_root)
    with database.writing() as session:
        content = packed(files_of(settings.units_root, "nn"))
        version = UnitVersion(unit="nn", digest=unit.digest, facts={}, content=content)
        session.add(version)
    (settings.units_root / "hidden_tests/nn/unit.toml").write_text("what is on disk does not count")
    told: list[dict[str, Any]] = []
    task = make_task(database, world, version.id)
    result = gate.run(database, settings, task, told.append, lambda: False)
    assert result["unit_digest"] == unit.digest
    assert {case["name"]: case["problems"] for case in result["cases"]} == {
        "reference/1": (),
        "template": (),
        "wrong/no-grad-missing-augmented": (),
    }
    assert "no wrong sample shows the hint zero-grad-missing" in result["disagreements"]
    assert not result["admitted"]
    assert [(each["done"], each["total"]) for each in told[-3:]] == [(1, 3), (2, 3), (3, 3)]


def test_it_stops_when_told(database: Database, world: World, settings: Settings):
    told: list[dict[str, Any]] = []
    task = make_task(database, world)
    with pytest.raises(StoppedError):
        gate.run(database, settings, task, told.append, lambda: True)
    assert told[-1]["done"] == 0


def test_without_samples_it_would_prove_nothing(database: Database, world: World, settings: Settings):
    shutil.rmtree(settings.units_root / "tests")
    with pytest.raises(GraderError, match="no sample submissions"):
        gate.run(database, settings, make_task(database, world), lambda _: None, lambda: False)


def test_a_quick_gate_has_some_of_every_kind():
    unit = load_unit("nn", CHECKOUT)
    cases = make_cases(unit, load_samples(CHECKOUT / "tests/submissions/nn"), runs=1, with_mnist=True)
    chosen = gate.quick_part(cases)
    assert {case.kind for case in chosen} == {case.kind for case in cases}
    assert len(cases) / gate.QUICK_SHARE <= len(chosen) <= len(cases) / gate.QUICK_SHARE + 5
