"""The HTML report: one safe, self-contained, accessible page for whatever a run found."""

import itertools
import re
from html.parser import HTMLParser
from importlib import resources

import pytest

from grader.report.html import render_html
from tests.cast import CAST, crashing, half_done, hostile, reference, template, too_slow
from tests.factories import UNIT_TITLE, make_result
from tests.pictures import make_digits, make_pictures

MEMBERS = [pytest.param(make, id=name) for name, make in CAST.items()]
VOID = {"meta", "link", "img", "br", "hr", "input", "wbr"}


class Page(HTMLParser):
    """The tags of a page; complains about tags that don't nest."""

    def __init__(self, html):
        super().__init__()
        self.tags, self._open = [], []
        self.feed(html)
        assert not self._open, self._open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes), [name for name, _ in self._open]))
        if tag not in VOID:
            self._open.append((tag, attributes))

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes), [name for name, _ in self._open]))

    def handle_endtag(self, tag):
        opened, _ = self._open.pop()
        assert opened == tag, f"<{opened}> closed by </{tag}>"

    def all(self, tag):
        return [attributes for name, attributes, _ in self.tags if name == tag]


def _html(make):
    return render_html(make(), UNIT_TITLE)


@pytest.mark.parametrize("make", MEMBERS)
def test_nothing_runs_and_nothing_is_loaded(make):
    page = Page(_html(make))
    policies = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    assert not page.all("script") + page.all("link") + page.all("iframe") + page.all("form")
    for tag, attributes, _ in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        for name in ("src", "href"):
            assert re.match(r"#|data:image/png;base64,", attributes.get(name, "#")), (tag, attributes)
    assert "url(" not in page_css()


@pytest.mark.parametrize("make", MEMBERS)
def test_structure_for_assistive_technology(make):
    page = Page(_html(make))
    names = [tag for tag, _, _ in page.tags]
    assert [names.count(landmark) for landmark in ("main", "footer", "h1")] == [1, 1, 1]
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag in names if re.fullmatch(r"h[1-6]", tag)]
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    for tag, attributes, parents in page.tags:
        if tag == "img":
            assert attributes["alt"]
        if tag == "th":
            assert attributes["scope"] in {"col", "row"}
        if tag == "svg":
            assert attributes.get("aria-hidden") or attributes["role"] == "img"
            assert {"aria-hidden", "aria-label", "aria-labelledby"} & set(attributes)
        if tag == "table":
            assert "main" in parents or "footer" in parents
    assert names.count("caption") == names.count("table")


@pytest.mark.parametrize("make", MEMBERS)
def test_ids_are_unique_and_links_lead_somewhere(make):
    page = Page(_html(make))
    ids = [attributes["id"] for _, attributes, _ in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {attributes["href"][1:] for attributes in page.all("a") + page.all("use")}
    for _, attributes, _ in page.tags:
        wanted |= set(attributes.get("aria-labelledby", "").split())
    assert wanted <= set(ids)


def test_hostile_text_is_escaped_and_bounded():
    html = _html(hostile)
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;" in html
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html)
    assert "{{ 7 * 7 }}" in html
    assert len(html) < 400_000
    assert "nan" not in re.sub(r"[A-Za-z]{4,}", "", html.lower())


def test_a_hostile_title_is_escaped():
    assert "<b>" not in render_html(reference(), "<b>\x00</title>")


def test_score_and_sentence_come_first():
    assert '<span class="figure">34</span> <span class="of">of 100 points</span>' in _html(half_done)
    assert "A start is made: 11 of 28 tests still fail." in _html(half_done)


def test_hints_are_told_once_and_then_referred_to():
    html = _html(template)
    assert html.count("replace the NotImplementedError with your code") == 2  # what to fix first; first test
    assert html.count("The same as for") == 24


def test_a_deduction_is_explained():
    assert "The tests earned 86 points; 30 were taken off" in _html(too_slow)


def test_wrong_digits_are_told_apart_without_colour():
    html = _html(lambda: make_result(pictures={"digits": make_digits(wrong=(7, 22))}))
    assert html.count('<li class="wrong">') == 2
    assert html.count("✕ </span>") == 2
    assert "38 of 40 digits read right." in html
    assert re.search(r"\.digits \.wrong \{ border: 3px dashed", page_css())


def test_all_charts_of_a_full_run_have_title_description_and_table():
    page = Page(_html(reference))
    charts = [attributes for attributes in page.all("svg") if "aria-labelledby" in attributes]
    assert len(charts) == 9  # accuracy, loss; fit, its loss; three boundaries; twice overfitting
    assert len(page.all("title")) == len(charts) + 1
    assert len(page.all("desc")) == len(charts)
    assert len([each for each in page.all("details") if each.get("class") == "data"]) == len(charts) + 1


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("digits", "There are no digits to show"),
        ("linear_regression", "the linear regression did not get as far"),
        ("overfitting", "the overfitting experiment did not run to its end"),
    ],
)
def test_a_missing_picture_is_a_sentence(missing, sentence):
    assert sentence not in _html(reference)
    pictures = {name: data for name, data in make_pictures().items() if name != missing}
    assert sentence in _html(lambda: make_result(pictures=pictures))


def test_missing_boundaries_and_no_pictures_at_all_are_sentences():
    pictures = {name: make_pictures()[name] for name in ("digits", "overfitting")}
    assert "the 2D classifier did not get as far" in _html(lambda: make_result(pictures=pictures))
    assert "There are no pictures yet" in _html(template)
    assert "There was no MNIST run" in _html(half_done)


def test_an_unfinished_run_is_a_sentence_in_place_of_figures():
    html = _html(crashing)
    assert "There is no accuracy and no time to compare: the run was not finished." in html
    assert "0.00 ×" not in html and "Against the reference" not in html


def test_both_overfitting_panels_have_one_scale():
    html = _html(reference)
    panels = [
        html[html.index(f'id="overfitting-{name}-title"') :] for name in ("without-decay", "with-decay")
    ]
    first, second = (
        re.findall(r'class="tick"[^>]*text-anchor="end">([^<]*)<', panel[:4000]) for panel in panels
    )
    assert first[:4] == second[:4] == ["0", "0.5", "1", "1.5"]


def page_css():
    return resources.files("grader.report").joinpath("templates/report.css").read_text("utf-8")


def _palettes():
    blocks = re.findall(r":root \{([^}]*)\}", page_css())
    light, dark, paper = (dict(re.findall(r"--([a-z]+): (#[0-9a-f]+)", block)) for block in blocks)
    return {"light": light, "dark": light | dark, "print": light | paper}


def _luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("ground", ["paper", "surface", "sunken", "hint"])
@pytest.mark.parametrize("ink", ["ink", "muted", "link", "good", "bad", "warn", "student", "reference"])
def test_every_text_colour_has_contrast_aa(scheme, ground, ink):
    palette = _palettes()[scheme]
    bright, dim = sorted((_luminance(palette[ground]), _luminance(palette[ink])), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) >= 4.5
