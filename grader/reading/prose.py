"""Markdown that students wrote, as markup: text and its structure, links to the web, nothing else.

HTML in it is shown as the text that it is, pictures are left out, and links lead to http and https only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

from grader.report.text import clean

MAX_CHARS = 20_000
MAX_LINES = 600
MAX_NESTING = 12
TOP_HEADING = 2  # the page's own title is above those of the text
LOWEST_HEADING = 6


def prose_markup(text: str) -> Markup:
    """Return the markdown as inert markup, cut where it is long."""
    return Markup(_markdown().render(clean(text, MAX_CHARS, MAX_LINES)))


class _Parser(MarkdownIt):
    """markdown-it, for which only addresses of the web are links."""

    def validateLink(self, url: str) -> bool:
        """Whether the address may be linked to; one that may not stays the text that it is."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and bool(parts.hostname)


@cache
def _markdown() -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    parser.core.ruler.push("made_ours", _make_ours)
    parser.add_render_rule("image", _left_out)
    return parser


def _make_ours(state: Any) -> None:
    """Lower headings below the page's own, mark links, and say by class what would be a style attribute."""
    for token in _all(state.tokens):
        if token.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            token.tag = f"h{min(int(token.tag[1]) + TOP_HEADING - 1, LOWEST_HEADING)}"
        if token.type == "link_open":
            token.attrSet("rel", "noreferrer noopener nofollow")
        if "style" in token.attrs:
            style = str(token.attrs.pop("style"))
            token.attrSet("class", style.removeprefix("text-align:"))


def _all(tokens: Sequence[Token]) -> list[Token]:
    return [each for token in tokens for each in (token, *(token.children or ()))]


def _left_out(
    renderer: RendererHTML, tokens: Sequence[Token], number: int, options: OptionsDict, env: Any
) -> str:
    alternative = tokens[number].content
    return f'<span class="left-out">picture left out{": " if alternative else ""}{escape(alternative)}</span>'
