"""The tables of entries: current state, insert-only revisions, labels, attributes to narrow lists by, counter."""

import hashlib
from datetime import date, datetime
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from catalogue_app.domain.metadata import EntryMetadata, JsonValue, stated
from catalogue_app.domain.profile import Violation
from catalogue_app.persistence.base import Base, JsonDocument, OrderedJson, storable_json

CATEGORY: Final = "category"
THEME: Final = "theme"
ATTRIBUTES: Final = (CATEGORY, THEME)

SCHEMA_VERSION: Final = 1
"""Version of the documents that `to_document` writes now; older revisions keep theirs."""


class EntryRow(Base):
    """One entry as it stands; what it says is in its current revision.

    `source_digest` and `reading` tell an unchanged record of a source without reading it again: the first is over the
    record, the second over how records of the source were read. `digest` is over the metadata.
    """

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("source_id", "identifier"),
        Index("ix_entry_changed_at_serial", "changed_at", "serial"),
        Index("ix_entry_organ_id_changed_at", "organ_id", "changed_at"),
        Index("ix_entry_title_folded", "title_folded"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    serial: Mapped[int] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    organ_id: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("source.id"))
    identifier: Mapped[str]
    state: Mapped[str]
    tier: Mapped[str]
    revision: Mapped[int]
    digest: Mapped[str]
    source_digest: Mapped[str]
    reading: Mapped[str]
    title: Mapped[str]
    title_folded: Mapped[str]
    update_cycle: Mapped[str | None]
    issued_on: Mapped[date | None]
    updated_on: Mapped[date | None]
    confirmed_on: Mapped[date | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    missing_since: Mapped[datetime | None]
    missing_runs: Mapped[int] = mapped_column(default=0)
    violation_count: Mapped[int]
    violations: Mapped[list[dict[str, str]]] = mapped_column(JsonDocument)


class RevisionRow(Base):
    """One state of an entry; never changed once stored (the database refuses it).

    State and organ are null in revisions older than the columns.
    """

    __tablename__ = "revision"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tier: Mapped[str]
    state: Mapped[str | None]
    organ_id: Mapped[str | None]
    schema_version: Mapped[int]
    document: Mapped[dict[str, JsonValue]] = mapped_column(OrderedJson)
    recorded_at: Mapped[datetime]
    cause: Mapped[str]
    run_id: Mapped[UUID | None]


class TombstoneRow(Base):
    """Why an entry is withdrawn; there exactly while it is."""

    __tablename__ = "tombstone"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    reason: Mapped[str]
    withdrawn_at: Mapped[datetime]
    by: Mapped[str]
    note: Mapped[str]
    state_before: Mapped[str]
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("entry.id"))
    run_id: Mapped[UUID | None]


class LabelRow(Base):
    """One visibility label of an entry, see `domain.visibility`."""

    __tablename__ = "entry_label"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)


class AttributeRow(Base):
    """One value of an attribute that may have several, such as a theme."""

    __tablename__ = "entry_attribute"
    __table_args__ = (
        Index("ix_entry_attribute_name_value_entry_id", "name", "value", "entry_id"),
        {"sqlite_with_rowid": False},
    )

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class CounterRow(Base):
    """A running number, taken in the transaction that uses it."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


def attributes_of(metadata: EntryMetadata) -> dict[str, list[str]]:
    """Return the values that lists are narrowed by, attribute to values, each once."""
    categories = (category.value for category in metadata.disclosure_categories)
    return {CATEGORY: list(dict.fromkeys(categories)), THEME: list(dict.fromkeys(metadata.themes))}


def write_document(metadata: EntryMetadata) -> tuple[str, str]:
    """Return the document of metadata as JSON text, and 32 hexadecimal characters over it.

    Digests are equal exactly when two metadata say the same, in the same order of languages.
    """
    written = orjson.dumps(metadata, stated, orjson.OPT_PASSTHROUGH_DATACLASS)
    return storable_json(written.decode()), hashlib.blake2b(written, digest_size=16).hexdigest()


def write_violations(violations: tuple[Violation, ...]) -> list[dict[str, str]]:
    """Write violations as JSON."""
    return [
        {"element": one.element, "code": one.code, "value": one.value, "flag": one.flag, "rule": one.rule}
        for one in violations
    ]


def read_violations(rows: list[dict[str, str]]) -> tuple[Violation, ...]:
    """Read violations that `write_violations` wrote."""
    return tuple(Violation(**row) for row in rows)
