"""Logs: one event a line, as text for people or JSON for programs, on stderr.

Everything that is logged in this process ends here: ours by structlog, libraries' by the standard
library. What stands in a line may come from anybody (a path, a file's name, a student's exception),
so every control character is escaped: no event can look like two, or repaint a terminal.
"""

from __future__ import annotations

import json
import logging
import re
import sys

import structlog
from structlog.types import EventDict, WrappedLogger

QUIET_LIBRARIES = {"dbos": logging.WARNING, "gunicorn": logging.WARNING, "alembic": logging.WARNING}
MAX_TEXT_CHARS = 2_000
FIRST_KEYS = ("timestamp", "level", "logger", "event")
SECRETS = ("password", "secret", "token", "authorization", "cookie")
HANDED_OUT = re.compile(r"(gr_|whsec_)[A-Za-z0-9+/=]{20,}")  # tokens and secrets of ours, wherever they stand


def configure_logging(log_format: str) -> None:
    """Send all logs of this process to stderr, as "text" or "json"."""
    before: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _hide_secrets,
        _shorten,
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    render = render_json if log_format == "json" else render_text
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    for name, level in QUIET_LIBRARIES.items():
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(level)


def render_json(logger: WrappedLogger, name: str, event: EventDict) -> str:
    """Return the event as one JSON object, in ASCII."""
    return json.dumps(_in_order(event), default=str)


def render_text(logger: WrappedLogger, name: str, event: EventDict) -> str:
    """Return the event as `time level event key=value… (logger)`, a stack trace on marked lines below."""
    rest = _in_order(event)
    trace = rest.pop("exception", "")
    timestamp, level, where, what = (escape_controls(str(rest.pop(key, ""))) for key in FIRST_KEYS)
    values = "".join(f" {key}={_quoted(str(value))}" for key, value in rest.items())
    lines = [f"{timestamp} {level:<7} {what}{values} ({where})"]
    lines += [f"    | {escape_controls(line)}" for line in str(trace).split("\n") if trace]
    return "\n".join(lines)


def escape_controls(text: str) -> str:
    """Return the text with control characters and other unprintable ones written as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _quoted(text: str) -> str:
    """Return the text as it is if it is one plain word, else as a JSON string."""
    if text.isprintable() and text and not any(c in text for c in ' "=\\'):
        return text
    return escape_controls(json.dumps(text, ensure_ascii=False))


def _hide_secrets(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Hide values by their key, and what looks like a token of ours in any other.

    Whoever logs should not pass them at all, this is the net below. But a person may have put a token into
    an address, which is logged.
    """
    return {
        key: "hidden"
        if any(secret in key.lower() for secret in SECRETS)
        else HANDED_OUT.sub(r"\1hidden", value)
        if isinstance(value, str)
        else value
        for key, value in event.items()
    }


def _shorten(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return {
        key: value[:MAX_TEXT_CHARS] + "…"
        if isinstance(value, str) and len(value) > MAX_TEXT_CHARS and key != "exception"
        else value
        for key, value in event.items()
    }


def _in_order(event: EventDict) -> EventDict:
    first = {key: event[key] for key in FIRST_KEYS if key in event}
    return first | {key: value for key, value in event.items() if key not in first}
