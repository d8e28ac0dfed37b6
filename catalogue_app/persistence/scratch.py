"""A throw-away database that knows what the catalogue knows of one source: where a run can be planned for nothing."""

from pathlib import Path
from typing import Final

from sqlalchemy import Engine, Table, insert, select
from sqlalchemy.orm import Session

from catalogue_app.domain.source import Source
from catalogue_app.persistence.base import Base, make_engine
from catalogue_app.persistence.bulk import insert_rows
from catalogue_app.persistence.curations import CurationRow
from catalogue_app.persistence.entry_rows import EntryRow
from catalogue_app.persistence.organs import OrganRow
from catalogue_app.persistence.sources import SourceRow

_BATCH: Final = 1000
"""Entries copied at once."""


def copy_of(session: Session, source: Source, folder: Path) -> Engine:
    """Copy organs, one source and its entries, without what they say, into a file of a folder.

    Args:
        session: of the catalogue, reading.
        source: registered, or one that somebody considers.
        folder: deleted by whoever made it, after the engine was disposed of.
    """
    copy = make_engine(f"sqlite:///{folder / 'scratch.sqlite3'}")
    Base.metadata.create_all(copy)
    organs, entries = table_of(OrganRow), table_of(EntryRow)
    considered = {
        "id": source.id,
        "organ_id": source.organ_id,
        "kind": source.kind.value,
        "address": source.address,
        "options": dict(source.options),
        "is_enabled": source.is_enabled,
    }
    with copy.begin() as blank:
        blank.execute(insert(organs), [dict(row) for row in session.execute(select(organs)).mappings()])
        blank.execute(insert(table_of(SourceRow)), considered)
        known = select(entries).where(entries.c.source_id == source.id).execution_options(yield_per=_BATCH)
        for part in session.execute(known).partitions():
            insert_rows(blank, EntryRow, (tuple(row) for row in part))
        curations = table_of(CurationRow)
        own = (
            select(curations)
            .join(entries, entries.c.id == curations.c.entry_id)
            .where(entries.c.source_id == source.id)
        )
        if held := [dict(row) for row in session.execute(own).mappings()]:
            blank.execute(insert(curations), held)
    return copy


def table_of(row: type[Base]) -> Table:
    """Return the table of a row, for statements that take many sets of values."""
    table = row.__table__
    assert isinstance(table, Table)  # noqa: S101 — no row of ours is mapped to a join
    return table
