"""What all tables share: names of constraints, and column types that mean the same on both databases."""

from __future__ import annotations

import enum
import json
import zlib
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment: aware in Python, always UTC in the database; naive values are refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return the moment in UTC; ValueError for a naive one, whose meaning is anybody's guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return the moment with its time zone, which SQLite does not keep."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CompressedJson(sa.types.TypeDecorator[dict[str, Any]]):
    """A large JSON object that is only ever read whole, compressed with zlib."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: sa.Dialect) -> bytes | None:
        """Return the object's compressed text."""
        if value is None:
            return None
        return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), level=6)

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> dict[str, Any] | None:
        """Return the object."""
        if value is None:
            return None
        found: dict[str, Any] = json.loads(zlib.decompress(value))
        return found


def text_enum(kind: type[enum.StrEnum], name: str) -> sa.Enum:
    """Return the column type of an enum kept as its text, with a CHECK constraint of this name."""
    return sa.Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own declaration
        datetime: UtcDateTime(),
        str: sa.Text(),
        dict[str, Any]: sa.JSON(),
    }


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)
