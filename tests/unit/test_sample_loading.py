"""Sample submissions are the reference with files laid over it; a malformed case is refused by name."""

from dataclasses import replace

import pytest

from grader.errors import UnitError
from grader.judging.samples import Sample, SampleKind, load_samples


def test_overlay_replaces_adds_and_removes_files(tmp_path):
    (tmp_path / "kept.py").write_text("kept")
    (tmp_path / "gone.py").write_text("gone")
    (tmp_path / "changed.py").write_text("old")
    overlay = {"changed.py": b"new", "sub/added.py": b"added"}
    sample = Sample("different/x", SampleKind.DIFFERENT, "", overlay, removes=("gone.py",))
    sample.write_to(tmp_path / "out", tmp_path)
    written = sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.py"))
    assert written == ["changed.py", "kept.py", "sub/added.py"]
    assert (tmp_path / "out/changed.py").read_text() == "new"
    with pytest.raises(UnitError, match=r"absent\.py"):
        replace(sample, removes=("absent.py",)).files(tmp_path)


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ('kind = "wrong"\ndescription = "."\n[files]\n"a.py" = ""', "kind must be"),
        ('kind = "hostile"\noutcomes = ["eaten"]\ndescription = "."\n[files]\n"a.py" = ""', "eaten"),
        ('kind = "hostile"\ndescription = "."', "does not differ"),
        ('kind = "hostile"\ndescription = "."\nspeed = 3\n[files]\n"a.py" = ""', "speed"),
        ('kind = "hostile"\nhints = ["x"]\ndescription = "."\n[files]\n"a.py" = ""', "only a wrong sample"),
        (
            'kind = "hostile"\nflags = ["x"]\ndescription = "."\n[files]\n"a.py" = ""',
            "only a different sample",
        ),
        ("kind =", "Invalid value"),
    ],
)
def test_malformed_case_is_named(tmp_path, case, problem):
    folder = tmp_path / "hostile/odd"
    folder.mkdir(parents=True)
    (folder / "case.toml").write_text(case)
    with pytest.raises(UnitError, match=f"hostile/odd: .*{problem}"):
        load_samples(tmp_path)
