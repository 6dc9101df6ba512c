"""Markdown of students becomes inert markup, soon."""

import re

import pytest

from grader.reading.prose import prose_markup

TAGS = "p|h[2-6]|ul|ol|li|em|strong|s|code|pre|blockquote|hr|br|table|thead|tbody|tr|th|td|a|span"
ATTRIBUTES = r'href="https?://[^"<>]*"|rel="[a-z ]+"|class="[^"<>]*"|start="\d+"|title="[^"<>]*"'
ALLOWED = re.compile(rf"</?(?:{TAGS})(?: (?:{ATTRIBUTES}))*(?: /)?>")

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a <b onclick=x>b</b> <!-- c --> <?php ?> <![CDATA[x]]>",
    "[a](javascript:alert(1)) [b](JaVaScRiPt:x) [c](&#106;avascript:x) [d](data:text/html,x) [e](vbscript:x)",
    "[a](//evil.example) [b](/submissions) [c](file:///etc/passwd) [d](http:) [e](http://[)",
    "<javascript:alert(1)> <data:text/html,x>",
    '[a](http://e.example/"onmouseover="alert(1)) [b](http://e.example "x\\" onclick=\\"y")',
    '![x](http://evil.example/pixel.png) ![y](javascript:x) ![z](attachment:a.png) !["><script>](http://a.example)',
    "[x]: javascript:alert(1)\n\n[x] [y][x]",
    "|a|b|\n|-:|:-:|\n|<script>|[l](javascript:x)|",
    '```html" onclick=x\n<script>\n```',
    "    <script>",
    "# <script>\n\n####### seven",
    "a\u202eb\x1b[31m\x00c",
    "$\\href{javascript:alert(1)}{x}$",
]
LONG = {
    "quotes": ">" * 20_000,
    "brackets": "[" * 20_000,
    "links": "[a](<b" * 3_000,
    "emphasis": "*a_ " * 5_000,
    "ticks": "`".join("`" * number for number in range(190)),
    "lists": "".join(" " * number + "- a\n" for number in range(140)),
    "tables": "|a" * 300 + "\n" + "|-" * 300 + "\n" + ("|a" * 300 + "\n") * 30,
    "megabytes": "x " * 2_000_000,
    "lines": "a\n\n" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_is_inert(text: str):
    shown = prose_markup(text)
    rest = ALLOWED.sub("", shown)
    assert "<" not in rest, rest
    assert not re.search(r"href=\"(?!https?://)", shown)
    assert "style=" not in ALLOWED.sub("", shown)
    assert "<img" not in shown


@pytest.mark.parametrize("name", LONG)
def test_long_markdown_is_cut_and_ends(name: str):
    assert len(prose_markup(LONG[name])) < 200_000


def test_usual_markdown_is_shown():
    shown = prose_markup(
        "# My answer\n\nIt is **right**: see [this](https://example.org/a?b=1&c=2).\n\n1. a\n2. `b`"
    )
    assert "<h2>My answer</h2>" in shown
    assert "<strong>right</strong>" in shown
    assert '<a href="https://example.org/a?b=1&amp;c=2" rel="noreferrer noopener nofollow">this</a>' in shown
    assert "<code>b</code>" in shown


def test_pictures_are_left_out_by_name():
    assert prose_markup("![the loss](http://a.example/x.png)") == (
        '<p><span class="left-out">picture left out: the loss</span></p>\n'
    )
