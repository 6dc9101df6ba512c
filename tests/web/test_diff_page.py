"""GET /submissions/<public_id>/diff"""

import pytest

from tests.people import make_submission
from tests.reading.hand_ins import LOSS, UNIT, packed
from tests.web.reading import hand_in_files

MINE = b"def cross_entropy():\n    return 'mine'\n"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.mark.parametrize("view", ["split", "unified"])
def test_changes_since_the_template_in_both_layouts(client_of, database, world, view):
    public_id = hand_in_files(database, world, {LOSS: (UNIT.template / LOSS).read_bytes() + MINE})
    page = client_of(world.ada).get(f"/submissions/{public_id}/diff?view={view}").text
    assert "1 file changed" in page
    assert "+2" in page
    assert "unchanged lines</a>" in page
    assert "mine" in page
    whole = client_of(world.ada).get(f"/submissions/{public_id}/diff?view={view}&whole=1").text
    assert "unchanged lines</a>" not in whole


def test_changes_since_the_attempt_before(client_of, database, world):
    first = hand_in_files(database, world, {LOSS: b"old = 1\n"})
    second = hand_in_files(database, world, {LOSS: b"new = 1\n"})
    browser = client_of(world.ada)
    page = browser.get(f"/submissions/{second}/diff?against=previous").text
    assert "Attempt 1" in page
    assert "old" in page
    assert "none before it" in browser.get(f"/submissions/{first}/diff?against=previous").text
    assert browser.get(f"/submissions/{second}/diff?against={first}").status_code == 200


def test_the_reference_is_for_staff(client_of, database, world):
    public_id = hand_in_files(database, world, {LOSS: MINE})
    address = f"/submissions/{public_id}/diff?against=reference"
    assert client_of(world.ada).get(address).status_code == 403
    page = client_of(world.tara).get(address).text
    secret = "shifted.exp().sum(dim="
    assert secret in page.replace('<span class="t-number">', "").replace("</span>", "").replace("&#34;", '"')
    assert secret not in client_of(world.ada).get(f"/submissions/{public_id}/diff").text


def test_another_s_submission_is_for_staff_and_of_the_same_unit(client_of, database, world):
    mine = hand_in_files(database, world, {LOSS: MINE})
    with database.writing() as session:
        ben = make_submission(session, world.unit, world.ben, packed({LOSS: b"bens = 1\n"})).public_id
    address = f"/submissions/{mine}/diff?against={ben}"
    assert client_of(world.ada).get(address).status_code == 404
    assert "Attempt 1 of Ben Okri" in client_of(world.tara).get(address).text
    assert client_of(world.tara).get(f"/submissions/{mine}/diff?against=none").status_code == 404
