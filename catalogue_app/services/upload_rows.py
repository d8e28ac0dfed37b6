"""The rows of an uploaded table read: each record with its place, what it says, and the entry it names.

The reader is that of harvested tables, with all its guards against files that are too large, packed too well or broken.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.entry import Entry
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.ids import OrganId, SourceId, new_id
from catalogue_app.domain.metadata import EntryMetadata, JsonValue
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.domain.text import LocalizedText
from catalogue_app.reference import Reference
from catalogue_app.services.cells import meant
from catalogue_app.services.organ_sheet import CODE_COLUMN, raw_of
from catalogue_app.services.returned_workbook import HEADING
from harvesters import pipeline, registry
from harvesters.fields import ReadingTables
from harvesters.port import Payload, RawRecord
from harvesters.sheet_headers import Headers

_ITEMS: Final = "@items"
_OUR_OWN: Final = frozenset({CODE_COLUMN, HEADING})
"""Columns that mean something to an upload alone: they are no part of what an entry says."""

_MERGED_APART: Final = frozenset({"title", "abstract", "extensions", "unread", "distributions"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """One record of a table.

    Attributes:
        code: catalogue code that it names; empty where it names none.
        columns: elements that its table has a column for, filled or not; of an item those that some item fills.
        said: what it says; a problem where nothing could be read.
    """

    place: str
    code: str
    said: EntryMetadata | Problem
    columns: frozenset[str] = frozenset()


@final
class RowReader:
    """Reads uploaded tables of one organ."""

    def __init__(self, tables: ReadingTables, reference: Reference, organ_id: OrganId) -> None:
        source = Source(id=SourceId(new_id()), organ_id=organ_id, kind=SourceKind.SHEET, address="upload")
        self._harvester: Final = registry.make(source, tables)
        self._headers: Final = Headers(tables.headers)
        self._reference: Final = reference

    def rows(self, path: Path) -> Iterator[ReadRow]:
        """Yield the records of a file in their order.

        Raises:
            SourceError: it is no table, broken, or refused for its size.
        """
        payload = Payload(address="upload", size_bytes=path.stat().st_size, digest="", open=lambda: path.open("rb"))
        for part in self._harvester.split(payload):
            if isinstance(part, Problem):
                yield ReadRow(place=part.record, code="", said=part)
            else:
                yield self._read(part)

    def echo(self, entry: Entry, columns: AbstractSet[str] | None = None) -> EntryMetadata:
        """Return what the reader finds in the rows that the catalogue itself writes of an entry.

        Args:
            entry: as it stands.
            columns: elements that the table to compare with has columns for; None for all of the catalogue's own.
        """
        own, items = raw_of(entry, self._reference)
        raw: dict[str, JsonValue] = {**self._among(own, columns)}
        raw[_ITEMS] = [part for item in items if (part := self._among(item, columns))]
        said = self._read(RawRecord(identifier=entry.code, place="", digest="", raw=raw)).said
        assert isinstance(said, EntryMetadata)  # noqa: S101 — an entry has a title
        return said

    def _read(self, record: RawRecord) -> ReadRow:
        raw = {name: _restored(value) for name, value in record.raw.items()}
        said = pipeline.read(self._harvester, replace(record, raw=raw))
        if isinstance(said, Problem):
            return ReadRow(place=record.place, code="", said=said)
        code = dict(said.extensions).get(CODE_COLUMN, "")
        rows = raw.get(_ITEMS)
        items = rows if isinstance(rows, list) else []
        names = [*raw, *(name for item in items if isinstance(item, dict) for name in item)]
        rest = tuple((name, text) for name, text in said.extensions if name not in _OUR_OWN)
        columns = self._headers.columns(tuple(dict.fromkeys(name for name in names if not name.startswith("@"))))
        said = replace(said, extensions=rest)
        return ReadRow(place=record.place, code=code, said=said, columns=frozenset(columns.chosen))

    def _among(self, cells: Mapping[str, str], columns: AbstractSet[str] | None) -> dict[str, JsonValue]:
        """Leave out the cells of elements that a table has no column for: it says nothing about them."""
        if columns is None:
            return {**cells}
        return {name: text for name, text in cells.items() if self._element_of(name) in columns}

    def _element_of(self, header: str) -> str:
        return next(iter(self._headers.columns((header,)).chosen), header)


def merged(stored: EntryMetadata, echo: EntryMetadata, read: EntryMetadata) -> EntryMetadata:
    """Return what an entry says after its row was uploaded: what the row says otherwise than its export would.

    What a table has no column for stays, and what stands in it as the catalogue wrote it changes nothing, so that an
    export that is uploaded again says what is there, whatever a table cannot hold.
    """
    names = [field.name for field in fields(EntryMetadata) if field.name not in _MERGED_APART]
    changed = {name: getattr(read, name) for name in names if getattr(read, name) != getattr(echo, name)}
    if changed.keys() & {"update_cycle", "update_period"}:
        changed["update_period"] = read.update_period
    if "online_urls" in changed:
        changed["distributions"] = read.distributions
    title = _text(stored.title, echo.title, read.title)
    assert title is not None  # noqa: S101 — without a title it would be a problem
    touched = {*changed, *(name for name in ("title", "abstract") if getattr(read, name) != getattr(echo, name))}
    return replace(
        stored,
        title=title,
        abstract=_text(stored.abstract, echo.abstract, read.abstract),
        extensions=tuple((dict(stored.extensions) | dict(read.extensions)).items())
        if read.extensions
        else stored.extensions,
        unread=(
            *(note for note in stored.unread if note.element not in touched),
            *(note for note in read.unread if note not in echo.unread),
        ),
        **changed,
    )


def _text(stored: LocalizedText | None, echo: LocalizedText | None, read: LocalizedText | None) -> LocalizedText | None:
    """Put a changed original in the place of the stored one; other languages stay."""
    if read == echo or read is None or stored is None:
        return stored if read == echo else read
    others: Mapping[str, str] = {tag: text for tag, text in stored.texts if tag not in dict(read.texts)}
    first = stored.texts[0][0]
    return LocalizedText((*read.texts, *((tag, text) for tag, text in others.items() if tag != first)))


def _restored(value: JsonValue) -> JsonValue:
    """Take the apostrophes away that keep spreadsheet programs from calculating, in all cells of a record."""
    match value:
        case str():
            return meant(value)
        case list():
            return [_restored(part) for part in value]
        case dict():
            return {name: _restored(part) for name, part in value.items()}
    return value
