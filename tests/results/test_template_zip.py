"""The template to download."""

import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from grader.results.unit_files import template_zip
from grader.settings import CHECKOUT
from grader.submissions.archive import read_archive_bytes
from grader.unit_cache import current_unit


@pytest.fixture(scope="module")
def unit():
    return current_unit("nn", CHECKOUT)


def test_what_one_downloads_can_be_handed_in_as_it_is(unit):
    read = read_archive_bytes(template_zip(unit), "nn.zip", unit.package, unit.required_files)
    assert read.files["g2c/nn/optim.py"] == (unit.template / "g2c/nn/optim.py").read_bytes()


def test_the_same_files_make_the_same_bytes_without_leftovers(unit, tmp_path):
    copy = tmp_path / "nn"
    shutil.copytree(unit.template, copy, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    clean = template_zip(replace(unit, template=copy))
    for leftover in ("__pycache__/x.cpython-311.pyc", ".DS_Store", ".ipynb_checkpoints/a.ipynb", "g2c/y.pyc"):
        (copy / leftover).parent.mkdir(exist_ok=True)
        (copy / leftover).write_bytes(b"leftover")
    assert template_zip(replace(unit, template=copy)) == clean == template_zip(unit)


def test_programs_stay_programs_and_everything_is_in_one_folder(unit):
    with zipfile.ZipFile(io.BytesIO(template_zip(unit))) as archive:
        assert {Path(name).parts[0] for name in archive.namelist()} == {"nn"}
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert modes["nn/noteboosh.sh"] == 0o100755
    assert modes["nn/README.md"] == 0o100644
