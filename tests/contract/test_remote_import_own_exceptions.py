"""What a test's own function raises while the student's code calls it: hiding or keeping it gains nothing."""

import pytest

from tests.contract.students import Remote

SOURCE = """
import sys
from grader.remote.wire.endpoint import Op
def call(function, *args):
    return function(*args)
def tell(function):
    try:
        function()
    except Exception as error:
        return f"{type(error).__name__} {error}"
kept = []
def keep_the_end(iterator):
    session, number = iterator.__dict__["_peer"]
    try:
        session.request(Op.PEER_CALL, number, "__next__", [], {})
    except Exception as error:
        kept.append(error)
def raise_it(x):
    raise kept[0]
def swallow_and_raise_the_first(*functions):
    errors = []
    for function in functions:
        try:
            function()
        except Exception as error:
            errors.append(error)
    raise errors[0]
"""
SECRET = "what was expected"


def wrong():
    raise AssertionError(SECRET)


def test_the_end_of_a_tests_iterator_ends_no_other_loop_of_the_test(remote: Remote):
    demo = remote(SOURCE)
    demo.keep_the_end(iter([]))
    with pytest.raises(RuntimeError, match="StopIteration"):
        list(map(demo.raise_it, [1, 2, 3]))


def test_a_failed_assertion_keeps_what_it_compared_to_itself(remote: Remote):
    demo = remote(SOURCE)
    assert demo.tell(wrong) == "AssertionError "


def test_a_failed_assertion_that_does_not_come_back_is_remembered(remote: Remote):
    demo = remote(SOURCE)
    session = remote.session
    assert session is not None
    with pytest.raises(AssertionError, match=SECRET):
        demo.call(wrong)
    assert session.own_errors.unreturned_assertion is None
    demo.tell(wrong)
    assert str(session.own_errors.unreturned_assertion) == SECRET


def test_one_assertion_that_comes_back_does_not_hide_another(remote: Remote):
    demo = remote(SOURCE)
    session = remote.session
    assert session is not None

    def wrong_again():
        raise AssertionError("another")

    with pytest.raises(AssertionError, match=SECRET):
        demo.swallow_and_raise_the_first(wrong, wrong_again)
    assert str(session.own_errors.unreturned_assertion) == "another"
