"""Names in addresses: none that a page has, none that an address can't hold."""

import pytest

from grader.courses.slugs import FORM, RESERVED_FOR_COURSES, RESERVED_FOR_UNITS, problem, suggested
from tests.web.routes import TABLE


def test_no_course_or_unit_can_take_a_page_s_address():
    """Whatever stands in a route where a course's or a unit's name could stand is reserved.

    So are the names of a unit's own pages, which may be asked for with the unit forgotten.
    """
    words: dict[int, set[str]] = {2: set(), 3: set(), 4: set()}
    for route in TABLE:
        parts = route.split(" ", 1)[1].split("/")
        for place in words:
            if parts[1] == "courses" and len(parts) > place and FORM.fullmatch(parts[place]):
                words[place].add(parts[place] if place < 4 or parts[3] == "<unit>" else parts[3])
    assert words[2] <= RESERVED_FOR_COURSES
    assert words[3] | words[4] <= RESERVED_FOR_UNITS


@pytest.mark.parametrize("slug", ["dl-2026", "nn", "2026", "a" * 40])
def test_these_are_names(slug: str):
    assert problem(slug, RESERVED_FOR_UNITS) == ""


@pytest.mark.parametrize(
    "slug", ["", "Deep", "a--b", "-a", "a_b", "ä", "../x", "a/b", "people", "settings", "a" * 41]
)
def test_these_are_not(slug: str):
    assert problem(slug, RESERVED_FOR_UNITS)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Deep learning, autumn 2026", "deep-learning-autumn-2026"),
        ("Réseaux — 2", "reseaux-2"),
        ("深度学习", ""),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_title_suggests_a_name(title: str, slug: str):
    assert suggested(title) == slug
