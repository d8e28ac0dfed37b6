"""The desk keeps single entries: curates elements of harvested ones, withdraws entries and brings them back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.conclusion import WithdrawalReason
from catalogue_app.domain.curation import Curation, curated, value_of
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.errors import Conflict, InvalidInput
from catalogue_app.domain.harvest import tier_of
from catalogue_app.domain.metadata import EntryMetadata, JsonValue
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.persistence.withdrawals import Withdrawal
from catalogue_app.services.harvest_plan import ProfileCheck

CURATION: Final = "curation"
CURATION_ENDED: Final = "curation_ended"
"""Causes of revisions."""

_REPLACED: Final = "replaced"


@final
class EntryKeeping:
    """Use cases of the desk around single entries; every one is a revision and a line of the audit log."""

    def __init__(self, uow: UnitsOfWork, check: ProfileCheck, clock: Clock) -> None:
        self._uow: Final = uow
        self._check: Final = check
        self._clock: Final = clock

    def curate(
        self,
        code: str,
        values: Mapping[str, JsonValue],
        audience: Audience,
        *,
        by: str,
        reason: str,
        revision: int | None = None,
    ) -> Entry:
        """Let elements of a harvested entry say something else than their source, until it says the same by itself.

        Harvests leave curated elements as they are and everything else to the source. Audited as `entry_curated`.

        Args:
            code: catalogue code.
            values: element to value in the form of the JSON document; None silences an element.
            audience: of the person.
            by: the person.
            reason: why, in words.
            revision: of the entry that the person saw; None where they do not say.

        Raises:
            NotFound: as for `Catalogue.entry`.
            Conflict: the entry changed since they saw it.
            InvalidInput: no such element, a value it cannot have or has already, or an entry without a source.
            AboveCeiling: the values ask for a tier above what may be held here.
        """
        with self._uow() as work:
            entry = work.entries.by_code(code, audience)
            if entry.source_id is None:
                raise InvalidInput("entry_without_source", entry=code)
            if revision not in {None, entry.revision}:
                raise Conflict("entry_changed_meanwhile", entry=code)
            metadata = curated(entry.metadata, values)
            changed = [name for name in values if value_of(metadata, name) != value_of(entry.metadata, name)]
            if not changed:
                raise InvalidInput("nothing_to_curate", entry=code)
            stored = self._store(work, entry, metadata, CURATION)
            for element in changed:
                self._hold(work, entry, stored, element, by, reason)
            after = " ".join(f"{element}={value_of(metadata, element)}" for element in changed)
            before = " ".join(f"{element}={value_of(entry.metadata, element)}" for element in changed)
            work.record(
                AuditEvent(actor=by, action="entry_curated", subject=f"entry:{code}", before=before, after=after)
            )
            work.commit()
        return stored

    def release(self, code: str, element: str, audience: Audience, *, by: str, reason: str) -> Entry:
        """Give a curated element back to its source: it says what the source said last. Audited as `curation_ended`.

        Raises:
            NotFound: as for `Catalogue.entry`.
            InvalidInput: the element is not curated.
        """
        with self._uow() as work:
            entry = work.entries.by_code(code, audience)
            ended = work.curations.end(entry.id, element, by=by, at=self._clock(), note=reason)
            if ended is None:
                raise InvalidInput("element_not_curated", entry=code, element=element)
            stored = self._store(work, entry, curated(entry.metadata, {element: ended.source_value}), CURATION_ENDED)
            after = f"{element}={ended.source_value}"
            work.record(AuditEvent(actor=by, action="curation_ended", subject=f"entry:{code}", after=after))
            work.commit()
        return stored

    def withdraw(self, code: str, audience: Audience, *, by: str, reason: str, successor: str | None = None) -> None:
        """Withdraw an entry by decision of a person; no harvest brings it back. Audited as `entry_withdrawn`.

        Raises:
            NotFound: there is no such entry, or no such successor.
            Gone: it was withdrawn before.
        """
        with self._uow() as work:
            entry = work.entries.by_code(code, audience)
            after = work.entries.by_code(successor, audience).id if successor else None
            decided = Withdrawal(
                reason=WithdrawalReason.DECIDED, at=self._clock(), by=by, note=reason, successor_id=after
            )
            work.withdrawals.withdraw([entry.id], decided)
            words = f"{reason} successor={successor}" if successor else reason
            work.record(AuditEvent(actor=by, action="entry_withdrawn", subject=f"entry:{code}", after=words))
            work.commit()

    def restore(self, code: str, *, by: str, reason: str) -> None:
        """Bring a withdrawn entry back into the state it was in. Audited as `entry_restored`.

        Raises:
            NotFound: no entry has this code.
            Conflict: it is not withdrawn.
        """
        with self._uow() as work:
            entry_id = work.entries.id_of(code)
            if work.withdrawals.restore([entry_id], self._clock()) == 0:
                raise Conflict("entry_not_withdrawn", entry=code)
            work.record(AuditEvent(actor=by, action="entry_restored", subject=f"entry:{code}", after=reason))
            work.commit()

    def _store(self, work: UnitOfWork, entry: Entry, metadata: EntryMetadata, cause: str) -> Entry:
        assert entry.source_id is not None  # noqa: S101 — only harvested entries are curated
        source = work.sources.by_id(entry.source_id)
        stored = replace(
            entry,
            metadata=metadata,
            tier=tier_of(metadata, source),
            violations=self._check(metadata, work.organs.by_id(entry.organ_id)),
            revision=entry.revision + 1,
            changed_at=self._clock(),
        )
        work.entries.save(stored, cause)
        return stored

    def _hold(self, work: UnitOfWork, entry: Entry, stored: Entry, element: str, by: str, reason: str) -> None:
        at = self._clock()
        before = work.curations.end(entry.id, element, by=by, at=at, note=_REPLACED)
        said = before.source_value if before else value_of(entry.metadata, element)
        tier = max(entry.tier, stored.tier, key=lambda one: one.level)
        value = value_of(stored.metadata, element)
        if value == said:
            return  # back to what the source says: nothing is left to hold
        work.curations.add(
            Curation(
                entry_id=entry.id,
                element=element,
                value=value,
                source_value=said,
                tier=tier,
                by=by,
                at=at,
                reason=reason,
            )
        )
