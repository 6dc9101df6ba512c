"""The review queue's pages: what is listed, the evidence with its lines, and deciding."""

from dataclasses import replace

import pytest

from grader.judging.result import ReviewFlag
from tests import cast
from tests.factories import make_mnist
from tests.people import World
from tests.submissions.archives.packing import as_zip, honest_tree
from tests.web.conftest import ClientOf
from tests.web.handed_in import hand_in

QUEUE = "/courses/dl/review"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def flagged(database, world: World) -> str:
    """A hand-in of Ada's with an off-limits use on a line of its archive, and an odd time."""
    tree = honest_tree()
    tree["g2c/nn/loss.py"] = b"import torch\n\n\nloss = torch.nn.functional.cross_entropy  # <script>\n"
    text = "g2c/nn/loss.py, line 4 uses torch.nn.functional.cross_entropy."
    flags = (
        ReviewFlag("off-limits-api", "g2c/nn/loss.py", 4, text),
        ReviewFlag("odd-timing", "", 0, "Training on MNIST took 0.08 × the computing time."),
        ReviewFlag("noted-api", "g2c/nn/loss.py", 1, "mentions torch.log_softmax"),
    )
    result = replace(cast.reference(), review=flags, mnist=make_mnist(cpu_s=0.7, ratio=0.08))
    (public_id,) = hand_in(database, world, result, content=as_zip(tree))
    return public_id


def test_the_course_page_says_how_many_wait_and_the_queue_names_them(
    client_of: ClientOf, world: World, flagged: str
):
    browser = client_of(world.tara)
    assert "1 flagged hand-in to review" in browser.get("/courses/dl/").text
    assert "to review" not in client_of(world.ada).get("/courses/dl/").text
    page = browser.get(QUEUE).text
    assert "Ada Byron" in page and "Uses what is off limits" in page and "Odd timing" in page
    assert "torch.log_softmax" not in page
    assert "Nothing like that" in browser.get(f"{QUEUE}?kind=weights").text
    assert "torch.log_softmax" in browser.get(f"{QUEUE}?kind=notes").text
    assert browser.get(f"{QUEUE}?kind=nonsense&state=x&unit=none").status_code == 200


def test_the_evidence_shows_the_line_and_the_figures(client_of: ClientOf, world: World, flagged: str):
    page = client_of(world.tara).get(f"{QUEUE}/{flagged}").text
    assert 'class="line meant"' in page
    assert "cross_entropy  # &lt;script&gt;" in page
    assert "0.7 s" in page  # of computing


def test_settling_all_of_a_hand_in_leads_back_to_the_queue(client_of: ClientOf, world: World, flagged: str):
    browser = client_of(world.tara)
    path = f"{QUEUE}/{flagged}?unit=nn"

    def send(code: str, **fields: str):
        return browser.post(path, data={"code": code, "act": "dismissed", "seen": "", **fields})

    answer = send("off-limits-api", act="acted_on")
    assert answer.status_code == 422 and "Say what you did" in answer.text
    assert send("off-limits-api", act="acted_on", note="Score lowered").location == path
    answer = send("odd-timing")
    assert answer.location == f"{QUEUE}?unit=nn"
    assert "Nothing waits" in browser.get(QUEUE).text
    assert "Score lowered" in browser.get(f"{QUEUE}?state=settled").text
    assert send("odd-timing").status_code == 409
    assert send("odd-timing", act="shrug").status_code == 400


def test_a_decision_is_taken_back(client_of: ClientOf, world: World, flagged: str):
    browser = client_of(world.tara)
    path = f"{QUEUE}/{flagged}"
    browser.post(path, data={"code": "odd-timing", "act": "dismissed", "seen": ""})
    page = browser.get(path).text
    assert "Take it back" in page
    seen = page.split('name="code" value="odd-timing"')[1].split('name="seen" value="')[1].split('"')[0]
    assert browser.post(path, data={"code": "odd-timing", "act": "take_back", "seen": seen}).location == path
    assert "Take it back" not in browser.get(path).text


def test_a_submission_of_another_course_is_not_found(client_of: ClientOf, world: World, flagged: str):
    assert client_of(world.abe).get(f"/courses/stats/review/{flagged}").status_code == 404


def test_every_flag_is_explained(client_of: ClientOf, world: World):
    page = client_of(world.tara).get(f"{QUEUE}/flags").text
    assert 'id="pretrained-weights"' in page and "Look at:" in page
