"""GET /submissions/<public_id>/notebook, and its pictures"""

import re

import pytest

from tests.reading.hand_ins import code, display, markdown, notebook
from tests.reading.test_notebook import MALFORMED, ODD, PNG, SOLVED
from tests.reading.test_pictures import picture
from tests.web.reading import hand_in_files

PATH = "notebooks/03-nn.ipynb"
TAGS = "p h[1-6] ul ol li em strong s code pre blockquote table thead tbody tr th td a span div img section"
OTHER_TAG = rf"<(?!/?({TAGS.replace(' ', '|')})\b)"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


def page_of(browser, public_id, query=""):
    answer = browser.get(f"/submissions/{public_id}/notebook{query}")
    assert answer.status_code == 200
    return answer.text


def test_the_notebook_is_shown_with_pictures_from_our_own_route(client_of, database, world):
    public_id = hand_in_files(database, world, {PATH: SOLVED.read_bytes()})
    browser = client_of(world.ada)
    page = page_of(browser, public_id)
    addresses = re.findall(r'<img src="([^"]+)"', page)
    assert len(addresses) > 3
    answer = browser.get(addresses[0].replace("&amp;", "&"))
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.data.startswith(b"\x89PNG")


def test_the_template_s_own_is_called_that_and_none_is_said_so(client_of, database, world):
    browser = client_of(world.tara)
    assert "the template’s notebook" in page_of(browser, hand_in_files(database, world))
    with_other = hand_in_files(database, world, {"/mine.ipynb": notebook(markdown("My own answer"))})
    assert "My own answer" in page_of(browser, with_other)
    assert "My own answer" not in page_of(browser, with_other, f"?file={PATH}")


@pytest.mark.parametrize("name", [*MALFORMED, *ODD])
def test_hostile_notebooks_are_inert(client_of, database, world, name):
    content = MALFORMED[name] if name in MALFORMED else notebook(*ODD[name])
    public_id = hand_in_files(database, world, {PATH: content})
    page = page_of(client_of(world.tara), public_id)
    shown = page[page.index("<h1>") : page.index("</main>")]
    assert not re.search(OTHER_TAG, shown)
    assert not re.search(r"\son\w+=|href=\"(?!/|https?://|#|\?)|style=", re.sub(r">[^<]*<", "><", shown))
    if name in MALFORMED:
        assert "can't be shown" in page


@pytest.mark.parametrize("address", ["0/0", "1/0", "0/7", "99/0"])
def test_only_pictures_that_are_shown_can_be_fetched(client_of, database, world, address):
    svg = display(image_svg_xml="<svg onload=alert(1)>", image_png="PHN2Zz4=")
    content = notebook(code("x", svg), code("y", {"output_type": "stream", "text": "a"}))
    public_id = hand_in_files(database, world, {PATH: content})
    answer = client_of(world.tara).get(f"/submissions/{public_id}/notebook/{address}?file={PATH}")
    assert answer.status_code == 404


def test_a_picture_is_for_those_who_may_see_the_submission(client_of, database, world):
    content = notebook(code("x", display(image_png=PNG)))
    address = f"/submissions/{hand_in_files(database, world, {PATH: content})}/notebook/0/0?file={PATH}"
    assert client_of(world.ada).get(address).data == picture("PNG")
    assert client_of(world.ben).get(address).status_code == 404
    assert client_of(world.ada).get(address.replace(PATH, "g2c/nn/loss.py")).status_code == 404
