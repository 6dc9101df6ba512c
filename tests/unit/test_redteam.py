"""The red team's own parts: attacks are read strictly, none is left out in silence, the table says it all."""

import dataclasses
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from redteam import table
from redteam.attack import ATTACKS, Attack, AttackError, Outcome, load_attacks, load_corpus
from redteam.channels import Channels
from redteam.hand_in import Payload, base_files, laid_over
from redteam.observation import Channel, Fired, Held, NotRun
from redteam.plain.fired import WORDS
from redteam.record import Record, Taken
from redteam.running import HERE, Broken, Row, Skipped, run_one

CORPUS = '[A]\ntitle = "Points"\n[A.lines]\nskips = "skips"\nsurvivor = "a survivor"\n'
GOOD = {
    "lines": ["skips"],
    "description": "Skips.",
    "channel": "submission",
    "outcomes": ["0"],
    "asserts": ["a0"],
    "fires": "points",
}
LEAST_ATTACKS = 110


def write_attack(folder: Path, text: str, name: str = "A/one") -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "attack.toml").write_text(text, encoding="utf-8")
    (folder / "corpus.toml").write_text(CORPUS, encoding="utf-8")
    return folder


def toml(**changes: Any) -> str:
    lines = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return "\n".join(f"{key} = {value!r}" for key, value in lines.items())


def an_attack(**changes: Any) -> Attack:
    return dataclasses.replace(ATTACK, **changes)


ATTACK = Attack(
    "A/one", "A", ("skips",), "Skips | all.", "submission", (Outcome.NO_POINTS,), (), "points", Path("A/one")
)


def test_an_attack_is_read_with_its_files(tmp_path: Path):
    write_attack(tmp_path, toml() + '\n[files]\n"conftest.py" = "# @TOKEN@"\n')
    (tmp_path / "A/one/g2c").mkdir()
    (tmp_path / "A/one/g2c/x.py").write_text("y = '@TOKEN@'\n", encoding="utf-8")
    (attack,) = load_attacks(tmp_path)
    assert attack.name == "A/one"
    assert attack.with_token("rt1") == {"conftest.py": b"# rt1", "g2c/x.py": b"y = 'rt1'\n"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (toml(lines=["unheard-of"]), "its lines must be among"),
        (toml(lines=[]), "its lines must be among"),
        (toml(channel="pigeon"), "the channel must be one of"),
        (toml(outcomes=[]), "says no outcome"),
        (toml(outcomes=["X"]), "'X' is not a valid Outcome"),
        (toml(asserts=["a1"]), "'a1' is not a valid Assertion"),
        (toml(fires=None), "fires"),
        (toml(surprise="x"), "surprise"),
        ("lines = [", "attack A/one"),
    ],
)
def test_a_malformed_attack_is_refused(tmp_path: Path, text: str, said: str):
    with pytest.raises(AttackError, match=said):
        load_attacks(write_attack(tmp_path, text))


def test_an_attack_of_an_unknown_section_is_refused(tmp_path: Path):
    with pytest.raises(AttackError, match="section Z"):
        load_attacks(write_attack(tmp_path, toml(), "Z/one"))


@pytest.mark.parametrize(
    "payload",
    [
        {"bases": "template"},
        {"base": "wrong/unheard-of"},
        {"reads": "tea leaves"},
        {"honest": "never"},
        {"wall_s": 1000.0},
        {"affects": ["unheard-of"]},
    ],
)
def test_a_malformed_payload_of_a_hand_in_is_refused(payload: dict[str, Any]):
    with pytest.raises(AttackError, match="A/one"):
        Payload.of(an_attack(payload=payload))


def test_a_payload_is_laid_over_its_base():
    files = {"g2c/nn/new.py": b"@TOKEN@ @LISTENER@", "appended/g2c/nn/optim.py": b"exit()"}
    attack = an_attack(payload={"base": "reference", "removes": ["pyproject.toml"]}, files=files)
    handed_in = laid_over(attack, "rt1", "192.0.2.1:9")
    base = base_files("reference")
    assert handed_in["g2c/nn/new.py"] == b"rt1 192.0.2.1:9"
    assert handed_in["g2c/nn/optim.py"] == base["g2c/nn/optim.py"] + b"\n\nexit()"
    assert base.keys() - handed_in.keys() == {"pyproject.toml"}


def test_every_line_of_the_corpus_has_an_attack():
    rows = [Row(attack, Skipped("not asked"), {}) for attack in load_attacks()]
    assert table.uncovered(rows, load_corpus()) == []


def test_there_are_enough_attacks():
    assert len(load_attacks()) >= LEAST_ATTACKS


@pytest.mark.parametrize("attack", [pytest.param(attack, id=attack.name) for attack in load_attacks()])
def test_the_data_of_an_attack_make_sense(attack: Attack):
    assert attack.description.endswith("."), "one sentence"
    assert attack.files or attack.payload, "it has no payload"
    if attack.channel == "submission":
        assert attack.fires in WORDS
        assert Payload.of(attack)


