"""Every flag that the grader can raise is explained to staff, on the page and in the reference."""

import re
from pathlib import Path

from grader.judging.source_rules import WORDS
from grader.review.kinds import CODES, Kind, code_words, codes_of, kind_of
from grader.review.meanings import MEANINGS
from tests.markdown import ROOT, read

RAISED_IN = ("judging/source_rules.py", "judging/static_reading.py", "judging/oddities.py")
OBSERVED_IN = "submissions/observations.py"
DOCUMENT = "docs/reference/review-flags.md"


def raised() -> set[str]:
    """Codes that stand in the source beside the flags they are for."""
    found = set(WORDS)
    for name in (*RAISED_IN, OBSERVED_IN):
        source = Path(ROOT, "grader", name).read_text(encoding="utf-8")
        found |= set(re.findall(r'ReviewFlag\(\s*"([a-z-]+)"', source))
        found |= set(re.findall(r'_flag\(\s*"([a-z-]+)"', source))
        found |= set(re.findall(r'^ {8}"([a-z]+-[a-z]+)": \(', source, re.MULTILINE))
    return found


def test_every_flag_has_a_kind_and_a_meaning():
    assert raised() == CODES.keys() == MEANINGS.keys()
    assert {code for kind in Kind for code in codes_of(kind)} == CODES.keys()
    assert (kind_of("of-tomorrow"), code_words("of-tomorrow")) == (Kind.CODE, "of-tomorrow")


def test_the_reference_says_the_same():
    text = " ".join(read(DOCUMENT).split())
    assert re.findall(r"### `([a-z-]+)`", text) == [code for kind in Kind for code in codes_of(kind)]
    for code, meaning in MEANINGS.items():
        assert (
            f"**{code_words(code)}.** {meaning.seen} *Mostly:* {meaning.mostly} *Look at:* {meaning.look}"
            in text
        )
