"""GET /courses/<course>/<unit>/compare"""

from grader.db.models import RunState
from tests.cast import half_done, reference, template
from tests.people import make_run, make_submission, make_unit
from tests.web.handed_in import hand_in

URL = "/courses/dl/nn/compare"


def test_what_was_fixed_and_broken_from_one_attempt_to_another(client_of, database, world):
    first, second = hand_in(database, world, half_done(), reference())
    page = client_of(world.ada).get(f"{URL}?from={first}&to={second}").text
    assert "From attempt 1 to attempt 2" in page
    assert "<span>34</span> → <span>100</span>" in page
    assert "11 fixed" in page
    assert "These passed before" not in page
    back = client_of(world.ada).get(f"{URL}?from={second}&to={first}").text
    assert "These passed before and do not any more" in back
    assert "raised in optim.py" in back


def test_the_two_latest_graded_attempts_are_compared_by_default(client_of, database, world):
    hand_in(database, world, template(), half_done(), RunState.PROBLEM, reference(), RunState.QUEUED)
    page = client_of(world.ada).get(URL).text
    assert "From attempt 2 to attempt 4" in page
    assert "<option value=" in page


def test_messages_that_are_withheld_are_not_here_either(client_of, database, world):
    before, after = hand_in(database, world, reference(), half_done())
    student = client_of(world.ada).get(f"{URL}?from={before}&to={after}").text
    staff = client_of(world.tara).get(f"{URL}?from={before}&to={after}").text
    assert (student.count("raised in optim.py"), staff.count("raised in optim.py")) == (2, 3)
    assert "Ada Byron" in staff


def test_with_one_attempt_there_is_nothing_to_compare(client_of, database, world):
    assert "needs two graded attempts" in client_of(world.ada).get(URL).text
    hand_in(database, world, reference())
    assert "needs two graded attempts" in client_of(world.ada).get(URL).text


def test_what_is_not_graded_cannot_be_compared(client_of, database, world):
    _, _, waiting = hand_in(database, world, half_done(), reference(), RunState.QUEUED)
    assert "Choose two different attempts" in client_of(world.ada).get(f"{URL}?to={waiting}").text


def test_other_peoples_and_other_units_attempts_are_not_found(client_of, database, world):
    (ones,) = hand_in(database, world, reference())
    (others,) = hand_in(database, world, reference(), person=world.ben)
    with database.writing() as session:
        unit = make_unit(session, world.course, slug="cnn", title="CNN")
        elsewhere = make_submission(session, unit, world.ada)
        make_run(session, elsewhere)
        elsewhere_id = elsewhere.public_id
    assert client_of(world.ada).get(f"{URL}?from={others}&to={ones}").status_code == 404
    assert client_of(world.tara).get(f"{URL}?from={others}&to={ones}").status_code == 404
    assert client_of(world.ada).get(f"{URL}?from={elsewhere_id}&to={ones}").status_code == 404
