"""Which function does which kind of work.

Each is `run(database, settings, task, on_progress, should_stop) -> result`, called in a process of its own.
`task.arguments` say what to do; `on_progress` takes a dict that pages show, as often as it likes; soon after
`should_stop()` has become true it raises StoppedError. What it raises otherwise is the task's `problem`. A
function that writes rows of its own calls `holding.lock_held` in the same transaction.
"""

from __future__ import annotations

from grader.db.models import TaskKind

KINDS: dict[TaskKind, str] = {
    TaskKind.GATE: "grader.tasks.gate:run",
    TaskKind.SIMILARITY: "grader.similarity.check:run",
}
