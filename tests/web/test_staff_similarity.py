"""Similarity on pages: starting a check, the list, both sides of a pair, and whose name is told."""

from __future__ import annotations

import random
import re

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import AuditEvent, CourseUnit, PairVerdict, Role, SimilarPair, Task, TaskState
from grader.settings import Settings
from tests.people import World, enrol, make_course, make_person, make_unit
from tests.similarity.checked import carry_out, hand_in_files, make_check
from tests.similarity.disguises import all_at_once, renamed
from tests.similarity.honest import honest_submissions
from tests.web.conftest import ClientOf
from tests.web.forms import without_token

PAGE = "/courses/dl/nn/similarity"
HONEST = honest_submissions(7)
SECRET = "# with thanks to Zoe Quist"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # the queries are of the plainest


@pytest.fixture
def last_year(database: Database) -> CourseUnit:
    with database.writing() as session:
        return make_unit(session, make_course(session, slug="dl-2025", title="Deep learning 2025"))


@pytest.fixture
def checked(database: Database, world: World, settings: Settings, last_year: CourseUnit) -> list[str]:
    """Ben has what Ada has, and what Zoe of last year has with a name in it; return the pairs' public ids."""
    with database.writing() as session:
        zoe = make_person(session, "Zoe Quist")
        enrol(session, session.get_one(CourseUnit, last_year.id).course, zoe)
        signed = dict(HONEST[3])
        signed["g2c/nn/train.py"] = signed["g2c/nn/train.py"].replace("()\n", f"()  {SECRET}\n")
        signed["g2c/nn/zoe_quist.py"] = (
            "def helper(rows):\n    return [sum(row.tolist()) / len(row) for row in rows]\n"
        )
        hand_in_files(session, last_year, zoe, signed)
        hand_in_files(session, world.unit, world.ada, renamed(HONEST[3], random.Random(1)))
        hand_in_files(session, world.unit, world.ben, all_at_once(signed, random.Random(2)))
        for number in (4, 5, 6):
            person = make_person(session, f"S{number} Holm")
            enrol(session, world.course, person)
            hand_in_files(session, world.unit, person, HONEST[number])
        task = make_check(session, world.unit, [last_year])
    carry_out(database, settings, task)
    with database.reading() as session:
        return list(session.scalars(sa.select(SimilarPair.public_id).order_by(SimilarPair.similarity.desc())))


def pair_of(database: Database, *people: int) -> str:
    with database.reading() as session:
        for pair in session.scalars(sa.select(SimilarPair)):
            if {pair.first.user_id, pair.second.user_id} == set(people):
                return pair.public_id
    raise AssertionError("there is no such pair")


def test_a_check_is_started_once_followed_and_stopped(
    client_of: ClientOf, database: Database, world: World, last_year: CourseUnit
):
    client = client_of(world.tara)
    assert "Not checked yet." in client.get(PAGE).text
    for _ in range(2):
        assert client.post(PAGE, data={"which": "latest", "earlier": [last_year.id, 999]}).status_code == 303
    with database.reading() as session:
        task = session.scalars(sa.select(Task)).one()
        assert task.arguments == {"which": "latest", "earlier": []}  # nobody handed in there
    assert "Waiting for a worker" in client.get(PAGE).text
    client.post(f"{PAGE}/cancel", data={})
    with database.reading() as session:
        assert session.get_one(Task, task.id).state is TaskState.CANCELLED
        actions = session.scalars(sa.select(AuditEvent.action)).all()
        assert actions == ["similarity.start", "similarity.cancel"]
    assert client.post(PAGE, data={"which": "best"}).status_code == 400


def test_the_list_ranks_groups_and_filters(client_of: ClientOf, world: World, checked: list[str]):
    client = client_of(world.tara)
    text = client.get(PAGE).text
    assert text.index(checked[0]) < text.index(checked[1]) < text.index(checked[2])
    assert "3 alike" in text
    assert "S4 Holm" not in text
    assert "S4 Holm" in client.get(f"{PAGE}?all").text
    found = client.get(f"{PAGE}?q=ada").text
    rows = re.findall(r"similarity/(\w{6,})\"", found)
    assert set(rows) <= set(checked) and rows
    assert "No pair fits." in client.get(f"{PAGE}?state=to_discuss").text


