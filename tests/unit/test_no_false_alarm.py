"""Correct code of any style, and ordinary habits, are read without a flag and without a misleading note.

How their runs go is tested on a sandbox: see tests/contract/test_habits.py.
"""

import io
import zipfile

import pytest

from grader.judging.samples import SampleKind, load_samples
from grader.judging.static_reading import read_sources
from grader.settings import CHECKOUT
from grader.submissions.archive import read_archive_bytes
from grader.units import load_unit
from tests.submissions.archives.packing import as_tar_gz, as_zip

NN = load_unit("nn", CHECKOUT)
SAMPLES = [
    sample
    for sample in load_samples(CHECKOUT / "tests/submissions/nn")
    if sample.kind is SampleKind.DIFFERENT
]
CORRECT = {sample.name: sample.files(NN.reference) for sample in SAMPLES}
FITTING_FLAGS = {sample.name: list(sample.flags) for sample in SAMPLES}
HABITS = sorted(name for name in CORRECT if "/habit-" in name)
FITTING_NOTES = ("Grading brings its own tests and does not use yours", "The package was found in")


def as_macos_zip(tree):
    """A folder compressed by the Finder: with folder entries, and each file's attributes once more."""
    files = {"project/": b"", "project/.DS_Store": b"\0\0\0\1Bud1", "__MACOSX/._project": b"\0\5\x16\7"}
    for path, content in tree.items():
        files[f"project/{path}"] = content
        folder, slash, name = path.rpartition("/")
        files[f"__MACOSX/project/{folder}{slash}._{name}"] = b"\0\5\x16\7"
    return as_zip(files, comment=b"")


def as_windows_zip(tree):
    """A folder compressed by the Explorer: made by DOS, with no modes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {**tree, "Thumbs.db": b"x", "g2c/desktop.ini": b"x"}.items():
            info = zipfile.ZipInfo(f"Neuer Ordner (2)/{path}")
            info.create_system = 0
            info.external_attr = 0x20
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def flags_and_notes(tree, pack):
    submission = read_archive_bytes(pack(tree), "hand-in", NN.package, NN.required_files)
    reading = read_sources(submission.files, NN.package, NN.off_limits.apis, NN.off_limits.noted)
    flags = [*submission.review, *reading.off_limits, *reading.noted, *reading.suspicious]
    return flags, [note for note in submission.notes if not note.startswith(FITTING_NOTES)]


@pytest.mark.parametrize("name", sorted(CORRECT))
def test_correct_code_is_read_without_a_flag(name):
    packers = (as_zip, as_tar_gz, as_macos_zip, as_windows_zip)
    pack = packers[sorted(CORRECT).index(name) % len(packers)]
    without_init = ["g2c/nn/__init__.py is missing, so `from g2c.nn import …` finds no names."]
    flags, notes = flags_and_notes(CORRECT[name], pack)
    assert [flag.code for flag in flags] == FITTING_FLAGS[name]
    assert notes in ([], without_init if "g2c/nn/__init__.py" not in CORRECT[name] else [])


def test_there_are_enough_of_them():
    assert len(CORRECT) - len(HABITS) >= 24
    assert sum(map(bool, FITTING_FLAGS.values())) == 1  # the unit itself asks to be told of torch.log_softmax
    assert len(HABITS) >= 24


def test_all_of_mnist_beside_the_package_is_no_reason_to_refuse():
    tree = {
        **CORRECT["different/habit-data-folder"],
        "data/MNIST/raw/train-images-idx3-ubyte": bytes(47_040_016),
        "data/MNIST/raw/t10k-images-idx3-ubyte": bytes(7_840_016),
    }
    assert flags_and_notes(tree, as_zip) == ([], [])


@pytest.mark.parametrize(
    ("source", "is_readable"),
    [
        (b"# coding: cp1252\n# \xfc", True),
        (b"# \xfc", False),
        (b"# coding: punycode\n# \xfc", False),
        (b"# coding: no-such\n# \xfc", False),
        (b"\xef\xbb\xbf# \xc3\xbc", True),
    ],
)
def test_a_file_may_declare_its_encoding(source, is_readable):
    tree = {**CORRECT[HABITS[0]], "g2c/extra.py": source}
    _, notes = flags_and_notes(tree, as_zip)
    assert (notes == []) is is_readable
