"""From a push that was told of to a submission: once per commit, the newest stays the newest."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import (
    Archive,
    CourseUnit,
    Enrolment,
    Push,
    PushState,
    RepositoryLink,
    Source,
    Submission,
)
from grader.outbound.client import Outbound
from grader.pushes import handing_in
from grader.pushes.handing_in import HandingIn
from grader.settings import Settings
from grader.submissions.archive import read_archive_bytes
from tests.integrations import SEALER
from tests.people import World
from tests.pushes.conftest import Told
from tests.pushes.doing import do_all, push_of
from tests.pushes.git_host import GitHost, Repository
from tests.submissions.archives.packing import PACKAGE, REQUIRED
from tests.web.conftest import WaitingQueue


def submissions(database: Database) -> list[Submission]:
    with database.reading() as session:
        return session.query(Submission).order_by(Submission.number).all()


def notes(database: Database, submission: Submission) -> bytes:
    """The file by which the tests tell commits apart."""
    with database.reading() as session:
        content = session.get_one(Archive, submission.archive_sha256).content
    return read_archive_bytes(content, "x.zip", PACKAGE, REQUIRED).files["notes.md"]


def test_a_push_becomes_a_submission(
    database: Database, world: World, repository: Repository, errand: HandingIn, told: Told
):
    commit = repository.commit({"notes.md": b"one"})
    push_id = told("0", commit)
    assert do_all(errand) == 1
    push = push_of(database, push_id)
    (submission,) = submissions(database)
    assert (push.state, push.submission_id, push.next_try_at) == (PushState.HANDED_IN, submission.id, None)
    assert (submission.user_id, submission.source) == (world.ada.id, Source.GIT)
    assert submission.filename == f"commit-{commit[:12]}.zip"
    assert submission.received_at == push.received_at, "when it was pushed counts, not when it was fetched"
    assert notes(database, submission) == b"one"


def test_the_commit_that_was_pushed_counts_whatever_came_after(
    database: Database, repository: Repository, errand: HandingIn, told: Told
):
    pinned = repository.commit({"notes.md": b"one"})
    told("0", pinned)
    repository.commit({"notes.md": b"forced"})
    do_all(errand)
    assert [notes(database, submission) for submission in submissions(database)] == [b"one"]


def test_the_same_commit_is_handed_in_once(
    database: Database, repository: Repository, errand: HandingIn, told: Told
):
    commit = repository.commit({"notes.md": b"one"})
    pushes = [told("0", commit), told("0", commit)]
    assert do_all(errand) == 2
    (submission,) = submissions(database)
    assert {push_of(database, push).submission_id for push in pushes} == {submission.id}


def test_a_courier_that_died_after_handing_in_hands_in_nothing_twice(
    database: Database, repository: Repository, errand: HandingIn, told: Told, monkeypatch: pytest.MonkeyPatch
):
    push_id = told("0", repository.commit({"notes.md": b"one"}))
    with monkeypatch.context() as patch:
        patch.setattr(errand, "_end", lambda *how: None)  # it dies before it can write that down
        assert do_all(errand) == 1
    assert push_of(database, push_id).state is PushState.WAITING
    with database.writing() as session:  # time passes
        session.get_one(Push, push_id).leased_until = now()
        session.query(RepositoryLink).one().leased_until = now()
    assert do_all(errand) == 1
    assert push_of(database, push_id).state is PushState.HANDED_IN
    assert len(submissions(database)) == 1


def test_pushes_in_their_order_are_all_handed_in(
    database: Database, repository: Repository, errand: HandingIn, told: Told
):
    first = repository.commit({"notes.md": b"one"})
    told("0", first)
    second = repository.commit({"notes.md": b"two"}, parent=first)
    told(first, second)
    do_all(errand)
    assert [notes(database, submission) for submission in submissions(database)] == [b"one", b"two"]


def test_an_older_commit_that_is_told_of_later_changes_nothing(
    database: Database, repository: Repository, errand: HandingIn, told: Told
):
    first = repository.commit({"notes.md": b"one"})
    second = repository.commit({"notes.md": b"two"}, parent=first)
    told(first, second)
    do_all(errand)
    late = told("0", first)
    do_all(errand)
    assert push_of(database, late).state is PushState.OLDER
    assert [notes(database, submission) for submission in submissions(database)] == [b"two"]


def test_where_a_delivery_in_between_is_missing_the_history_decides(
    database: Database, repository: Repository, errand: HandingIn, told: Told
):
    first = repository.commit({"notes.md": b"one"})
    second = repository.commit({"notes.md": b"two"}, parent=first)
    third = repository.commit({"notes.md": b"three"}, parent=second)
    told(second, third)
    do_all(errand)
    late = told("0", first)
    do_all(errand)
    assert push_of(database, late).state is PushState.OLDER
    aside = repository.commit({"notes.md": b"aside"}, branch="aside")
    told("5", aside)
    do_all(errand)
    assert [notes(database, submission) for submission in submissions(database)] == [b"three", b"aside"]


def test_in_a_repository_made_anew_pushes_are_handed_in(
    database: Database, host: GitHost, repository: Repository, errand: HandingIn, told: Told
):
    """The host has the commit no more that was handed in last, so its history can't be asked."""
    told("0", repository.commit({"notes.md": b"one"}))
    do_all(errand)
    shutil.rmtree(repository.path)
    push_id = told("0", host.repository().commit({"notes.md": b"anew"}))
    for _ in range(handing_in.ANCESTRY_TRIES):
        assert do_all(errand) == 1
        with database.writing() as session:
            push = session.get_one(Push, push_id)
            push.next_try_at = push.next_try_at and now()
    assert push_of(database, push_id).state is PushState.HANDED_IN
    assert [notes(database, submission) for submission in submissions(database)] == [b"one", b"anew"]