@pytest.mark.parametrize(
    "attack", [pytest.param(each, id=each.name) for each in load_attacks() if each.fires == "marker"]
)
def test_a_mark_is_set_only_by_success(attack: Attack):
    """Else a traceback that quotes the line, or an error that names the file, would count as the mark."""
    lines = b"\n".join(attack.files.values()).splitlines()
    marking = [line.strip() for line in lines if b"@TOKEN@" in line]
    assert marking and all(line.startswith((b"print(", b"os.write(")) for line in marking)


def test_every_folder_of_the_corpus_is_an_attack():
    folders = {path for path in ATTACKS.glob("[A-Z]/*") if path.is_dir()}
    assert folders == {attack.folder for attack in load_attacks()}


@pytest.mark.parametrize("name", sorted({attack.channel for attack in load_attacks()}))
def test_every_channel_that_attacks_use_is_made(name: str):
    assert importlib.util.find_spec(f"redteam.{name}")


class Given(Channels):
    """Channels of which one is given."""

    def __init__(self, channel: Channel):
        super().__init__()
        self._open["submission"] = channel


class Failing:
    """A channel whose plain harness is missing and whose grading breaks down."""

    def plain(self, attack: Attack) -> Fired:
        raise NotRun("no engine here")

    def grade(self, attack: Attack, sandbox: str) -> Held:
        raise ZeroDivisionError(sandbox)


def test_a_failure_of_the_red_team_is_a_row_that_is_not_good():
    with Given(Failing()) as channels:
        row = run_one(ATTACK, ["docker", "bubblewrap"], channels)
    assert row.plain == Skipped("no engine here")
    assert all(isinstance(seen, Broken) and "ZeroDivisionError" in seen.error for seen in row.here.values())
    assert not row.good


@pytest.mark.parametrize(
    ("plain", "here", "good"),
    [
        (Fired(True, "8 of 8"), Held("score 0"), True),
        (Fired(False, "0 of 8"), Held("score 0"), False),
        (Fired(True, "8 of 8"), Held("score 9", ("a0: 9 unearned points",)), False),
        (Fired(True, "8 of 8"), Broken("it broke"), False),
        (Broken("it broke"), Held("score 0"), False),
        (Skipped("no engine"), Held("score 0"), True),
    ],
)
def test_what_is_good(plain: Any, here: Any, good: bool):
    assert Row(ATTACK, plain, {"docker": here}).good == good


def overview(*rows: Row) -> str:
    machine = {"cpu_model": "some", "cores": 2, "memory_gib": 4.0, "kernel": "Linux"}
    return table.overview(rows, [Taken(row, "abc", "today") for row in rows], load_corpus(), machine)


def test_a_run_goes_on_where_it_was_interrupted(tmp_path: Path):
    write_attack(tmp_path, toml())
    attacks = load_attacks(tmp_path)
    record = Record(tmp_path / "record.jsonl")
    assert record.rows(attacks) == {}
    row = Row(
        attacks[0], Fired(True, "8 of 8"), {"docker": Held("score 30", ("a0: 30",)), HERE: Skipped("-")}
    )
    taken = record.add(row, "abc")
    assert record.rows(attacks) == {"A/one": taken}
    newer = record.add(Row(attacks[0], Broken("it broke"), {}), "abd")
    assert record.rows(attacks) == {"A/one": newer}
    (tmp_path / "A/one" / "payload.py").write_text("another one", encoding="utf-8")
    assert record.rows(attacks) == {}, "an attack that has changed is another one"


def test_the_page_counts_what_came_through():
    row = Row(
        an_attack(asserts=("a0", "ak")),
        Fired(True, "8 of 8"),
        {"docker": Held("score 30", ("a0: 30 unearned points",)), "bubblewrap": Held("score 0")},
    )
    text = overview(row)
    assert "1 attacks: 1 of 1 fired on a plain harness; here 1 of 2 runs were contained; 0 runs" in text
    assert "| unearned points (a0), of those where it is looked at | 1 of 1 | 0 of 1 |" in text
    assert "| the canary got out (ak), of those where it is looked at | 0 of 1 | 0 of 1 |" in text
    section = table.section_table([row], load_corpus()["A"])
    assert "NOT CONTAINED: a0: 30 unearned points (score 30)" in section


def test_the_page_lists_what_was_not_run_with_the_reason():
    text = overview(Row(ATTACK, Fired(True, "8 of 8"), {"docker": Skipped("no engine here")}))
    assert "- docker: no engine here: A/one" in text
    assert "0 of 0 runs were contained; 1 runs were left out" in text


def test_no_text_breaks_the_table():
    row = Row(ATTACK, Fired(True, "a|b\n<b>*c*[d](e)"), {HERE: Held("`x`")})
    section = table.section_table([row], load_corpus()["A"])
    (line,) = [line for line in section.splitlines() if line.startswith("| [one]")]
    assert r"Skips \| all." in line
    assert r"a\|b \<b\>\*c\*\[d\](e)" in line


def test_lines_without_an_attack_are_named():
    missing = table.uncovered([Row(ATTACK, Skipped(""), {})], load_corpus())
    assert "A: survivor (a survivor process that rewrites results)" in missing
    assert not any(text.startswith("A: skips ") for text in missing)
