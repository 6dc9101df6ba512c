"""Pages that cost much may be asked for only so often, by each person by themselves."""

from __future__ import annotations

import pytest

from grader.db.database import Database
from tests.cast import half_done
from tests.people import World
from tests.web.conftest import ClientOf
from tests.web.handed_in import hand_in

A_MINUTE = 60


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # no query is in question


def test_all_of_them_count_together_and_each_person_alone(
    client_of: ClientOf, database: Database, world: World
):
    (public_id,) = hand_in(database, world, half_done())
    ada, tara = client_of(world.ada), client_of(world.tara)
    pages = [f"/submissions/{public_id}/{page}" for page in ("code", "diff", "notebook", "report.json")]
    answers = [ada.get(pages[number % len(pages)]).status_code for number in range(A_MINUTE)]
    assert set(answers) == {200}
    refused = ada.get(pages[0])
    assert refused.status_code == 429
    assert "a bit too fast" in refused.text
    assert 0 < int(refused.headers["Retry-After"]) <= A_MINUTE
    assert ada.get(f"/submissions/{public_id}").status_code == 200  # a light one
    assert tara.get(pages[0]).status_code == 200
