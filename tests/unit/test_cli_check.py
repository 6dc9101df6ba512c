"""`grader check` as a command; what it checks is tested in test_check*.py."""

from tests.command import assert_help, assert_usage_error, grader


def test_help():
    assert_help(grader("check", "--help"), "before handing it in", "--no-mnist", "--unit")


def test_what_makes_no_sense_is_refused():
    assert_usage_error(grader("check", "no/such/folder"), "does not exist")
    assert_usage_error(grader("check", ".", "--unit", "cooking"), "there is no unit 'cooking'")
    assert_usage_error(grader("check", ".", "--sandbox", "docker"), "--sandbox")
