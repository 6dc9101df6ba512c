"""A task's work, acted as its arguments say.

{"here": path of a file to write this process's number to,
 "progress": a dict to tell,
 "wait_for": path of a file to wait for,
 "deaf": true to go on waiting although told to stop,
 "problem": text of a failure of ours,
 "dies": true for a process that kills itself,
 "result": what it finds}
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.db.database import Database
from grader.db.models import Task
from grader.errors import GraderError, StoppedError
from grader.settings import Settings

LOOK_S = 0.01


def run(
    database: Database,
    settings: Settings,
    task: Task,
    on_progress: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    part = task.arguments
    if "progress" in part:
        on_progress(part["progress"])
    if "here" in part:
        with Path(part["here"]).open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")
    while "wait_for" in part and not Path(part["wait_for"]).exists():
        if should_stop() and "deaf" not in part:
            raise StoppedError("Nobody waits for this any more.")
        time.sleep(LOOK_S)
    if "dies" in part:
        os.kill(os.getpid(), signal.SIGKILL)
    if "problem" in part:
        raise GraderError(part["problem"])
    return {"niceness": os.nice(0), **part.get("result", {})}
