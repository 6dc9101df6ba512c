"""Exceptions of the student's code: builtin types, their text, and their place in the student's file."""

import pytest

from tests.contract.students import InProcess, Remote

Student = InProcess | Remote

SOURCE = """
import unittest
class ShapeError(ValueError):
    pass
class Odd(Exception):
    def __str__(self):
        raise RuntimeError("no text")
def fail(kind, *args):
    raise getattr(__import__("builtins"), kind)(*args)
def own():
    raise ShapeError("3 is not 4")
def odd():
    raise Odd()
def deep():
    return inner()
def inner():
    return {}["key"]
def opens():
    open("/none")
def asserts():
    assert 1 == 2, "one is not two"
def wraps(function):
    try:
        function()
    except ValueError as error:
        return f"handled {error}"
def passes_on(function):
    return function()
def skips():
    raise unittest.SkipTest("please")
def stops(x):
    raise StopIteration
def leaves(how):
    if how == "exit":
        sys.exit("bye")
    if how == "interrupt":
        raise KeyboardInterrupt
    raise GeneratorExit
def recurses():
    return recurses()
"""


@pytest.mark.parametrize(
    "name",
    ["ValueError", "TypeError", "NotImplementedError", "ZeroDivisionError", "IndexError", "AssertionError"],
)
def test_builtin_types(student: Student, name: str):
    import builtins

    demo = student(SOURCE)
    with pytest.raises(getattr(builtins, name), match="what went wrong") as caught:
        demo.fail(name, "what went wrong")
    assert type(caught.value) is getattr(builtins, name)


def test_own_types_are_their_builtin_base(student: Student):
    with pytest.raises(ValueError, match="3 is not 4"):
        student(SOURCE).own()


def test_os_errors_keep_their_number(student: Student):
    with pytest.raises(FileNotFoundError) as caught:
        student(SOURCE).opens()
    assert caught.value.errno == 2


def test_endless_recursion(student: Student):
    with pytest.raises(RecursionError):
        student(SOURCE).recurses()


def test_the_test_may_go_on_after_an_error(student: Student):
    demo = student(SOURCE)
    with pytest.raises(KeyError, match="key"):
        demo.deep()
    assert demo.wraps(lambda: None) is None


def test_the_students_code_may_handle_the_tests_errors(student: Student):
    def refuse():
        raise ValueError("no")

    assert student(SOURCE).wraps(refuse) == "handled no"


def test_the_tests_own_error_comes_back_as_itself(student: Student):
    class Own(Exception):
        pass

    error = Own("mine")

    def refuse():
        raise error

    with pytest.raises(Own) as caught:
        student(SOURCE).passes_on(refuse)
    assert caught.value is error


def test_where_it_happened(remote: Remote):
    with pytest.raises(KeyError) as caught:
        remote(SOURCE).deep()
    outer, inner = caught.value.remote_frames
    assert (outer.file, outer.function, outer.source) == ("demo/__init__.py", "deep", "return inner()")
    assert (inner.function, inner.source) == ("inner", 'return {}["key"]')
    assert inner.line == outer.line + 2


def test_own_types_are_named_in_the_text(remote: Remote):
    with pytest.raises(ValueError, match=r"^ShapeError: 3 is not 4$"):
        remote(SOURCE).own()


def test_an_error_without_text(remote: Remote):
    with pytest.raises(Exception, match="can't be shown"):
        remote(SOURCE).odd()


def test_skipping_is_an_error_like_any_other(remote: Remote):
    with pytest.raises(Exception) as caught:
        remote(SOURCE).skips()
    assert type(caught.value) is Exception
    assert "SkipTest: please" in str(caught.value)


def test_stop_iteration_does_not_end_a_tests_loop(remote: Remote):
    with pytest.raises(RuntimeError, match="StopIteration"):
        list(map(remote(SOURCE).stops, [1, 2]))


@pytest.mark.parametrize(
    ("how", "text"),
    [("exit", "called SystemExit: bye"), ("interrupt", "KeyboardInterrupt"), ("generator", "GeneratorExit")],
)
def test_leaving_is_an_error_not_a_crash(remote: Remote, how: str, text: str):
    demo = remote(SOURCE)
    with pytest.raises(RuntimeError, match=text):
        demo.leaves(how)
    assert demo.wraps(lambda: None) is None


@pytest.mark.parametrize(
    ("source", "kind", "text"),
    [
        ("def broken(:", SyntaxError, "invalid syntax"),
        ("import absent_module", ModuleNotFoundError, "absent_module"),
        ("raise ValueError('at import')", ValueError, "at import"),
        ("os._exit(0)", ImportError, "ended the process"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", ImportError, "ended the process"),
        ("sys.exit(3)", RuntimeError, "SystemExit: 3"),
    ],
)
def test_a_failing_import_fails_what_uses_its_names(
    remote: Remote, source: str, kind: type[Exception], text: str
):
    demo = remote(source)
    with pytest.raises(kind, match=text):
        demo.anything(1)

    class Mine(demo.Something):
        """Written at the top of a test file, it must not fail before the tests that use it."""

    with pytest.raises(kind, match=text):
        Mine()
    remote.open()
    with pytest.raises(kind, match=text):
        isinstance(1, demo.anything)


def test_a_missing_name_fails_only_where_it_is_used(remote: Remote):
    remote(SOURCE)
    with remote.imports():
        from demo import absent, own
    with pytest.raises(ImportError, match="cannot import name 'absent' from 'demo'"):
        absent()
    with pytest.raises(ValueError):
        own()
