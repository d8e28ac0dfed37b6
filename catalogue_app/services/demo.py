"""The demo municipality: writes every organ's catalogue into the data directory and registers its source."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.clock import Clock, today
from catalogue_app.domain.ids import OrganId, SourceId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.services.demo_files import (
    FileWriter,
    write_data_json,
    write_gb18030,
    write_legacy_table,
    write_unicode_text,
    write_workbook,
)
from catalogue_app.services.demo_rows import DemoRow, defective_rows, good_rows
from catalogue_app.services.organs import Organs
from catalogue_app.services.sources import Sources

_DATA_BUREAU: Final = OrganId("data")
"""The one organ modern enough to offer a data.json."""

_FORMS: Final[Mapping[int, tuple[str, FileWriter]]] = {
    2: ("txt", write_unicode_text),
    4: ("csv", write_gb18030),
    7: ("xlsx", write_legacy_table),
}
"""Place of an organ in the register, modulo nine, to its file's ending and writer; all others use the workbook."""

_LOST: Final = "幼儿园名录"
"""Title of the good entry whose copy the defective set loses between two harvests."""


@final
class Demo:
    """Use cases of the demo municipality."""

    def __init__(self, tables: Path, folder: Path, organs: Organs, sources: Sources, clock: Clock) -> None:
        """Keep where the tables are and where the catalogues go."""
        self._tables = tables
        self._organs = organs
        self._sources = sources
        self._clock = clock
        self.folder = folder

    def write(self, *, with_defects: bool, actor: str) -> tuple[Source, ...]:
        """Write the catalogues and register a source for each; safe to repeat, on the same day nothing changes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        organs = {organ.id: organ for organ in self._organs.all()}
        rows = list(good_rows(self._tables, organs, today(self._clock)))
        written = [self._write_good(organs, organ_id, own, actor) for organ_id, own in _by_organ(rows).items()]
        if with_defects:
            bad = self._defective(rows)
            written += [self._write_bad(organs[organ_id], own, rows, actor) for organ_id, own in bad.items()]
        return tuple(written)

    def lose_one(self) -> tuple[SourceId, ...]:
        """Take one entry out of the defective set, as if its organ had dropped it; returns the sources to harvest.

        Nothing is taken out, and nothing returned, once it is gone.
        """
        organs = {organ.id: organ for organ in self._organs.all()}
        rows = list(good_rows(self._tables, organs, today(self._clock)))
        lost = []
        for organ_id, own in self._defective(rows).items():
            path = self._bad_path(organ_id)
            mark = path.with_suffix(".complete")
            source = self._sources.find(organ_id, str(path))
            if mark.exists() and source is not None:
                write_workbook(path, organs[organ_id].name.original, own)
                mark.unlink()
                lost.append(source.id)
        return tuple(lost)

    def _write_good(
        self, organs: Mapping[OrganId, Organ], organ_id: OrganId, rows: Sequence[DemoRow], actor: str
    ) -> Source:
        organ = organs[organ_id]
        ending, writer = _FORMS.get(list(organs).index(organ_id) % 9, ("xlsx", write_workbook))
        kind = SourceKind.SHEET
        if organ_id == _DATA_BUREAU:
            ending, writer, kind = "json", write_data_json, SourceKind.DATA_JSON
        path = self.folder / f"{organ_id}.{ending}"
        writer(path, organ.name.original, rows)
        return self._registered(organ_id, kind, path, actor)

    def _write_bad(self, organ: Organ, rows: Sequence[DemoRow], good: Iterable[DemoRow], actor: str) -> Source:
        path = self._bad_path(organ.id)
        is_first = not path.exists()
        extra = [_copy_to_lose(row) for row in good if is_first and _is_lost(row, organ.id)]
        write_workbook(path, organ.name.original, [*rows, *extra])
        if extra:
            path.with_suffix(".complete").touch()
        return self._registered(organ.id, SourceKind.SHEET, path, actor)

    def _registered(self, organ_id: OrganId, kind: SourceKind, path: Path, actor: str) -> Source:
        found = self._sources.find(organ_id, str(path))
        return found or self._sources.add(organ_id, kind, str(path), {}, actor=actor)

    def _defective(self, rows: Iterable[DemoRow]) -> dict[OrganId, list[DemoRow]]:
        return _by_organ(defective_rows(self._tables, {row.cells["信息资源名称"]: row for row in rows}))

    def _bad_path(self, organ_id: OrganId) -> Path:
        return self.folder / f"{organ_id}-defects.xlsx"


def _by_organ(rows: Iterable[DemoRow]) -> dict[OrganId, list[DemoRow]]:
    groups: dict[OrganId, list[DemoRow]] = {}
    for row in rows:
        groups.setdefault(row.organ_id, []).append(row)
    return groups


def _is_lost(row: DemoRow, organ_id: OrganId) -> bool:
    return row.organ_id == organ_id and row.cells["信息资源名称"] == _LOST


def _copy_to_lose(row: DemoRow) -> DemoRow:
    code = f"{row.cells['信息资源代码'].partition('/')[0]}/900019"
    return row.under(title="流动幼儿园备案名录", code=code)
