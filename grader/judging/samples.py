"""Sample submissions: known-wrong, correct-but-different and hostile hand-ins, kept as data.

Each case is a folder `<wrong|different|hostile>/<case>/` with a `case.toml` and only those
files that differ from the reference; a sample is the reference with these laid over it.
The admission gate grades every sample, and so proves that the tests tell wrong from
merely different.

    kind = "wrong"                       # same as the folder above
    description = "one sentence"
    hints = ["no-grad-missing"]          # wrong: the codes that are right, the preferred first;
                                         #   empty: no code fits, so the report must not give one
    fails = ["sgd", "regression"]        # wrong: groups that must lose points (others may)
    flags = ["noted-api"]                # different: what staff are told of it, all the same
    outcomes = ["timeout"]               # hostile: how affected tests may end; "rejected" at intake
    affects = ["activations"]            # hostile: groups that may lose points; all others keep theirs
    max_score = 95.0                     # hostile: highest acceptable score
    expect = "what a reader should see"  # hostile
    removes = ["g2c/__init__.py"]        # files of the reference that the hand-in lacks
    [files]                              # files given inline, because our own tools would act on
    "conftest.py" = "…"                  #   them in a folder (conftest.py, .DS_Store)
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from grader.errors import UnitError
from grader.judging.result import MAX_SCORE, Outcome

CASE_FILE = "case.toml"
REJECTED = "rejected"  # besides the outcomes of tests: the whole hand-in is refused at intake
GENERATED_FOLDERS = {"__pycache__", ".pytest_cache", ".ipynb_checkpoints"}


class SampleKind(StrEnum):
    """What grading must make of a sample."""

    WRONG = "wrong"
    DIFFERENT = "different"
    HOSTILE = "hostile"


@dataclass(frozen=True)
class Sample:
    """One sample submission and what grading it must show; fields as in `case.toml`."""

    name: str
    kind: SampleKind
    description: str
    overlay: dict[str, bytes]
    hints: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    affects: tuple[str, ...] = ()
    max_score: float = MAX_SCORE
    expect: str = ""
    removes: tuple[str, ...] = ()

    def files(self, reference_dir: Path) -> dict[str, bytes]:
        """Return the whole hand-in, path → content: the reference with this sample laid over it.

        Raises UnitError if `removes` names a file that the reference lacks.
        """
        files = _read_tree(reference_dir)
        for path in self.removes:
            if path not in files:
                raise UnitError(f"sample {self.name}: removes {path}, which the reference does not have")
            del files[path]
        return {**files, **self.overlay}

    def write_to(self, directory: Path, reference_dir: Path) -> None:
        """Write the whole hand-in below `directory`, which is created if missing."""
        for path, content in self.files(reference_dir).items():
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def load_samples(directory: Path) -> list[Sample]:
    """Return every sample below `directory` (`tests/submissions/<unit>`), sorted by name.

    A sample's name is `<kind>/<case>`. Raises UnitError for a malformed case.
    """
    return [
        _load_sample(folder, SampleKind(kind))
        for kind in sorted(SampleKind)
        for folder in sorted((directory / kind).glob("*/"))
    ]


def _load_sample(folder: Path, kind: SampleKind) -> Sample:
    name = f"{kind}/{folder.name}"
    try:
        case: dict[str, Any] = tomllib.loads((folder / CASE_FILE).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UnitError(f"sample {name}: {error}") from error
    if case.pop("kind", None) != kind:
        raise UnitError(f"sample {name}: kind must be {kind!r}, like the folder above")
    inline: dict[str, str] = case.pop("files", {})
    overlay = _read_tree(folder) | {path: text.encode() for path, text in inline.items()}
    del overlay[CASE_FILE]
    lists = ("hints", "fails", "flags", "outcomes", "affects", "removes")
    fields: dict[str, Any] = {key: tuple(value) if key in lists else value for key, value in case.items()}
    try:
        sample = Sample(name=name, kind=kind, overlay=overlay, **fields)
    except TypeError as error:
        raise UnitError(f"sample {name}: {error}") from error
    _check(sample)
    return sample


def _check(sample: Sample) -> None:
    unknown = set(sample.outcomes) - set(Outcome) - {REJECTED}
    if unknown:
        raise UnitError(f"sample {sample.name}: unknown outcomes {sorted(unknown)}")
    if not sample.overlay and not sample.removes:
        raise UnitError(f"sample {sample.name}: does not differ from the reference")
    if sample.kind is not SampleKind.WRONG and (sample.hints or sample.fails):
        raise UnitError(f"sample {sample.name}: only a wrong sample has hints and fails")
    if sample.kind is not SampleKind.DIFFERENT and sample.flags:
        raise UnitError(f"sample {sample.name}: only a different sample has flags")
    if sample.kind is not SampleKind.HOSTILE and (sample.outcomes or sample.affects):
        raise UnitError(f"sample {sample.name}: only a hostile sample has outcomes and affects")


def _read_tree(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and GENERATED_FOLDERS.isdisjoint(path.relative_to(directory).parts)
    }
