"""The frame around every page."""

from tests.people import World
from tests.web.conftest import ClientOf


def test_the_front_page_names_whoever_is_signed_in_and_their_courses(client_of: ClientOf, world: World):
    page = client_of(world.ada).get("/").text
    assert "Ada Byron" in page
    assert "Deep learning" in page
    assert "Statistics" not in page


def test_nobody_is_asked_to_sign_in(client_of: ClientOf, world: World):
    answer = client_of(None).get("/")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/")


def test_what_does_not_exist_is_a_friendly_page(client_of: ClientOf, world: World):
    answer = client_of(world.ada).get("/nothing")
    assert answer.status_code == 404
    assert answer.headers["X-Request-Id"] in answer.text
