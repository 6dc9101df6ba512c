"""What rows have in common that stand for work still to be done at another machine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column


class Errand:
    """Mixin: `next_try_at` is when to do it, None when there is nothing to do; see grader.outbound.errands.

    `leased_until`: somebody is doing it and holds it until then at the latest. `last_error` is for people.
    """

    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(index=True)
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
