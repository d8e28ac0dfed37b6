"""The register of organs: seeded from the table, changed by import."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.organ import Organ
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.reference import Reference, read_organs
from catalogue_app.services.cells import BYTE_ORDER_MARK, csv_line


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """How many organs an import added, changed and found as they were."""

    added: int
    changed: int
    unchanged: int


COLUMNS: Final = (
    "organ_id",
    "zh",
    "en",
    "kind",
    "short_zh",
    "aliases_zh",
    "district_code",
    "main_theme",
    "uscc",
)
"""Headings of the register as a table: those that an import reads."""


@final
class Organs:
    """Use cases around the register of organs (arts. 2, 3)."""

    def __init__(self, uow: UnitsOfWork, reference: Reference) -> None:
        self._uow = uow
        self._reference = reference

    def seed(self, *, actor: str) -> int:
        """Register the organs of `config/organs` that are not registered yet; returns how many there are in all.

        An organ that an operator changed by import keeps its change. Audited as `organ_added`.
        """
        with self._uow.reading() as look:
            known = {organ.id for organ in look.organs.all()}
        missing = [organ for organ in self._reference.organs.values() if organ.id not in known]
        if missing:
            self._save(missing, actor, only_new=True)
        return len(known | set(self._reference.organs))

    def import_file(self, path: Path, *, actor: str, is_dry: bool = False) -> ImportReport:
        """Add and change organs from a CSV file; one transaction. Audited as `organ_added` and `organ_changed`.

        Of an organ that is registered, what the file has no column for stays as it is.

        Args:
            path: the file.
            actor: who imports it.
            is_dry: only tell what it would do.

        Raises:
            ConfigurationError: a row cannot be read; names file and row.
        """
        known = {organ.id: organ for organ in self.all()}
        return self._save(read_organs(path, self._reference, known), actor, is_dry=is_dry)

    def all(self) -> tuple[Organ, ...]:
        """Return every organ in the order of the register."""
        with self._uow.reading() as look:
            return look.organs.all()

    def table(self) -> Iterator[bytes]:
        """Yield the register as a CSV file that `import_file` reads without changing anything; every cell harmless."""
        yield BYTE_ORDER_MARK + csv_line(COLUMNS)
        for organ in self.all():
            names = organ.name.to_mapping()
            yield csv_line(
                (
                    organ.id,
                    names["zh"],
                    names.get("en", ""),
                    organ.kind.value,
                    organ.short_name,
                    ";".join(organ.aliases),
                    organ.district_code,
                    organ.main_theme,
                    organ.uscc,
                )
            )

    def _save(
        self, organs: Iterable[Organ], actor: str, *, only_new: bool = False, is_dry: bool = False
    ) -> ImportReport:
        added = changed = unchanged = 0
        with self._uow() as work:
            work.organs.hold()
            known = {organ.id: organ for organ in work.organs.all()}
            for organ in organs:
                if known.get(organ.id) == organ or (only_new and organ.id in known):
                    unchanged += 1
                    continue
                is_new = organ.id not in known
                added, changed = added + is_new, changed + (not is_new)
                work.organs.save(organ)
                action = "organ_added" if is_new else "organ_changed"
                work.record(AuditEvent(actor=actor, action=action, subject=f"organ:{organ.id}"))
            if (added or changed) and not is_dry:
                work.commit()
        return ImportReport(added=added, changed=changed, unchanged=unchanged)
