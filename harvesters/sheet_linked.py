"""Workbooks of linked sheets: entries in one, their files and information items in others, joined by identifier.

The form is that of catalogues with the sheets catalog, dataset, distribution and field. The rows of the other sheets
are kept in memory while the entries are read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, final

from catalogue_app.domain.metadata import JsonValue
from harvesters.sheet_headers import Columns
from harvesters.sheet_layout import ITEMS, Draft, drafts
from harvesters.sheet_table import Table

DISTRIBUTIONS: Final = "@distributions"
"""Key of a record's file rows: a list of objects, column name to text."""

Rows = Mapping[str, list[JsonValue]]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Rows of other sheets by the identifier of the entry they belong to."""

    items: Rows = field(default_factory=dict)
    distributions: Rows = field(default_factory=dict)

    def attached(self, draft: Draft, columns: Columns) -> Draft:
        """Add to a draft the rows that belong to it."""
        identifier = draft.text(columns.name_of("identifier"))
        for key, rows in ((ITEMS, self.items), (DISTRIBUTIONS, self.distributions)):
            if identifier in rows and key not in draft.raw:
                draft.raw[key] = rows[identifier]
        return draft


def links_of(tables: Iterable[Table]) -> Links:
    """Read the tables whose rows belong to entries of another one."""
    items, distributions = defaultdict[str, list[JsonValue]](list), defaultdict[str, list[JsonValue]](list)
    for table in tables:
        kind, rows = ("item.", items) if "item.name" in table.columns.chosen else ("distribution.", distributions)
        for identifier, row in _rows(table, kind):
            rows[identifier].append(row)
    return Links(items=dict(items), distributions=dict(distributions))


def _rows(table: Table, kind: str) -> Iterator[tuple[str, JsonValue]]:
    identifier = table.columns.name_of("identifier")
    names = [name for element, (name, *_) in table.columns.chosen.items() if element.startswith(kind)]
    for draft in drafts(table):
        rows = draft.raw.get(ITEMS) if kind == "item." else None
        for said in rows if isinstance(rows, list) else [draft.raw]:
            if isinstance(said, dict):
                yield draft.text(identifier), {name: said[name] for name in names if said.get(name)}
