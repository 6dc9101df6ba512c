"""The package is found wherever students put it, and what is wrong is said plainly."""

import pytest

from grader.errors import RejectedError
from grader.submissions.archive import read_archive_bytes
from tests.submissions.archives.packing import PACKAGE, REQUIRED, as_zip, honest_tree


def read(tree):
    return read_archive_bytes(as_zip(tree), "handin.zip", PACKAGE, REQUIRED)


def rejections(tree):
    with pytest.raises(RejectedError) as caught:
        read(tree)
    return caught.value.rejections


def below(folder, tree=None):
    """Return only the content of g2c/nn, moved to `folder`."""
    return {
        folder + path.removeprefix("g2c/nn/"): content
        for path, content in (tree or honest_tree()).items()
        if path.startswith("g2c/nn/")
    }


PACKAGE_FILES = set(below("g2c/nn/"))


@pytest.mark.parametrize("under", ["", "repo-main/", "src/", "submission/homework/", "a/b/c/d/e/f/"])
def test_found_at_any_sensible_depth(under):
    assert set(read(honest_tree(under)).files) == set(honest_tree())


@pytest.mark.parametrize("folder", ["", "nn/", "homework/", "src/g2c_nn/nn/"])
def test_bare_content_is_placed_and_noted(folder):
    submission = read(below(folder))
    assert set(submission.files) == PACKAGE_FILES
    assert any("graded as g2c/nn" in note for note in submission.notes)


def test_bare_content_keeps_its_subfolders():
    assert "g2c/nn/extra/more.py" in read({**below("nn/"), "nn/extra/more.py": b""}).files


def test_an_init_file_is_asked_for_only_by_a_note():
    tree = honest_tree()
    del tree["g2c/__init__.py"], tree["g2c/nn/__init__.py"]
    assert any("g2c/nn/__init__.py is missing" in note for note in read(tree).notes)


def test_a_module_may_be_a_folder():
    tree = honest_tree()
    tree["g2c/nn/modules/__init__.py"] = tree.pop("g2c/nn/modules.py")
    read(tree)


def test_too_deep_is_missing():
    (rejection,) = rejections(honest_tree("a/b/c/d/e/f/g/"))
    assert rejection.code == "package-missing"


def test_missing_package():
    (rejection,) = rejections({"README.md": b"hello", "main.py": b""})
    assert rejection.code == "package-missing"
    assert "modules.py, loss.py, optim.py, train.py" in rejection.text


def test_an_archive_inside_the_archive_is_pointed_out():
    (rejection,) = rejections({"homework.zip": as_zip(honest_tree())})
    assert rejection.code == "package-missing"
    assert "homework.zip" in rejection.text


def test_two_copies_are_ambiguous():
    (rejection,) = rejections({**honest_tree(), **honest_tree("old/")})
    assert rejection.code == "package-ambiguous"
    assert "g2c/nn, old/g2c/nn" in rejection.text


def test_two_bare_copies_are_ambiguous():
    (rejection,) = rejections({**below("week3/"), **below("week3 (copy)/")})
    assert rejection.code == "package-ambiguous"


@pytest.mark.parametrize("bare", [False, True])
def test_every_missing_file_is_named(bare):
    tree = honest_tree()
    del tree["g2c/nn/loss.py"], tree["g2c/nn/optim.py"]
    found = rejections(below("nn/", tree) if bare else tree)
    place = "nn" if bare else "g2c/nn"
    assert [(r.code, r.path) for r in found] == [
        ("file-missing", f"{place}/loss.py"),
        ("file-missing", f"{place}/optim.py"),
    ]


def test_files_outside_are_left_out_and_counted():
    submission = read({**honest_tree("repo/src/"), "repo/README.md": b"", "repo/data/x.csv": b""})
    assert set(submission.files) == set(honest_tree())
    assert any(note.startswith("2 files lie outside") for note in submission.notes)


def test_test_files_and_settings_are_tolerated_and_noted():
    extra = ["conftest.py", "pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml", "tests/test_nn.py"]
    submission = read({**honest_tree(), **dict.fromkeys(extra, b"")})
    (note,) = submission.notes
    assert note.startswith("Grading brings its own tests") and note.endswith("and 1 more.")


def test_remarks():
    submission = read(
        {
            **honest_tree(),
            "g2c/nn/extra.py": "# Übung".encode("latin-1"),
            "data.zip": as_zip({"x": b"1"}),
            "mnist.bin": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        }
    )
    notes = "\n".join(submission.notes)
    assert "not UTF-8 text; save them as UTF-8: g2c/nn/extra.py" in notes
    assert "not opened: data.zip" in notes
    assert "Git LFS pointer" in notes and "mnist.bin" in notes


def test_library_names_beside_the_package_are_shown_to_staff():
    submission = read(
        {**honest_tree(), "torch/__init__.py": b"", "json.py": b"", "data/x.py": b"", "code/a.py": b""}
    )
    assert [(flag.code, flag.file) for flag in submission.review] == [
        ("shadows-module", "json.py"),
        ("shadows-module", "torch/__init__.py"),
    ]


def test_an_ordinary_hand_in_has_nothing_to_say():
    submission = read(honest_tree())
    assert submission.notes == () and submission.review == () and submission.ignored == ()
