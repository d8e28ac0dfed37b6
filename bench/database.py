"""The database step of a harvest on PostgreSQL and the export on both databases, against the least each can cost."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import Select, String, and_, cast, make_url, select
from sqlalchemy.orm import Session

from bench.line import Line
from bench.municipality import write_catalogue
from bench.parts import TABLES, Stand, set_up
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.base import for_reading, make_engine, streamed
from catalogue_app.persistence.entry_rows import EntryRow, RevisionRow
from catalogue_app.services.export import Export, ExportForm
from tests import postgres

_EVERYONE: Final = Audience.of_tier(Tier.EXTRANET)
_BEFORE: Final = ("organ", "source", "harvest_run")
"""Tables that the others refer to; copied first and not timed."""

_PIECE: Final = 1 << 20


def postgresql_lines(folder: Path, catalogue: Path, scale: int) -> Iterator[Line]:
    """Measure a first harvest, one that finds nothing new and one that finds a hundredth changed."""
    folder.mkdir()
    stand = set_up(folder / "a", catalogue, _as_in_operation(postgres.database_url(folder / "a")))
    first = _step(stand)
    bare = _bare_copy(stand, postgres.database_url(folder / "b"))
    note = f"{scale / first:,.0f} records/s"
    yield Line(what="PostgreSQL, first harvest: COPY of the same rows / step", ratio=bare / first, goal=0.7, note=note)
    unchanged = _step(stand)
    note = f"{scale / unchanged:,.0f} records/s"
    yield Line(what="PostgreSQL, unchanged harvest: first step / step", ratio=first / unchanged, goal=5.0, note=note)
    write_catalogue(catalogue, scale, touched=scale // 100)
    changed = _step(stand)
    note = f"{scale / changed:,.0f} records/s"
    what = "PostgreSQL, 1 % changed: step / unchanged step"
    yield Line(what=what, ratio=changed / unchanged, goal=1.5, at_least=False, note=note)
    yield export_line("PostgreSQL", stand)
    write_catalogue(catalogue, scale)


def export_line(name: str, stand: Stand) -> Line:
    """Measure the export of everything against reading the very rows and dropping them."""
    engine = make_engine(stand.container.settings.database_url)
    start = time.perf_counter()
    with Session(for_reading(engine)) as session:
        read = sum(1 for _ in streamed(session, _documents(), 500))
    reading = time.perf_counter() - start
    start = time.perf_counter()
    written = sum(1 for _ in Export(stand.container.uow).lines(_EVERYONE, ExportForm.JSONL))
    exporting = time.perf_counter() - start
    engine.dispose()
    note = f"{written / exporting:,.0f} entries/s of {read:,}"
    return Line(what=f"{name}, export: reading the rows / export", ratio=reading / exporting, goal=0.5, note=note)


def _documents() -> Select[str, str]:
    current = and_(RevisionRow.entry_id == EntryRow.id, RevisionRow.number == EntryRow.revision)
    rows = select(EntryRow.code, cast(RevisionRow.document, String)).join(RevisionRow, current)
    return rows.order_by(EntryRow.id)


def _step(stand: Stand) -> float:
    """Harvest, and return the seconds that neither reading, understanding nor checking took."""
    whole = stand.harvest()
    return whole - sum(stand.watch.seconds.values())


def _bare_copy(filled: Stand, url: str) -> float:
    """Copy the rows of a harvested database into the same tables, indexes and keys of a fresh one; returns seconds."""
    seconds = 0.0
    with _connect(filled.container.settings.database_url) as old, _connect(url) as new:
        for table in (*_BEFORE, *TABLES):
            with TemporaryFile() as rows:
                with old.cursor() as cursor, cursor.copy(_order("COPY {} TO STDOUT (FORMAT binary)", table)) as copy:
                    for piece in copy:
                        rows.write(piece)
                rows.seek(0)
                start = time.perf_counter()
                with new.cursor() as cursor, cursor.copy(_order("COPY {} FROM STDIN (FORMAT binary)", table)) as copy:
                    while piece := rows.read(_PIECE):
                        copy.write(piece)
                new.commit()
                seconds += time.perf_counter() - start if table in TABLES else 0.0
    return seconds


def _as_in_operation(url: str) -> str:
    """Let the server keep its statistics up to date, which tests do without: plans made blind are another product's."""
    with _connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum = on")
        connection.execute("SELECT pg_reload_conf()")
    return url


def _connect(url: str, *, autocommit: bool = False) -> psycopg.Connection:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=autocommit)


def _order(words: str, table: str) -> sql.Composed:
    return sql.SQL(words).format(sql.Identifier(table))
