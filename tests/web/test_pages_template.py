"""GET /courses/<course>/<unit>/template.zip"""

from tests.web.test_pages_hand_in import upload


def test_the_template_is_a_download_that_can_be_handed_in(client_of, world):
    browser = client_of(world.ada)
    answer = browser.get("/courses/dl/nn/template.zip")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="nn-template.zip"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert upload(browser, answer.data).status_code == 303


def test_it_is_the_same_every_time(client_of, world):
    browser = client_of(world.ada)
    first, again = (browser.get("/courses/dl/nn/template.zip").data for _ in range(2))
    assert first == again
