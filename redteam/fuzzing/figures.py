"""Writes the campaigns' figures into docs/reference/fuzzing.md, between two marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from redteam.fuzzing.campaign import Campaign
from redteam.fuzzing.corpus import CHECKOUT, Watch, lines_of, read_corpus
from redteam.fuzzing.targets import TARGETS

PAGE = CHECKOUT / "docs" / "reference" / "fuzzing.md"
FOUND = CHECKOUT / "tests" / "fuzzing" / "found"
MARKED = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->)", re.DOTALL)
HEADS = (
    "Target",
    "Inputs",
    "distinct, at least",
    "s",
    "branches",
    "lines",
    "slowest input",
    "most memory",
    "open",
)
MIB = 1024**2


def write_figures(folder: Path) -> str:
    """Write the page's tables from the campaigns in `folder`; return them."""
    campaigns = [Campaign(name, folder) for name in TARGETS if (folder / name).is_dir()]
    text = _table(HEADS, [_row(campaign) for campaign in campaigns])
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(MARKED.sub(lambda marks: f"{marks[1]}{text}\n{marks[2]}", page), encoding="utf-8")
    return text


def _row(campaign: Campaign) -> list[str]:
    target, tally = TARGETS[campaign.name], campaign.tally
    watch = Watch(target)
    for data in read_corpus(campaign.name).values():
        watch.steps_of(data)
    all_lines = lines_of(target)
    return [
        target.title,
        f"{tally.inputs:,}",
        f"{tally.distinct:,}",
        f"{tally.seconds:,.0f}",
        f"{campaign.reached.get('branches', 0):,}",
        f"{len(watch.lines & all_lines)} of {len(all_lines)}",
        f"{tally.slowest_s * 1000:.0f} ms",
        f"{tally.memory_bytes / MIB:.0f} MiB",
        str(len(campaign.found)),
    ]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
