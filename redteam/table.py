"""The table of a run: a line per attack on the terminal, and Markdown for the documentation."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from grader.setting_values import SANDBOXES
from redteam.attack import ATTACK_FILE, Assertion, Section
from redteam.observation import Fired, Held
from redteam.record import Taken
from redteam.running import HERE, Broken, Row, Skipped

PLACES = (*SANDBOXES, HERE)
COLUMNS = {HERE: "without a sandbox"}
ASSERTED = {
    Assertion.SCORE: "unearned points (a0)",
    Assertion.CANARY: "the canary got out (ak)",
    Assertion.HOST: "the host was changed (ah)",
    Assertion.NEIGHBOUR: "an honest neighbour was harmed (aq)",
}
Cell = Fired | Held | Skipped | Broken


def line(row: Row) -> Table:
    """One attack's line on the terminal."""
    grid = Table.grid(padding=(0, 2), expand=True)
    cells = [("bold" if row.good else "bold red", row.attack.name)]
    cells.append(("" if row.fired else "red", f"plain: {_text(row.plain)}"))
    for place, seen in row.here.items():
        cells.append(("" if _is_contained(seen) else "red", f"{place}: {_text(seen)}"))
    for _ in cells:
        grid.add_column(ratio=1, overflow="fold")
    grid.add_row(*(Text(text, style) for style, text in cells))
    return grid


def overview(
    rows: Sequence[Row], taken: Sequence[Taken], corpus: dict[str, Section], machine: dict[str, Any]
) -> str:
    """Return the Markdown of all rows' totals; the attacks themselves stand on a page for each section."""
    origin = (
        f"Taken at commit {_span(each.commit for each in taken)}, {_span(each.date for each in taken)}, "
        f"on {machine['cpu_model']}, {machine['cores']} cores, {machine['memory_gib']:g} GiB, "
        f"{machine['kernel']}."
    )
    sections = [["section", "attacks", "fired on a plain harness", "contained here"]]
    for letter, section in corpus.items():
        own = [row for row in rows if row.attack.section == letter]
        fired = sum(row.fired for row in own)
        contained = sum(
            row.contained for row in own if any(isinstance(seen, Held) for seen in row.here.values())
        )
        link = f"[{letter}. {section.title}]({section_page(letter)})"
        sections.append([link, str(len(own)), str(fired), str(contained)])
    parts = [
        origin,
        f"**{summary(rows)}**",
        _markdown(sections),
        _totals(rows),
        "### Not run",
        _not_run(rows),
    ]
    return "\n\n".join(parts) + "\n"


def section_page(letter: str) -> str:
    """Return the path of a section's page, beside that of the overview."""
    return f"red-team/{letter.lower()}.md"


def _span(values: Iterable[str]) -> str:
    """Return the different values, the first and the last if there are many."""
    different = list(dict.fromkeys(values))
    return different[0] if len(different) == 1 else f"{different[0]} to {different[-1]}"


def uncovered(rows: Iterable[Row], corpus: dict[str, Section]) -> list[str]:
    """Return the lines of the corpus that no attack stands for."""
    covered = {(row.attack.section, name) for row in rows for name in row.attack.lines}
    return [
        f"{letter}: {name} ({section.lines[name]})"
        for letter, section in corpus.items()
        for name in section.lines
        if (letter, name) not in covered
    ]


def summary(rows: Sequence[Row]) -> str:
    """Return one sentence with the figures that count."""
    controls = [row for row in rows if not isinstance(row.plain, Skipped)]
    runs = [seen for row in rows for seen in row.here.values() if not isinstance(seen, Skipped)]
    contained = sum(isinstance(seen, Held) and seen.contained for seen in runs)
    left_out = sum(len(list(row.not_run())) for row in rows)
    return (
        f"{len(rows)} attacks: {sum(row.fired for row in controls)} of {len(controls)} fired on a plain "
        f"harness; here {contained} of {len(runs)} runs were contained; {left_out} runs were left out."
    )


