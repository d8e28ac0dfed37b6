"""Reads a table of organs that somebody offers: what it would make of the register, and every cell that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, final

from catalogue_app.domain.errors import ConfigurationError
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.register import Fault, Register, faults
from catalogue_app.reference import Reference
from catalogue_app.reference_organs import KEY, NEEDED, OPTIONAL, read_organ
from catalogue_app.reference_tables import Row, check_key, rows_of
from catalogue_app.services.cells import meant

_CODES: Final[Mapping[str, str]] = {
    "organ_id": "organ_id_wrong",
    "zh": "organ_name_missing",
    "kind": "organ_kind_unknown",
    "district_code": "organ_place_unknown",
    "main_theme": "organ_theme_unknown",
    "uscc": "organ_code_wrong",
    "demo_uscc": "organ_code_wrong",
    "valid_from": "organ_day_wrong",
    "valid_to": "organ_end_not_imported",
    "successor": "organ_end_not_imported",
}
"""Column to what may be wrong with a cell of it alone."""

_COLUMNS: Final[Mapping[str, str]] = {"short_name": "short_zh", "aliases": "aliases_zh"}
"""Field of an organ to its column, where they differ."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CellFault:
    """One wrong cell.

    Attributes:
        row: line of the file, headings being line 1.
        column: its heading; empty for the row as a whole.
        error: how the reader of tables put it, where it was the one that found it.
    """

    row: int
    column: str
    fault: Fault
    error: ConfigurationError | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OrganTable:
    """What a table says.

    Attributes:
        organs: those whose row could be read, as they shall stand.
        faults: by row; while there is any, nothing of the table is taken.
    """

    organs: tuple[Organ, ...]
    faults: tuple[CellFault, ...]


def read_organs(text: str, file: str, reference: Reference, register: Register, today: date) -> OrganTable:
    """Read a table in the columns of `config/organs/organs.csv` against the register as it is.

    Args:
        text: the table.
        file: how complaints call it.
        reference: what its cells are checked against.
        register: what the table has no column for, stays as it is there.
        today: the present day.

    Raises:
        ConfigurationError: it is no such table: a heading, or a row that has not as many cells as there are headings.
    """
    organs: dict[OrganId, tuple[Row, Organ]] = {}
    wrong: list[CellFault] = []
    seen: dict[str, int] = {}
    for written in rows_of(text, file, NEEDED, OPTIONAL):
        row = replace(written, cells={column: meant(cell) for column, cell in written.cells.items()})
        try:
            check_key(row, KEY, seen)
            organ = read_organ(row, reference.organ_cells, register)
        except ConfigurationError as error:
            wrong.append(_cell_fault(row, error))
        else:
            organs[organ.id] = (row, organ)
    future = {**register, **{organ_id: organ for organ_id, (_, organ) in organs.items()}}
    for row, organ in organs.values():
        found = faults(organ, future, divisions=reference.divisions.keys(), today=today)
        wrong += (
            CellFault(row=row.number, column=_COLUMNS.get(fault.field, fault.field), fault=fault) for fault in found
        )
        if organ.successor is not None and organ.successor not in future:
            fault = Fault(field="successor", code="organ_parent_unknown", value=organ.successor)
            wrong.append(CellFault(row=row.number, column="successor", fault=fault))
    return OrganTable(
        organs=tuple(organ for _, organ in organs.values()), faults=tuple(sorted(wrong, key=lambda it: it.row))
    )


def _cell_fault(row: Row, error: ConfigurationError) -> CellFault:
    column = str(error.parameters.get("column", ""))
    value = str(error.parameters.get("value", ""))
    fault = Fault(field=column, code=_CODES.get(column, "organ_row_wrong"), value=value)
    return CellFault(row=row.number, column=column, fault=fault, error=error)
