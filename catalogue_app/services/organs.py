"""The register of organs: seeded from the table, changed one by one or by a table, written as one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock, today
from catalogue_app.domain.errors import ConfigurationError, Conflict, InvalidInput
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.register import Fault, Register, faults
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.reference import Reference
from catalogue_app.reference_organs import organ_cells
from catalogue_app.services.cells import BYTE_ORDER_MARK, csv_line
from catalogue_app.services.organ_tables import OrganTable, read_organs

_LONGEST_TOLD: Final = 500
"""Characters of what the audit log says stood before, and after."""

COLUMNS: Final = (
    *("organ_id", "zh", "en", "kind", "short_zh", "aliases_zh", "district_code", "main_theme", "uscc"),
    *("parent", "contact", "valid_from", "valid_to", "successor"),
)
"""Headings of the register as a table: those that an import reads."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """How many organs an import added, changed and found as they were."""

    added: int
    changed: int
    unchanged: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a table would do to the register.

    Attributes:
        report: how many organs it would add and change.
        table: what it says, and every cell that is wrong.
        stamp: of the register it was tried against.
    """

    report: ImportReport
    table: OrganTable
    stamp: str


@final
class Organs:
    """Use cases around the register of organs (arts. 2, 3)."""

    def __init__(self, uow: UnitsOfWork, reference: Reference, clock: Clock) -> None:
        self._uow: Final = uow
        self._reference: Final = reference
        self._clock: Final = clock

    def seed(self, *, actor: str) -> int:
        """Register the organs of `config/organs` that are not registered yet; returns how many there are in all.

        An organ that somebody changed keeps its change. Audited as `organ_added`.
        """
        with self._uow.reading() as look:
            known = {organ.id for organ in look.organs.all()}
        missing = [organ for organ in self._reference.organs.values() if organ.id not in known]
        if missing:
            with self._uow() as work:
                register = _held(work)
                _save(work, [organ for organ in missing if organ.id not in register], register, actor)
                work.commit()
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
        file = f"{path.parent.name}/{path.name}"
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError("table_unreadable", file=file, why=str(error)) from error
        with self._uow() as work:
            register = _held(work)
            table = read_organs(text, file, self._reference, register, today(self._clock))
            self._refuse(table, file)
            report = _save(work, table.organs, register, actor)
            if (report.added or report.changed) and not is_dry:
                work.commit()
        return report

    def try_table(self, text: str, file: str) -> Trial:
        """Say what a table would do to the register, and which of its cells are wrong; nothing is stored.

        Raises:
            ConfigurationError: it is no table of organs.
        """
        with self._uow.reading() as look:
            register = {organ.id: organ for organ in look.organs.all()}
            stamp = _written(look.organs.stamp())
        table = read_organs(text, file, self._reference, register, today(self._clock))
        new = sum(organ.id not in register for organ in table.organs)
        same = sum(register.get(organ.id) == organ for organ in table.organs)
        report = ImportReport(added=new, changed=len(table.organs) - new - same, unchanged=same)
        return Trial(report=report, table=table, stamp=stamp)

    def take_table(self, text: str, file: str, *, stamp: str, actor: str) -> ImportReport:
        """Take a table that was tried. Audited as `organ_added` and `organ_changed`.

        Raises:
            ConfigurationError: it is no table of organs.
            Conflict: the register is no longer the one it was tried against, or a cell is wrong.
        """
        with self._uow() as work:
            register = _held(work)
            table = read_organs(text, file, self._reference, register, today(self._clock))
            if stamp != _written(work.organs.stamp()) or table.faults:
                raise Conflict("register_changed_meanwhile")
            report = _save(work, table.organs, register, actor)
            if report.added or report.changed:
                work.commit()
        return report

    def all(self) -> tuple[Organ, ...]:
        """Return every organ in the order of the register."""
        with self._uow.reading() as look:
            return look.organs.all()

    def by_id(self, organ_id: str) -> Organ:
        """Return one organ.

        Raises:
            NotFound: no organ has this id.
        """
        with self._uow.reading() as look:
            return look.organs.by_id(OrganId(organ_id))

    def stamp(self) -> tuple[int, int]:
        """Return what is another whenever the register is; asked before every search."""
        with self._uow.reading() as look:
            return look.organs.stamp()

    def faults(self, organ: Organ, audience: Audience) -> tuple[Fault, ...]:
        """Return everything that is wrong with an organ as somebody wants it to stand.

        An organ is not closed while anything is its that the audience may know of. What they may not know of hinders
        nobody, for a refusal would tell of it (art. 8): such entries become findings of who may see them.
        """
        with self._uow.reading() as look:
            return self._faults(look, organ, {one.id: one for one in look.organs.all()}, audience)

    def save(self, organ: Organ, audience: Audience, *, actor: str) -> Organ:
        """Add an organ or change one. Audited as `organ_added` or `organ_changed`.

        Searches understand its names from the next one on, in every process; see `RegisterLanguage`.

        Args:
            organ: as it shall stand.
            audience: of who saves it.
            actor: who saves it.

        Raises:
            Conflict: somebody changed it meanwhile, or added one of this id.
            InvalidInput: something is wrong with it; see `faults`.
        """
        with self._uow() as work:
            register = _held(work)
            for fault in self._faults(work, organ, register, audience):
                raise InvalidInput(fault.code, value=fault.value)
            report = _save(work, [organ], register, actor)
            if report.added or report.changed:
                work.commit()
        return organ

    def table(self) -> Iterator[bytes]:
        """Yield the register as a CSV file that `import_file` reads without changing anything; every cell harmless."""
        yield BYTE_ORDER_MARK + csv_line(COLUMNS)
        for organ in self.all():
            cells = organ_cells(organ)
            yield csv_line(cells[column] for column in COLUMNS)

    def _faults(self, look: UnitOfWork, organ: Organ, register: Register, audience: Audience) -> tuple[Fault, ...]:
        found = list(faults(organ, register, divisions=self._reference.divisions.keys(), today=today(self._clock)))
        before = register.get(organ.id)
        if before is not None and (before.successor, organ.valid_to) == (organ.successor, before.valid_to):
            return tuple(found)
        is_parent = any(it.parent == organ.id and not it.is_closed(today(self._clock)) for it in register.values())
        if organ.valid_to is not None and (is_parent or look.successions.belongings(organ.id, audience)):
            found.append(Fault(field="valid_to", code="organ_not_empty", value=organ.valid_to.isoformat()))
        return tuple(found)

    def _refuse(self, table: OrganTable, file: str) -> None:
        """Refuse a table because of its first wrong cell.

        Raises:
            ConfigurationError: there is one.
        """
        for cell in table.faults:
            if cell.error is not None:
                raise cell.error
            why, _ = self._reference.messages.problem(cell.fault.code, "en", value=cell.fault.value)
            where = {"file": file, "row": cell.row, "column": cell.column, "value": cell.fault.value}
            raise ConfigurationError("table_broken", **where, why=why)


