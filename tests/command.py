"""The command line, called in this process: fast, and with its output apart from its errors."""

from __future__ import annotations

from click.testing import CliRunner, Result

from grader.cli import main

EXIT_USAGE, EXIT_REJECTED, EXIT_PROBLEM = 2, 3, 4


def grader(*arguments: object, env: dict[str, str] | None = None, stdin: str | None = None) -> Result:
    """The result of `grader ARGUMENTS…`: exit_code, stdout, stderr. No stack trace is ever right."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], env=env, input=stdin)
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def assert_usage_error(result: Result, *said: str) -> None:
    """The command was refused before anything was done, in words, on stderr."""
    assert result.exit_code == EXIT_USAGE, result.output
    assert result.stdout == ""
    for text in said:
        assert text in result.stderr


def assert_help(result: Result, *said: str) -> None:
    """The command explains itself."""
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ") and result.stderr == ""
    for text in said:
        assert text in result.stdout
