"""Logs: one event is one line that nobody's text can forge, for people and for programs; no secrets."""

import json
import logging
import subprocess
import sys

import pytest

HOSTILE = "/a\n2026-01-01T00:00:00Z info all is well\r\x1b[2J\x9b31m\u2028\u202e"
PREAMBLE = """
import logging, structlog
from grader.service.logs import configure_logging
configure_logging({form!r})
log = structlog.get_logger("grader.test")
"""


def logged(form: str, code: str) -> list[str]:
    """The lines that this code logs, in a process of its own, because logging is one per process."""
    done = subprocess.run(
        [sys.executable, "-c", PREAMBLE.format(form=form) + code],
        capture_output=True,
        text=True,
        check=True,
        errors="strict",
    )
    assert done.stdout == ""
    return done.stderr.split("\n")[:-1]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "code",
    [
        f"log.info('request', path={HOSTILE!r})",
        f"log.info({HOSTILE!r})",
        f"logging.getLogger('library').warning('about %s', {HOSTILE!r})",
        f"structlog.contextvars.bind_contextvars(request_id={HOSTILE!r}); log.info('x')",
    ],
    ids=["value", "event", "library", "context"],
)
def test_an_event_is_one_printable_line(form: str, code: str):
    (line,) = logged(form, code)
    assert line.isprintable()
    assert "all is well" in line


def test_text_is_read_by_people():
    (line,) = logged("text", "log.warning('request', path='/courses/dl/', status=200, note='two words')")
    when, rest = line.split(" ", 1)
    assert when.endswith("Z")
    assert rest == 'warning request path=/courses/dl/ status=200 note="two words" (grader.test)'


def test_json_is_read_by_programs():
    (line,) = logged("json", f"log.info('request', path={HOSTILE!r}, status=200)")
    event = json.loads(line)
    assert (event["event"], event["level"], event["logger"]) == ("request", "info", "grader.test")
    assert (event["path"], event["status"]) == (HOSTILE, 200)


def test_a_value_can_not_pose_as_two():
    (line,) = logged("text", "log.info('request', path='/x status=200', agent='a\"b')")
    assert 'path="/x status=200"' in line
    assert r'agent="a\"b"' in line


RAISE = f"""
try:
    raise ValueError({HOSTILE!r})
except ValueError:
    log.exception("failed", submission="abc")
"""


def test_a_trace_is_marked_line_by_line_as_text():
    first, *trace = logged("text", RAISE)
    assert "failed submission=abc" in first
    assert trace and all(line.startswith("    | ") and line.isprintable() for line in trace)
    assert any("ValueError" in line for line in trace)


def test_a_trace_is_part_of_its_event_as_json():
    (line,) = logged("json", RAISE)
    assert HOSTILE.splitlines()[0] in json.loads(line)["exception"]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("key", ["token", "password", "oidc_client_secret", "Authorization", "cookie"])
def test_a_value_with_a_secret_name_is_hidden(form: str, key: str):
    (line,) = logged(form, f"log.info('x', **{{{key!r}: 'gr_s3cr3t'}})")
    assert "gr_s3cr3t" not in line
    assert "hidden" in line


def test_long_texts_are_cut():
    (line,) = logged("text", "log.info('x', path='a' * 100_000)")
    assert len(line) < 3_000


def test_libraries_speak_only_when_it_matters():
    lines = logged(
        "text",
        "\n".join(
            f"logging.getLogger({name!r}).{level}({level!r})"
            for name in ("dbos", "gunicorn.error", "alembic.runtime")
            for level in ("info", "warning")
        ),
    )
    assert [line.split()[1] for line in lines] == ["warning"] * 3


def test_warnings_of_python_are_logged():
    (line,) = logged("text", "import warnings; warnings.warn('old ways')")
    assert "old ways" in line and logging.getLevelName(logging.WARNING).lower() in line


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_token_is_hidden_wherever_somebody_has_put_it(form: str):
    token, secret = "gr_" + "aB3" * 14, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODk="
    code = (
        f"log.info('request', path='/api/v1/{token}', note='{secret}'); logging.warning('for %s', '{token}')"
    )
    lines = logged(form, code)
    assert len(lines) == 2
    assert "/api/v1/gr_hidden" in lines[0]
    assert not any(token in line or secret in line for line in lines)
