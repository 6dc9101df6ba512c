"""Worker processes, alive as long as their heart beats."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from grader.db.base import Base, now


class Worker(Base):
    """One worker process; `id` is fresh for each process.

    `process` names the process for as long as its machine runs, unlike `pid`, which is given out again:
    whoever shares its kernel can tell by it that it has died.
    """

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    process: Mapped[str]
    slots: Mapped[int]
    sandbox: Mapped[str]
    warm_examiners: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(default=now)
    heartbeat_at: Mapped[datetime] = mapped_column(default=now, index=True)
    stopped_at: Mapped[datetime | None]