def _held(work: UnitOfWork) -> dict[OrganId, Organ]:
    work.organs.hold()
    return {organ.id: organ for organ in work.organs.all()}


def _save(work: UnitOfWork, organs: Iterable[Organ], register: Register, actor: str) -> ImportReport:
    added = changed = unchanged = 0
    for organ in organs:
        before = register.get(organ.id)
        if before == organ:
            unchanged += 1
            continue
        added, changed = added + (before is None), changed + (before is not None)
        work.organs.save(organ)
        work.record(change_event(before, organ, actor))
    return ImportReport(added=added, changed=changed, unchanged=unchanged)


def change_event(before: Organ | None, after: Organ, actor: str) -> AuditEvent:
    """Return the line of the audit log about an organ that was added or changed: what it said, and says now."""
    if before is None:
        return AuditEvent(actor=actor, action="organ_added", subject=f"organ:{after.id}")
    old, new = organ_cells(before), organ_cells(after)
    columns = [column for column in new if new[column] != old[column]]
    return AuditEvent(
        actor=actor,
        action="organ_changed",
        subject=f"organ:{after.id}",
        before="; ".join(f"{column}={old[column]}" for column in columns)[:_LONGEST_TOLD],
        after="; ".join(f"{column}={new[column]}" for column in columns)[:_LONGEST_TOLD],
    )


def _written(stamp: tuple[int, int]) -> str:
    return f"{stamp[0]}-{stamp[1]}"