def _totals(rows: Sequence[Row]) -> str:
    places = [place for place in PLACES if any(place in row.here for row in rows)]
    header = ["", *(COLUMNS.get(place, place) for place in places)]
    seen = {place: [(row, row.here[place]) for row in rows if place in row.here] for place in places}
    ran = {
        place: [(row, held) for row, held in seen[place] if not isinstance(held, Skipped)] for place in places
    }
    lines = [
        ["attacks run", *(str(len(ran[place])) for place in places)],
        ["not contained", *(str(sum(not _is_contained(held) for _, held in ran[place])) for place in places)],
    ]
    for assertion, text in ASSERTED.items():
        asserting = {
            place: [held for row, held in ran[place] if assertion in row.attack.asserts] for place in places
        }
        lines.append(
            [f"{text}, of those where it is looked at"]
            + [
                f"{sum(_breaks(held, assertion) for held in asserting[place])} of {len(asserting[place])}"
                for place in places
            ]
        )
    return _markdown([header, *lines])


def _not_run(rows: Sequence[Row]) -> str:
    left_out: dict[str, list[str]] = {}
    for row in rows:
        reasons: dict[str, list[str]] = {}
        for place, reason in row.not_run():
            reasons.setdefault(reason, []).append(place)
        for reason, places in reasons.items():
            where = "everywhere" if len(places) == 1 + len(row.here) else ", ".join(places)
            left_out.setdefault(f"{where}: {reason}", []).append(row.attack.name)
    lines = [f"- {where}: {', '.join(names)}" for where, names in left_out.items()]
    return "\n".join(lines) if lines else "Every attack was run everywhere."


def section_table(rows: Sequence[Row], section: Section) -> str:
    """Return the Markdown of a section's attacks, a line each."""
    places = [place for place in PLACES if any(place in row.here for row in rows)]
    lines = [["attack", "what it does", "plain harness", *(COLUMNS.get(place, place) for place in places)]]
    for row in rows:
        folder = Path("../../..") / "tests" / "attacks" / row.attack.name
        stands_for = "; ".join(section.lines[name] for name in row.attack.lines)
        lines.append(
            [
                f"[{row.attack.folder.name}]({(folder / ATTACK_FILE).as_posix()})",
                _cell(f"{row.attack.description} ({stands_for})"),
                _cell(_text(row.plain)),
                *(_cell(_text(row.here[place])) if place in row.here else "–" for place in places),
            ]
        )
    return _markdown(lines) if rows else "No attack yet."


def _text(seen: Cell) -> str:
    match seen:
        case Fired(fired=fired, seen=text):
            return text if fired else f"DID NOT FIRE: {text}"
        case Held(seen=text, breaches=()):
            return f"contained: {text}"
        case Held(seen=text, breaches=breaches):
            return f"NOT CONTAINED: {'; '.join(breaches)} ({text})"
        case Skipped(reason=reason):
            return f"not run: {reason}"
        case Broken(error=error):
            return f"FAILED: {error}"


def _is_contained(seen: Cell) -> bool:
    return isinstance(seen, Held) and seen.contained


def _breaks(seen: Cell, assertion: Assertion) -> bool:
    return isinstance(seen, Held) and any(breach.startswith(f"{assertion}: ") for breach in seen.breaches)


def _cell(text: str) -> str:
    """Text for one cell: nothing in it ends the cell, is a link or a tag, or names this machine's folders."""
    text = re.sub(r"\s+", " ", text.replace(os.fspath(Path(__file__).parents[1]), "."))
    return re.sub(r"([|<>\[\]`*_\\])", r"\\\1", text)


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    header, *body = [f"| {' | '.join(cells)} |" for cells in lines]
    return "\n".join([header, f"| {' | '.join('---' for _ in lines[0])} |", *body])