def test_a_forced_push_to_an_earlier_commit_is_taken_at_its_word(
    database: Database, repository: Repository, errand: HandingIn, told: Told
):
    first = repository.commit({"notes.md": b"one"})
    second = repository.commit({"notes.md": b"two"}, parent=first)
    told(first, second)
    do_all(errand)
    told(second, first)
    do_all(errand)
    assert [notes(database, submission) for submission in submissions(database)] == [b"two", b"one"]


def test_pushes_of_one_link_are_handed_in_one_after_the_other(
    database: Database, repository: Repository, errand: HandingIn, told: Told
):
    """Else the older of two could be accepted while the newer is."""
    first = repository.commit({"notes.md": b"one"})
    second = repository.commit({"notes.md": b"two"}, parent=first)
    told(first, second)
    act = errand.take()
    late = told("0", first)
    assert errand.take() is None
    assert act is not None
    act()
    assert do_all(errand) == 1
    assert push_of(database, late).state is PushState.OLDER


def test_what_intake_refuses_is_said(
    database: Database, repository: Repository, errand: HandingIn, told: Told
):
    push_id = told("0", repository.commit({"x.so": b"\x7fELF"}))
    do_all(errand)
    push = push_of(database, push_id)
    assert push.state is PushState.REFUSED
    assert "x.so" in str(push.text)
    assert submissions(database) == []


def test_the_terms_of_the_course_hold_at_the_moment_of_the_push(
    database: Database, world: World, repository: Repository, errand: HandingIn, told: Told
):
    first = repository.commit({"notes.md": b"one"})
    in_time = told("0", first)
    too_late = told(first, repository.commit({"notes.md": b"two"}, parent=first))
    with database.writing() as session:
        session.get_one(Push, in_time).received_at = now() - timedelta(hours=2)
        session.get_one(CourseUnit, world.unit.id).deadline_at = now() - timedelta(hours=1)
    do_all(errand)
    assert push_of(database, in_time).state is PushState.HANDED_IN
    assert push_of(database, too_late).state is PushState.REFUSED
    assert "took hand-ins until" in str(push_of(database, too_late).text)


def test_who_has_left_the_course_hands_in_nothing(
    database: Database, world: World, repository: Repository, errand: HandingIn, told: Told
):
    push_id = told("0", repository.commit())
    with database.writing() as session:
        session.query(Enrolment).filter_by(user_id=world.ada.id).one().ended_at = now()
    do_all(errand)
    assert push_of(database, push_id).state is PushState.REFUSED


def test_a_unit_that_is_not_published_takes_nothing(
    database: Database, world: World, host: GitHost, errand: HandingIn, told: Told
):
    push_id = told("0", "a")
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).is_published = False
    do_all(errand)
    assert push_of(database, push_id).state is PushState.REFUSED
    assert host.asked == []


def test_a_host_that_is_not_listed_any_more_is_not_asked(
    database: Database, host: GitHost, outbound: Outbound, settings: Settings, told: Told
):
    push_id = told("0", "a")
    elsewhere = replace(settings, repository_hosts=(("github", "https://github.com"),))
    do_all(HandingIn(database, WaitingQueue(), outbound, SEALER, elsewhere))
    assert push_of(database, push_id).state is PushState.REFUSED
    assert host.asked == []
