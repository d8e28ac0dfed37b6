"""The first rows of a table as its organ wrote them, and what they would say by the columns somebody chose."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, final

from catalogue_app.domain.errors import InvalidInput, NotAllowed, SourceError
from catalogue_app.domain.harvest import Problem, tier_of
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.source import Source
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.harvest_plan import ProfileCheck
from catalogue_app.services.harvesting import MakeHarvester
from harvesters import pipeline
from harvesters.fields import ReadingTables
from harvesters.port import Fetcher, Payload, RawRecord
from harvesters.sheet_headers import Columns, Headers
from harvesters.sheet_reading import read_sheets
from harvesters.sheet_rows import Sheet, SheetRow
from harvesters.sheet_table import find_table

SAMPLE_ROWS: Final = 12
"""Rows that are shown and tried: enough to know a column by, few enough to see at once."""

_LOOK_S: Final = "20"
_OF_THE_FILE: Final = ("columns", "first_row", "identity", "sheets", "encoding")
"""Options that say how a file is laid out, which a sample of it no longer has."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The beginning of a table.

    Attributes:
        rows: as they stand in the file, with their numbers.
        width: columns of the widest of them.
        elements: element of each column by the source's settings or by its header; empty where there is none.
        first_row: the first row with a record, as far as that is known; 1 where no header is.
    """

    rows: tuple[SheetRow, ...]
    width: int
    elements: tuple[str, ...]
    first_row: int

    def texts(self, column: int) -> tuple[str, ...]:
        """Return what stands in a column of the rows with records, each text once."""
        texts = (row.text(column) for row in self.rows if row.number >= self.first_row)
        return tuple(dict.fromkeys(filter(None, texts)))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRecord:
    """One record of a sample, read as a run would read it.

    Attributes:
        said: what it says, where it can be read.
        problem: why it would be rejected, where it would.
        violations: where it would depart from the profile.
    """

    place: str
    identifier: str = ""
    said: EntryMetadata | None = None
    problem: Problem | None = None
    violations: tuple[Violation, ...] = ()


@final
class SourceSamples:
    """Looks at tables before they are harvested, for people who keep sources; nothing is kept."""

    def __init__(
        self,
        uow: UnitsOfWork,
        *,
        open_fetcher: Callable[[Source], AbstractContextManager[Fetcher]],
        make_harvester: MakeHarvester,
        tables: ReadingTables,
        check: ProfileCheck,
    ) -> None:
        self._uow: Final = uow
        self._open_fetcher: Final = open_fetcher
        self._make_harvester: Final = make_harvester
        self._headers: Final = Headers(tables.headers)
        self._check: Final = check
        self.elements: Final = tuple(dict.fromkeys(element for _, element in tables.headers))

    def first_rows(self, source: Source, audience: Audience) -> Sample:
        """Read the first rows of a table.

        Raises:
            NotAllowed: the source has entries above what the audience may see; its rows may be theirs.
            InvalidInput: it cannot be read, or is no table; says why.
        """
        with self._uow.reading() as look:
            if look.source_reach.is_hidden(source.id, audience):
                raise NotAllowed
        try:
            with self._payload(source) as payload:
                sheet = self._sheet(source, payload)
                rows = tuple(islice(sheet.rows(), SAMPLE_ROWS))
        except SourceError as error:
            raise InvalidInput(error.code, value=next(iter(map(str, error.parameters.values())), "")) from error
        return self._described(source, rows)

    def read(self, source: Source, sample: Sample, audience: Audience) -> tuple[SampleRecord, ...]:
        """Read a sample by the settings of a source, as a run would; records above the audience are left out.

        Raises:
            InvalidInput: nothing can be read by these settings; says why.
        """
        laid_out = {name: value for name, value in source.options.items() if name not in {"sheets", "encoding"}}
        harvester = self._make_harvester(replace(source, options=laid_out), None)
        with self._uow.reading() as look:
            organ = look.organs.by_id(source.organ_id)
        try:
            parts = [
                self._record(part, part if isinstance(part, Problem) else pipeline.read(harvester, part))
                for part in harvester.split(_as_text(sample.rows))
            ]
        except SourceError as error:
            raise InvalidInput(error.code, **error.parameters) from error
        return tuple(
            replace(one, violations=self._check(one.said, organ)) if one.said else one
            for one in parts
            if one.said is None or tier_of(one.said, source).level <= audience.tier.level
        )

    def _record(self, part: RawRecord | Problem, read: EntryMetadata | Problem) -> SampleRecord:
        place = part.record if isinstance(part, Problem) else part.place
        identifier = "" if isinstance(part, Problem) else part.identifier
        if isinstance(read, Problem):
            return SampleRecord(place=place, identifier=identifier, problem=read)
        return SampleRecord(place=place, identifier=identifier, said=read)

    @contextmanager
    def _payload(self, source: Source) -> Iterator[Payload]:
        bare = {name: value for name, value in source.options.items() if name not in _OF_THE_FILE}
        looked_at = replace(source, options={**bare, "max_seconds": _LOOK_S})
        harvester = self._make_harvester(looked_at, None)
        with self._open_fetcher(looked_at) as fetcher:
            for part in harvester.gather(fetcher):
                if isinstance(part, Payload):
                    yield part
                    return
        raise SourceError("no_table", beginning="")

    def _sheet(self, source: Source, payload: Payload) -> Sheet:
        wanted = {name.strip() for name in source.options.get("sheets", "").split(",")} - {""}
        sheets = read_sheets(payload, source.options.get("encoding", ""), self._headers.is_header)
        found = next((sheet for sheet in sheets if not wanted or sheet.name in wanted), None)
        if found is None:
            raise SourceError("no_table", beginning="")
        return found

    def _described(self, source: Source, rows: Sequence[SheetRow]) -> Sample:
        width = max((len(row.cells) for row in rows), default=0)
        if columns := source.options.get("columns"):
            names = tuple(name.strip() for name in columns.split(","))
            chosen = self._headers.columns(tuple(filter(None, names)))
            first_row = int(source.options.get("first_row", "1"))
        else:
            table = find_table(Sheet(rows=lambda: iter(rows)), self._headers)
            names, first_row = (table.names, table.after + 1) if table else ((), 1)
            chosen = table.columns if table else self._headers.columns(())
        elements = _elements(names, chosen)
        return Sample(rows=tuple(rows), width=max(width, len(elements)), elements=elements, first_row=first_row)


def columns_option(elements: Sequence[str]) -> str:
    """Write the elements of columns as the option `columns`; empty ones at the end are left out."""
    return ",".join(elements).rstrip(",")


def unread_values(records: Sequence[SampleRecord]) -> Mapping[str, tuple[str, ...]]:
    """Return element to what records say of it that nobody understands, each text once."""
    found: dict[str, dict[str, None]] = {}
    for record in records:
        for note in record.said.unread if record.said else ():
            found.setdefault(note.element, {})[note.value] = None
    return {element: tuple(texts) for element, texts in found.items()}


def _elements(names: Sequence[str], columns: Columns) -> tuple[str, ...]:
    of_name = {name: element for element, named in columns.chosen.items() for name in named}
    return tuple(of_name.get(name, "") for name in names)


def _as_text(rows: Sequence[SheetRow]) -> Payload:
    """Write rows as a file of text in which each keeps its number."""
    lines = io.StringIO()
    writer, following = csv.writer(lines, quoting=csv.QUOTE_ALL, lineterminator="\n"), 1
    for row in rows:
        lines.write("\n" * (row.number - following))
        writer.writerow([cell.replace("\0", "") for cell in row.cells])
        following = row.number + 1
    body = lines.getvalue().encode("utf-8", "replace")
    return Payload(
        address="sample",
        charset="utf-8",
        size_bytes=len(body),
        digest=hashlib.blake2b(body, digest_size=16).hexdigest(),
        open=lambda: io.BytesIO(body),
    )
