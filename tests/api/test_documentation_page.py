"""The page that shows the API: whole, with links that lead somewhere, and nothing that its policy forbids."""

from html.parser import HTMLParser

import pytest

from grader.web.api import contract
from tests.api.client import ApiClient
from tests.api.conftest import ClientOf

ALONE = {"meta", "link", "br", "input", "img", "path", "circle"}


class Page(HTMLParser):
    """The ids and links of a page, and what is open when; unbalanced tags fail."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self.styled: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        self.scripts += [given] if tag == "script" else []
        self.styled += [tag] if "style" in given or tag == "style" else []
        if tag not in ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag not in ALONE:
            assert self.open.pop() == tag


@pytest.fixture
def page(client_of: ClientOf) -> Page:
    return Page(client_of(None).get("/docs").text)


def test_every_operation_schema_and_problem_has_its_place(page: Page):
    components = contract.document()["components"]
    assert len(page.ids) == len(set(page.ids))
    assert set(contract.operations()) <= set(page.ids)
    assert {f"schema-{name}" for name in components["schemas"]} <= set(page.ids)
    assert {f"problem-{code}" for code in components["x-problems"]} <= set(page.ids)


def test_links_within_the_page_lead_somewhere(page: Page):
    assert {link[1:] for link in page.links if link.startswith("#")} - set(page.ids) == set()


def test_the_type_of_a_problem_leads_to_its_explanation(page: Page, ada: ApiClient):
    address, _, anchor = ada.get("/submissions/none").get_json()["type"].partition("#")
    assert anchor in page.ids
    assert ada.get(address.removeprefix("/api/v1")).status_code == 200


def test_it_keeps_to_the_strict_policy(page: Page, client_of: ClientOf):
    answer = client_of(None).get("/docs")
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
    assert page.styled == []
    assert all(script.get("src", "").startswith("/assets/") for script in page.scripts)  # type: ignore[union-attr]


def test_it_is_nobody_s_page(ada: ApiClient, client_of: ClientOf):
    """It shows the same to everybody: tokens and sessions count for nothing."""
    assert ada.get("/docs").text == client_of(None).get("/docs").text
