"""The web server: gunicorn, one process with many threads.

Threads suffice because requests wait for the database, not for the processor, and one process keeps rate
limits and metrics in one memory; more web processes, if ever needed, are more containers. Pushes, which last
long, have threads of their own number: `grader.git.places` holds them to it. Gunicorn believes
no forwarding header: the application does, for as many proxies as the setting `trusted_proxies` says.
"""

from __future__ import annotations

import logging
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from grader import git_sandbox
from grader.service.logs import QUIET_LIBRARIES
from grader.service.patience import PatientWorker
from grader.settings import Settings

FINISH_TIMEOUT_S = 20  # for requests under way when asked to stop
SILENT_TIMEOUT_S = 60  # a process whose main thread is silent for so long is replaced
KEEP_ALIVE_S = 5

log = structlog.get_logger("grader.web")


class PlainLogger(Logger):
    """Gunicorn's messages among our own; requests are logged by the application."""

    def setup(self, cfg: Any) -> None:
        """Leave all handlers alone: the messages go up to the root logger."""
        self.error_log.propagate = True
        self.error_log.setLevel(QUIET_LIBRARIES["gunicorn"])
        self.access_log.setLevel(logging.CRITICAL)


class WebServer(BaseApplication):
    """Serves the application at the setting `listen` until SIGTERM; `run` is what starts it."""

    def __init__(self, settings: Settings):
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to serve."""
        chosen = {
            "bind": self.settings.listen,
            "workers": 1,
            "worker_class": PatientWorker,
            "threads": self._threads,
            "keepalive": KEEP_ALIVE_S,
            "graceful_timeout": FINISH_TIMEOUT_S,
            "timeout": SILENT_TIMEOUT_S,
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "control_socket_disable": True,
            "logger_class": PlainLogger,
            "proc_name": "grader-web",
            "when_ready": self._tell_ready,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the Flask application; called in the serving process, which opens connections of its own."""
        from grader.db.database import open_database
        from grader.jobs.queue import JobQueue
        from grader.web.app import create_app

        database = open_database(self.settings.database, self._threads, kept=self.settings.web_threads)
        return create_app(self.settings, database, JobQueue(self.settings.database))

    @property
    def _threads(self) -> int:
        return self.settings.web_threads + self.settings.git_at_once

    def _tell_ready(self, arbiter: Arbiter) -> None:
        log.info("serving", address=self.settings.public_url, listen=self.settings.listen)
        if not (found := git_sandbox.finding()).ok:
            log.warning("git_without_sandbox", detail=found.detail, fix=found.fix)