def test_both_sides_are_shown_with_parts_that_lead_to_each_other(
    client_of: ClientOf, database: Database, world: World, checked: list[str]
):
    pair = pair_of(database, world.ada.id, world.ben.id)
    text = client_of(world.tara).get(f"{PAGE}/{pair}").text
    numbers = re.findall(r'id="a-(\d+)"', text)
    assert numbers and sorted(numbers) == sorted(re.findall(r'id="b-(\d+)"', text))
    for number in numbers:
        assert f'href="#a-{number}"' in text and f'href="#b-{number}"' in text
    assert "Ada Byron, attempt 1" in text and "Ben Okri, attempt 1" in text


def test_a_student_of_another_course_is_named_to_its_staff_only(
    client_of: ClientOf, database: Database, world: World, checked: list[str], last_year: CourseUnit
):
    with database.reading() as session:
        pairs = session.scalars(sa.select(SimilarPair)).all()
        other = next(each for each in pairs if each.second.course_unit_id == last_year.id)
        pair, submission = other.public_id, other.second.public_id
    for path in (PAGE, f"{PAGE}?all", f"{PAGE}?q=zoe", f"{PAGE}/{pair}"):
        text = without_token(client_of(world.ines).get(path).text)
        asked_for = re.compile('q=zoe|“zoe”|value="zoe"')
        assert not re.search("zoe|quist", asked_for.sub("", text), re.I)
        assert submission not in text
    assert "student of Deep learning 2025" in client_of(world.ines).get(f"{PAGE}/{pair}").text
    assert "Zoe Quist" in client_of(world.abe).get(f"{PAGE}/{pair}").text
    with database.writing() as session:
        enrol(session, session.get_one(CourseUnit, last_year.id).course, world.tara, Role.TA)
    text = client_of(world.tara).get(f"{PAGE}/{pair}").text
    assert "Zoe Quist" in text and submission in text


def test_what_staff_make_of_a_pair_is_kept_and_on_record(
    client_of: ClientOf, database: Database, world: World, checked: list[str]
):
    client = client_of(world.tara)
    client.post(f"{PAGE}/{checked[0]}", data={"state": "to_discuss", "note": "ask both about the loss"})
    assert "ask both about the loss" in client.get(f"{PAGE}?state=to_discuss").text
    with database.reading() as session:
        pair = session.scalars(sa.select(SimilarPair).where(SimilarPair.public_id == checked[0])).one()
        assert (pair.verdict, pair.seen_by_id) == (PairVerdict.TO_DISCUSS, world.tara.id)
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "similarity.judge")).one()
        assert (event.actor_id, event.concerns_id, event.submission_id) == (world.tara.id, None, None)
    client.post(f"{PAGE}/{checked[0]}", data={"state": "unseen", "note": ""})
    with database.reading() as session:
        pair = session.scalars(sa.select(SimilarPair).where(SimilarPair.public_id == checked[0])).one()
        assert (pair.verdict, pair.seen_at, pair.note) == (None, None, None)
    assert client.post(f"{PAGE}/{checked[0]}", data={"state": "guilty"}).status_code == 400
    assert client.post(f"{PAGE}/{checked[0]}", data={"state": "seen", "note": "x" * 2001}).status_code == 400


def test_nobody_judges_their_own_work_of_an_earlier_course(
    client_of: ClientOf, database: Database, world: World, checked: list[str]
):
    with database.writing() as session:
        pair = session.scalars(sa.select(SimilarPair).where(SimilarPair.public_id == checked[0])).one()
        pair.second.user_id = world.tara.id
    client = client_of(world.tara)
    assert "your own work" in client.get(f"{PAGE}/{checked[0]}").text
    answer = client.post(f"{PAGE}/{checked[0]}", data={"state": "no_concern", "note": ""})
    assert answer.status_code == 403


def test_a_pair_of_another_unit_is_not_there(
    client_of: ClientOf, database: Database, world: World, checked: list[str]
):
    with database.writing() as session:
        make_unit(session, world.course, slug="other")
    assert client_of(world.tara).get(f"/courses/dl/other/similarity/{checked[0]}").status_code == 404
