"""The pages of regrades: started, looked at, promoted and undone by whoever may; what students read of it."""

import re

import pytest

from grader.db.models import CourseUnit, GradingRun, Regrade, RegradeState
from grader.settings import Settings
from tests.regrades.acted import Acted, copy_unit, failing
from tests.web.conftest import ClientOf

BASE = "/courses/dl/nn/regrades"
REASON = "The test of weight decay expected the <wrong> sign."


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # what depends on it is tested in tests/regrades


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data_dir=tmp_path / "data", units_root=copy_unit(tmp_path / "on_disk"))


@pytest.fixture
def acted(database, settings, world) -> Acted:
    """Ada gains by the mended tests, Ben loses."""
    acted = Acted(database, settings, world, lambda email, unit: failing())
    bad = acted.store("v1").digest

    def verdict(email: str, unit):
        fails = {("ada", True): "test_weight_decay", ("ben", False): "test_step_is_not_tracked"}
        test = fails.get((email.split("@")[0], unit.digest == bad))
        return failing(*[test] if test else [])

    acted.verdict = verdict
    for person in (world.ada, world.ben):
        acted.hand_in(person)
    acted.change_tests()
    return acted


def start(client_of: ClientOf, acted: Acted, **form: str) -> str:
    """Start a regrade by the tests on disk as Tara; return its address."""
    usual = {"version": "disk", "scope": "counting", "method": "run", "reason": REASON}
    answer = client_of(acted.world.tara).post(BASE, data={**usual, **form})
    assert answer.status_code == 303, answer.text
    return answer.location


def newest(acted: Acted) -> Regrade:
    with acted.database.reading() as session:
        return session.query(Regrade).order_by(Regrade.id.desc()).limit(1).one()


def rows(page: str) -> list[tuple[str, str, str]]:
    """Student, change and grades of the page's table of students."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("Grades before and after") :]))
    return re.findall(r"(\w+ \w+) \w+@example\.org ([+−±][\d.]+) ([\d.]+ → [\d.]+)", text)


def test_the_whole_way(client_of, acted):
    ta, instructor = client_of(acted.world.tara), client_of(acted.world.ines)
    address = start(client_of, acted)
    assert "0 of 2" in ta.get(address).text
    acted.finish()
    page = ta.get(address).text
    assert rows(page) == [("Ben Okri", "−4", "100 → 96"), ("Ada Byron", "+4", "96 → 100")]
    assert "test_weight_decay" in page
    assert "&lt;wrong&gt;" in page
    assert "Let it count" not in page, "that is for instructors"
    assert ta.post(f"{address}/promote").status_code == 403
    assert rows(ta.get(f"{address}?show=gains").text) == [("Ada Byron", "+4", "96 → 100")]
    by_test = ta.get(f"{address}?test=hidden/test_sgd.py::test_step_is_not_tracked").text
    assert rows(by_test) == [("Ben Okri", "−4", "100 → 96")]

    assert "Let it count" in instructor.get(address).text
    assert instructor.post(f"{address}/promote").status_code == 303
    assert newest(acted).state is RegradeState.PROMOTED
    assert "Take it back" in instructor.get(address).text
    assert rows(instructor.get(address).text) == rows(page)
    with acted.database.reading() as session:
        submission = session.query(GradingRun).filter_by(regrade_id=newest(acted).id).first().submission
        public_id, owner = submission.public_id, submission.user
    told = client_of(owner).get(f"/submissions/{public_id}").text
    assert "Graded anew on" in told
    assert "96 points before" in told
    assert "the &lt;wrong&gt; sign" in told

    assert instructor.post(f"{address}/undo").status_code == 303
    assert newest(acted).state is RegradeState.UNDONE
    assert "Graded anew" not in client_of(owner).get(f"/submissions/{public_id}").text
    assert "taken back" in ta.get(BASE).text


def test_both_runs_side_by_side(client_of, acted):
    address = start(client_of, acted)
    acted.finish()
    ta = client_of(acted.world.tara)
    (ben,) = re.findall(r'href="([^"]+/of/[^"]+)"', ta.get(f"{address}?show=loses").text)
    page = ta.get(ben).text
    assert "Ben Okri, attempt 1" in page
    assert "<span>100</span> → <span>96</span>" in page
    assert page.index("Fail now") < page.index("test_step_is_not_tracked")
    for which, score in (("before", "100"), ("after", "96")):
        report = ta.get(f"{ben}/{which}.html")
        assert "attachment" in report.headers["Content-Disposition"]
        assert score in report.text
    assert ta.get(f"{address}/of/nothing").status_code == 404


def test_students_see_nothing_of_it_before_it_counts(client_of, acted):
    start(client_of, acted)
    acted.advance()
    with acted.database.reading() as session:
        public_id = (
            session.query(GradingRun).filter_by(regrade_id=newest(acted).id).first().submission.public_id
        )
    page = client_of(acted.world.ada).get(f"/submissions/{public_id}").text
    assert "graded again" not in page
    token = client_of(acted.world.ada).get(f"/api/v1/submissions/{public_id}")
    assert token.status_code == 401


def test_pausing_going_on_and_cancelling(client_of, acted):
    ta, address = client_of(acted.world.tara), start(client_of, acted)
    for act, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        ta.post(f"{address}/{act}")
        assert newest(acted).state == state
    answer = ta.post(f"{address}/resume", follow_redirects=True)
    assert "cancelled" in answer.text
    assert newest(acted).state is RegradeState.CANCELLED


def test_what_is_in_the_way_is_said_by_the_form(client_of, acted):
    ta = client_of(acted.world.tara)
    form = {"version": "disk", "scope": "counting", "method": "rescore", "reason": "points"}
    answer = ta.post(BASE, data=form)
    assert answer.status_code == 409
    assert "Files were changed: hidden_tests/nn/test_sgd.py" in answer.text
    assert 'value="points"' in answer.text, "what was typed is kept"
    for wrong in ({"scope": "some"}, {"version": "99"}, {"version": "²"}, {"method": ""}):
        assert ta.post(BASE, data={**form, **wrong}).status_code == 400


def test_a_regrade_of_another_unit_is_not_found(client_of, acted):
    address = start(client_of, acted)
    with acted.database.writing() as session:
        session.add(CourseUnit(course_id=acted.world.course.id, slug="other", unit="nn", title="Other"))
    ta = client_of(acted.world.tara)
    assert ta.get(address.replace("/nn/", "/other/")).status_code == 404
    assert ta.post(f"{address}/pause".replace("/nn/", "/other/")).status_code == 404


def test_the_empty_page_says_what_is_missing(client_of, world, settings):
    page = client_of(world.tara).get(BASE).text
    assert "Nothing was regraded here so far" in page
    assert "Start it" not in page


def test_the_version_that_counts_is_the_one_that_pages_show(client_of, acted, settings):
    """Visibility comes from the version that is pinned, not from the disk."""
    address = start(client_of, acted)
    acted.finish()
    client_of(acted.world.ines).post(f"{address}/promote")
    toml = settings.units_root / "hidden_tests" / "nn" / "unit.toml"
    toml.write_text("broken", encoding="utf-8")
    assert client_of(acted.world.ada).get("/courses/dl/nn/").status_code == 200
