"""`grader unit check` and `grader demo` as commands; what they do is tested where they do it."""

from tests.command import assert_help, assert_usage_error, grader


def test_unit_check_help_and_usage():
    assert_help(grader("unit", "check", "--help"), "UNIT", "--runs", "--only", "--mnist / --no-mnist")
    assert_usage_error(grader("unit", "check"), "Missing argument 'UNIT'")
    assert_usage_error(grader("unit", "check", "cooking"), "there is no unit 'cooking'; there is nn")
    assert_usage_error(grader("unit", "check", "nn", "--runs", 0), "--runs")


def test_unit_check_of_nothing():
    assert_usage_error(grader("unit", "check", "nn", "--only", "no-such-sample"), "no case of the unit nn")


def test_demo_help_and_usage():
    assert_help(grader("demo", "--help"), "--wait / --no-wait", "--sandbox")
    assert_usage_error(grader("demo", "--sandbox", "chroot"), "'chroot' is not one of")
