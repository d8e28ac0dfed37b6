"""Write everything an audience sees, entry by entry: for archives, for other programs, for whoever counts."""

import csv
from collections.abc import Iterator, Mapping
from enum import StrEnum, unique
from io import StringIO
from typing import Final, final

import orjson

from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.exports import ListRow, WholeRow
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.cells import harmless

_COLUMNS: Final = ("code", "title", "organ", "organ_name", "update_cycle", "issued_on", "updated_on", "changed_at")


@unique
class ExportForm(StrEnum):
    """What a line of an export is."""

    JSONL = "jsonl"
    """One JSON object with the whole metadata of an entry."""
    CSV = "csv"
    """One row of a table with what lists show; the first line names the columns."""


@final
class Export:
    """The catalogue as one stream; anybody may read what they see anyway, so nothing is audited."""

    def __init__(self, uow: UnitsOfWork) -> None:
        self._uow: Final = uow

    def lines(self, audience: Audience, form: ExportForm) -> Iterator[bytes]:
        """Yield the lines of an export in UTF-8, each with its end: of every entry the audience sees, oldest first.

        All of them are of one state of the catalogue, however long the reading takes; memory stays flat.
        """
        with self._uow.reading() as look:
            names = {organ.id: organ.name for organ in look.organs.all()}
            if form is ExportForm.JSONL:
                yield from _objects(look.exports.whole(audience), names)
            else:
                yield from _table(look.exports.listed(audience), names)


def _objects(rows: Iterator[WholeRow], names: Mapping[OrganId, LocalizedText]) -> Iterator[bytes]:
    organs = {organ: {"id": organ, "name": name.to_mapping()} for organ, name in names.items()}
    for row in rows:
        said = {
            "code": row.code,
            "organ": organs[OrganId(row.organ_id)],
            "network_tier": row.tier,
            "revision": row.revision,
            "changed_at": row.changed_at,
            "metadata": orjson.Fragment(row.document),
        }
        yield orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def _table(rows: Iterator[ListRow], names: Mapping[OrganId, LocalizedText]) -> Iterator[bytes]:
    line = StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow(_COLUMNS)
    yield line.getvalue().encode()
    for row in rows:
        line.seek(0)
        line.truncate()
        organ = names[OrganId(row.organ_id)].original
        title = harmless(row.title)
        said = (row.code, title, row.organ_id, harmless(organ), row.update_cycle, row.issued_on, row.updated_on)
        writer.writerow((*said, row.changed_at.isoformat()))
        yield line.getvalue().encode()
