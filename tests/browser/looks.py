"""In what windows pages are looked at, and what there is to object to in one of them."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import SMALL_WINDOW, WINDOW

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": WINDOW, "color_scheme": "light"},
    "dark": {"viewport": WINDOW, "color_scheme": "dark"},
    "small": {"viewport": SMALL_WINDOW, "color_scheme": "light", "has_touch": True},
}


def fits(page: Page) -> bool:
    """Whether nobody has to scroll sideways once all of the page is there.

    After a click, first expect something that the page before does not have: it is measured else.
    """
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def objections(page: Page) -> list[str]:
    """What axe objects to, and whether the page is too wide; the same holds as for `fits`."""
    too_wide = [] if fits(page) else ["it is too wide"]
    return too_wide + [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"][:3]
    ]
