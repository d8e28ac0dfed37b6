"""Source kind `sheet`: a catalogue kept as a table, in a workbook (xlsx, xlsm, xls) or as text (CSV, TSV).

The address is one file, or a folder of files. The format is told by content, the encoding by scoring, the columns by
their headers (`config/sheets/header_aliases.csv`); what has no element of its own becomes an extension. Options:

- `columns=title,abstract,,link` names the columns of a file without headers, by element or by any known header; a
  place left empty is skipped. Its first row is skipped where it holds headers after all.
- `first_row=N` says with `columns` in which row the records begin; what stands above is passed over.
- `identity=ELEMENT[,ELEMENT]` says which columns name a record; without it see `sheet_identity`.
- `encoding=NAME` fixes the encoding of text files.
- `sheets=NAME[,NAME]` reads only these sheets of a workbook; without it every visible one with a known header.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, final

import structlog

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import Source, SourceKind
from harvesters.fields import Readings
from harvesters.files import files_of
from harvesters.port import Fetcher, Payload, RawRecord, Unreadable
from harvesters.sheet_entry import EntryReader
from harvesters.sheet_headers import Columns, Headers
from harvesters.sheet_identity import Identity, named
from harvesters.sheet_layout import Draft, drafts
from harvesters.sheet_linked import Links, links_of
from harvesters.sheet_reading import read_sheets
from harvesters.sheet_rows import Sheet
from harvesters.sheet_table import Table, find_table, table_of_option

SHEET_LEFT_OUT: Final = "sheet_left_out"
"""Log event: a sheet without a table of entries, such as instructions or a list of codes."""

_ENDINGS: Final = frozenset({"", "xlsx", "xlsm", "xls", "csv", "tsv"})
_NAMES: Final = r"[^,\s][^,]*"


@final
class SheetHarvester:
    """Reads the tables of one source."""

    kind = SourceKind.SHEET
    version = 2
    options: Mapping[str, str] = {
        "columns": rf"(?:{_NAMES})?(?:,(?:{_NAMES})?)*",
        "first_row": r"[1-9]\d{0,3}",
        "identity": rf"{_NAMES}(?:,{_NAMES})*",
        "encoding": r"[A-Za-z][\w.-]{1,30}",
        "sheets": rf"{_NAMES}(?:,{_NAMES})*",
    }
    is_partial = False

    def __init__(self, source: Source, readings: Readings) -> None:
        """Remember the address, the source's options and how it writes its values."""
        self._address = source.address
        self._columns, self._identity, self._sheets = (
            tuple(part.strip() for part in source.options[name].split(",")) if name in source.options else ()
            for name in ("columns", "identity", "sheets")
        )
        self._first_row = int(source.options.get("first_row", "0"))
        self._encoding = source.options.get("encoding", "")
        self._headers = Headers(readings.headers)
        self._reader = EntryReader(readings, self._headers)

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the file, or each file of a folder."""
        yield from files_of(fetcher, self._address, _ENDINGS)

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the records of one file; it is read twice, the first time to learn which names are unique."""
        tables = self._tables(payload)
        entries = [table for table in tables if table.has_entries]
        links = links_of(table for table in tables if table.is_child)
        identity = Identity(self._elements(self._identity))
        yield from named(identity, lambda: _drafts(entries, links))

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read one record."""
        return self._reader.read(record)

    def _tables(self, payload: Payload) -> list[Table]:
        """Find the tables of a file.

        Raises:
            SourceError: `no_header_found`, which says what the first row holds and that `columns` would help.
        """
        sheets = [
            sheet for sheet in read_sheets(payload, self._encoding, self._headers.is_header) if self._is_wanted(sheet)
        ]
        if self._columns and payload.part is not None and not payload.part.is_expected:
            raise SourceError("no_header_found", sheets=len(sheets), first_row=_first_row(sheets), option="columns")
        if self._columns:
            return [self._described(sheet) for sheet in sheets[:1]]
        found = [(sheet, find_table(sheet, self._headers)) for sheet in sheets]
        best = max((table.score for _, table in found if table and table.has_entries), default=0.0)
        if not best:
            raise SourceError("no_header_found", sheets=len(sheets), first_row=_first_row(sheets), option="columns")
        # A list of words with headers of its own, such as 名称 and 说明, is no second catalogue beside a full one.
        tables = [table for _, table in found if table and (table.is_child or table.score * 2 >= best)]
        for sheet, table in found:
            if table not in tables:
                structlog.get_logger().info(SHEET_LEFT_OUT, sheet=sheet.name)
        return tables

    def _is_wanted(self, sheet: Sheet) -> bool:
        return not self._sheets or sheet.name in self._sheets

    def _described(self, sheet: Sheet) -> Table:
        table = table_of_option(sheet, self._columns, self._headers, self._first_row)
        if "title" not in table.columns.chosen:
            raise SourceError("no_title_column", columns=",".join(self._columns), option="columns")
        return table

    def _elements(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the elements that an operator named, by themselves or by a known header."""
        return tuple(next(iter(self._headers.columns((name,)).chosen), name) for name in names)


def _drafts(tables: Iterable[Table], links: Links) -> Iterator[tuple[Draft, Columns]]:
    for table in tables:
        for draft in drafts(table):
            yield links.attached(draft, table.columns), table.columns


def _first_row(sheets: Iterable[Sheet]) -> str:
    rows = (next(iter(sheet.rows()), None) for sheet in sheets)
    first = next((row for row in rows if row), None)
    return " | ".join(first.cells)[:200] if first else ""
