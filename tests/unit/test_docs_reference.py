"""The reference says what is there: every command, option, exit code, key, hint and outcome."""

import dataclasses
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import click
import pytest

from grader import cli
from grader.errors import UnitError
from grader.judging.public_facts import PublicFacts
from grader.report.words import OUTCOME_WORDS
from grader.units import Unit, load_unit
from tests.markdown import ROOT, code, code_lines, documents, name_of, pages, read, rows, section

UNIT_TOML = ROOT / "hidden_tests/nn/unit.toml"
FOLDERS_OF_A_UNIT = {"template", "reference", "hidden_tests", "digest"}  # fields that unit.toml doesn't hold


# Commands


def leaves(command: click.Command, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        for name, sub in command.commands.items():
            yield from leaves(sub, (*names, name))
    else:
        yield names, command


COMMANDS = dict(leaves(cli.main, ()))


def options(command: click.Command) -> list[click.Option]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def usage_of(names: tuple[str, ...]) -> str:
    return " ".join(("grader", *names))


def test_every_command_has_its_section():
    headings = re.findall(r"^## `(grader [^`]+)`", read("docs/reference/cli.md"), re.MULTILINE)
    documented = {re.split(r" \[?[A-Z]", heading)[0] for heading in headings}
    assert documented == {usage_of(names) for names in COMMANDS}


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_a_commands_options_and_arguments_are_documented(names: tuple[str, ...]):
    text, command = read("docs/reference/cli.md"), COMMANDS[names]
    (heading,) = re.findall(rf"^## `{usage_of(names)}\b[^`]*`$", text, re.MULTILINE)
    arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    required = re.sub(r"\[.*?\]", "", heading).rstrip("`").split()[len(names) + 2 :]
    assert len(required) == sum(argument.required for argument in arguments)
    assert heading.count("[") == sum(not argument.required for argument in arguments)
    table = {tuple(part.split()[0] for part in code(row[0])): row for row in rows(section(text, heading))}
    expected = {(*option.opts, *option.secondary_opts): option for option in options(command)}
    assert table.keys() == expected.keys()
    for flags, option in expected.items():
        takes_value = " " in code(table[flags][0])[0]
        assert takes_value == (not option.is_flag)
        if option.show_default:
            assert str(option.default) in table[flags][1]


def test_every_exit_code_is_documented():
    codes = {value for name, value in vars(cli).items() if name.startswith("EXIT_")} | {0}
    assert {int(row[0]) for row in rows(section(read("docs/reference/cli.md"), "## Exit codes"))} == codes


def problem_with(words: list[str]) -> str | None:
    """What is wrong with a command line that begins with `grader`, if anything."""
    command: click.Command = cli.main
    for word in words:
        if word.startswith("-"):
            flag = word.partition("=")[0]
            known = {name for option in options(command) for name in (*option.opts, *option.secondary_opts)}
            general = {"--help", "-h"} | ({"--version"} if command is cli.main else set())
            if flag not in known | general:
                return f"{command.name} has no option {flag}"
        elif isinstance(command, click.Group) and not word.isupper():
            if word not in command.commands:
                return f"{command.name} has no command {word}"
            command = command.commands[word]
    return None


def grader_commands(path: Path) -> list[list[str]]:
    starts = re.compile(r"^(?:[A-Z_]+=\S+ )*(?:\.venv/bin/|\.venv\\Scripts\\)?grader +(?=[a-zA-Z-])")
    return [
        shlex.split(line[match.end() :], comments=True)
        for line in code_lines(path)
        if (match := starts.match(line))
    ]


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_commands_that_a_page_shows_exist(path: Path):
    wrong = [problem for words in grader_commands(path) if (problem := problem_with(words))]
    assert wrong == []


def test_wrong_commands_are_seen():
    assert problem_with(["grade", "x", "--htlm", "y"])
    assert problem_with(["unit", "prove", "nn"])
    assert problem_with(["unit", "check", "nn", "--only", "sgd"]) is None
    assert any(grader_commands(path) for path in pages())


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_make_targets_that_a_page_shows_exist(path: Path):
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    named = {
        target
        for line in code_lines(path)
        for target in re.findall(r"^(?:[A-Z_]+=\S+ )*make ([a-z]+)\b", line)
    }
    assert named - targets == set()


# unit.toml and hints


def keys_of(cls: type) -> set[str]:
    """The keys of a manifest that is read into this dataclass."""
    keys = set()
    for name, kind in get_type_hints(cls).items():
        tables = [part for part in (kind, *get_args(kind)) if dataclasses.is_dataclass(part)]
        if name == "given":
            keys.add("given.tests")
        elif tables:
            keys |= {f"{name}.{inner.name}" for inner in dataclasses.fields(tables[0])}
        else:
            keys.add(name)
    return keys


def manifest_rows() -> dict[str, list[str]]:
    table = rows(section(read("docs/reference/unit-toml.md"), "## The manifest"))
    return {code(row[0])[0]: row for row in table}


def test_every_key_of_the_manifest_is_documented():
    assert manifest_rows().keys() == keys_of(Unit) - FOLDERS_OF_A_UNIT


def as_toml(tables: dict) -> str:
    """TOML for plain values and one level of tables; JSON's texts, numbers and lists are TOML's, too."""
    plain = [f"{key} = {json.dumps(value)}" for key, value in tables.items() if not isinstance(value, dict)]
    for name, table in tables.items():
        if isinstance(table, dict):
            plain += [f"[{name}]", *(f'"{key}" = {json.dumps(value)}' for key, value in table.items())]
    return "\n".join(plain)


@pytest.mark.parametrize("key", manifest_rows())
def test_a_key_is_required_or_not_as_documented(key: str, tmp_path: Path):
    data = tomllib.loads(UNIT_TOML.read_text(encoding="utf-8"))
    name, _, inner = key.partition(".")
    (data[name] if inner else data).pop(inner or name, None)
    folder = tmp_path / "hidden_tests/nn"
    folder.mkdir(parents=True)
    (folder / "unit.toml").write_text(as_toml(data), encoding="utf-8")
    for path in UNIT_TOML.parent.glob("*.py"):
        (folder / path.name).symlink_to(path)
    for other in ("student_template", "reference"):
        (tmp_path / other).symlink_to(ROOT / other)
    if manifest_rows()[key][2] == "no":
        load_unit("nn", tmp_path)
    else:
        with pytest.raises(UnitError, match=re.escape(f"{key}: missing")):
            load_unit("nn", tmp_path)


def test_every_key_of_the_public_part_is_documented():
    def key_in_toml(name: str) -> str:
        return {"off_limits": "off_limits.apis", "noted": "off_limits.noted"}.get(name, name)

    table = rows(section(read("docs/reference/unit-toml.md"), "## The public part"))
    documented = {code(row[0])[0] for row in table}
    assert documented == {key_in_toml(key) for key in keys_of(PublicFacts)} - FOLDERS_OF_A_UNIT
    assert all(row[0] == row[1] for row in table)


def test_every_hint_is_documented_with_its_sentence():
    hints = tomllib.loads(UNIT_TOML.read_text(encoding="utf-8"))["hints"]
    table = rows(section(read("docs/reference/hints.md"), "# Hints"))
    assert {code(row[0])[0]: row[1] for row in table} == hints


def test_every_outcome_is_explained():
    explained = {
        row[0] for row in rows(section(read("docs/how-to/read-a-report.md"), "## Tests by exercise"))
    }
    assert explained == set(OUTCOME_WORDS.values())
