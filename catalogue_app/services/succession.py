"""One organ takes over another: after a merger or a new name, all that is its goes to the successor."""

from dataclasses import dataclass
from datetime import date
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock, today
from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.register import succeeded
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.successions import Belongings
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.organs import change_event


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessionReport:
    """What a succession moves, or moved, as far as an audience may know.

    Attributes:
        children: organs below the old one that stand below the new one from then on.
    """

    old: Organ
    new: Organ
    on: date
    moves: Belongings
    children: tuple[Organ, ...]

    def document(self) -> dict[str, object]:
        """Return it as JSON value."""
        children = [child.id for child in self.children]
        said = {"old": self.old.id, "new": self.new.id, "on": self.on.isoformat()}
        return {**said, **self.moves.document(), "children": children}


@final
class Succession:
    """Use cases of whoever keeps the register."""

    def __init__(self, uow: UnitsOfWork, clock: Clock) -> None:
        self._uow: Final = uow
        self._clock: Final = clock

    def preview(self, old: str, new: str, audience: Audience, *, on: date | None = None) -> SuccessionReport:
        """Say what a succession would move; nothing is changed.

        Args:
            old: organ that is taken over.
            new: organ that takes it over.
            audience: who asks; what they may not know of moves too, and is not counted.
            on: day from which the old one is no more; today unless given.

        Raises:
            NotFound: there is no such organ.
            InvalidInput, Conflict: as for `domain.register.succeeded`.
            Conflict: a harvest or an upload is at work for the old organ.
        """
        with self._uow.reading() as look:
            return self._planned(look, old, new, on, audience)[0]

    def succeed(
        self, old: str, new: str, audience: Audience, *, actor: str, on: date | None = None
    ) -> SuccessionReport:
        """Close an organ and give all that is its to its successor, in one transaction.

        Entries keep code, id and words; each gets a revision and a line of the audit log. Sources, accounts, proposals
        and uploads go along; signed releases stay with the organ that signed them. Asked again, it takes along what
        came to the old organ meanwhile. Audited as `organ_succeeded`, with a line for everything that moves.

        Arguments and errors as of `preview`.
        """
        at = self._clock()
        with self._uow() as work:
            work.organs.hold()
            work.findings.hold()
            report, changed = self._planned(work, old, new, on, audience)
            before = {organ.id: organ for organ in work.organs.all()}
            for organ in changed:
                work.organs.save(organ)
                work.record(change_event(before[organ.id], organ, actor))
            closed, heir = report.old.id, report.new.id
            _record_belongings(work, closed, heir, actor)
            for codes in work.successions.move_entries(closed, heir, at):
                for code in codes:
                    work.record(_moved("entry_moved", f"entry:{code}", closed, heir, actor))
            work.successions.move_belongings(closed, heir, at)
            work.record(_moved("organ_succeeded", f"organ:{closed}", closed, heir, actor))
            work.commit()
        return report

    def _planned(
        self, look: UnitOfWork, old: str, new: str, on: date | None, audience: Audience
    ) -> tuple[SuccessionReport, tuple[Organ, ...]]:
        day = today(self._clock)
        closed, heir = look.organs.by_id(OrganId(old)), look.organs.by_id(OrganId(new))
        register = {organ.id: organ for organ in look.organs.all()}
        is_again = closed.successor == heir.id
        changed = () if is_again else succeeded(closed, heir, register, on=on or day, today=day)
        if look.successions.is_busy(closed.id):
            raise Conflict("organ_busy", organ=closed.id)
        report = SuccessionReport(
            old=closed,
            new=heir,
            on=(closed.valid_to if is_again else on) or day,
            moves=look.successions.belongings(closed.id, audience),
            children=tuple(organ for organ in changed if organ.id not in {closed.id, heir.id}),
        )
        return report, changed


def _record_belongings(work: UnitOfWork, old: OrganId, new: OrganId, actor: str) -> None:
    """Write down, for each source and person that will move, that it does."""
    for source in work.sources.of_organ(old):
        work.record(_moved("source_moved", f"source:{source.id}", old, new, actor))
    for account in work.accounts.all():
        if account.organ_id == old:
            work.record(_moved("account_moved", f"account:{account.name}", old, new, actor))


def _moved(action: str, subject: str, old: OrganId, new: OrganId, actor: str) -> AuditEvent:
    return AuditEvent(actor=actor, action=action, subject=subject, before=old, after=new)
