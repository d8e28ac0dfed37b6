"""An organ releases its catalogue (art. 11): prepared, signed by another person, read, compared and written out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, final

import orjson

from catalogue_app.domain.account import Account, Power, powers_of
from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from catalogue_app.domain.ids import OrganId, new_id
from catalogue_app.domain.metadata import EntryMetadata, to_document
from catalogue_app.domain.release import (
    Release,
    ReleasedEntry,
    ReleaseDiff,
    ReleaseId,
    ReleaseState,
    difference,
)
from catalogue_app.domain.text import clean
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.reference import Reference
from catalogue_app.services.organ_sheet_files import SheetForm, csv_lines, write_workbook

JSON: Final = "json"
FORMS: Final = (*(form.value for form in SheetForm), JSON)
"""Endings of the files a release is written as."""

_LONGEST_NOTE: Final = 1_000


@final
class Releases:
    """Use cases of releases: preparing is for editors of the organ, signing for its approver, reading for everybody."""

    def __init__(self, uow: UnitsOfWork, reference: Reference, clock: Clock) -> None:
        self._uow: Final = uow
        self._reference: Final = reference
        self._clock: Final = clock

    def prepare(self, account: Account, note: str, audience: Audience) -> Release:
        """Put together what the organ has published, up to the tier of who asks. Audited as `release_prepared`.

        Raises:
            NotAllowed: the account is of no organ.
            Conflict: one waits to be signed for this network already.
            InvalidInput: the organ has published nothing there.
        """
        if account.organ_id is None:
            raise NotAllowed
        release = Release(
            id=ReleaseId(new_id()),
            organ_id=account.organ_id,
            tier=audience.tier,
            state=ReleaseState.PREPARED,
            note=clean(note)[:_LONGEST_NOTE],
            prepared_by=account.actor,
            prepared_at=self._clock(),
        )
        with self._uow() as work:
            waiting = work.releases.of_organ(release.organ_id, [ReleaseState.PREPARED], audience)
            if any(one.tier is release.tier for one in waiting):
                raise Conflict("release_pending")
            if work.releases.add(release) == 0:
                raise InvalidInput("release_empty")
            work.record(_event(account, "release_prepared", release))
            work.commit()
        return release

    def sign(self, account: Account, release_id: ReleaseId, audience: Audience) -> Release:
        """Sign a prepared release: it gets the next number and never changes again. Audited as `release_signed`.

        Raises:
            NotAllowed: the account may not sign, is of another organ, or prepared it.
            NotFound: no such release for this audience.
            Conflict: it is signed or given up already.
        """
        if Power.SIGN_RELEASE not in powers_of(account.role):
            raise NotAllowed(power=Power.SIGN_RELEASE)
        with self._uow() as work:
            release = _own(work, account, release_id, audience)
            number = work.releases.last_number(release.organ_id, release.tier) + 1
            signed = release.signed(number, by=account.actor, at=self._clock())
            work.releases.save(signed)
            work.record(_event(account, "release_signed", signed))
            work.commit()
        return signed

    def discard(self, account: Account, release_id: ReleaseId, audience: Audience) -> Release:
        """Give a prepared release up. Audited as `release_discarded`.

        Raises:
            NotAllowed: it is another organ's.
            NotFound: no such release for this audience.
            Conflict: it is signed or given up already.
        """
        with self._uow() as work:
            given_up = _own(work, account, release_id, audience).discarded()
            work.releases.save(given_up)
            work.record(_event(account, "release_discarded", given_up))
            work.commit()
        return given_up

    def of_organ(self, organ_id: str, audience: Audience) -> tuple[Release, ...]:
        """Return the signed releases of an organ, the newest first.

        Raises:
            NotFound: no such organ.
        """
        with self._uow.reading() as look:
            look.organs.by_id(OrganId(organ_id))
            return look.releases.of_organ(organ_id, [ReleaseState.SIGNED], audience)

    def waiting(self, account: Account, audience: Audience) -> tuple[Release, ...]:
        """Return what waits to be signed in one's own organ."""
        with self._uow.reading() as look:
            return look.releases.of_organ(account.organ_id or "", [ReleaseState.PREPARED], audience)

    def find(self, organ_id: str, name: str, audience: Audience) -> Release:
        """Return a signed release by its name, such as `portal-3`.

        Raises:
            NotFound: there is none, or this audience may not know of it.
        """
        tier, _, number = name.partition("-")
        if tier not in set(Tier) or not number.isdecimal() or len(number) > 9:  # noqa: PLR2004 — digits of any number
            raise NotFound("release_not_found")
        with self._uow.reading() as look:
            return look.releases.by_number(organ_id, Tier(tier), int(number), audience)

    def entries(self, release: Release, audience: Audience) -> tuple[ReleasedEntry, ...]:
        """Return the entries of a release as far as an audience may see them today."""
        with self._uow.reading() as look:
            return look.releases.entries(release.id, audience)

    def compare(self, earlier: Release, later: Release, audience: Audience) -> ReleaseDiff:
        """Compare two releases as far as an audience may see their entries today."""
        return difference(self.entries(earlier, audience), self.entries(later, audience))

    def write(self, release: Release, audience: Audience, form: str, path: Path) -> None:
        """Write a release as workbook, CSV or JSON; entries that left the catalogue are not in it.

        Raises:
            InvalidInput: it is written in no such form.
        """
        if form not in FORMS:
            raise InvalidInput("unknown_form", value=form[:20], allowed=", ".join(FORMS))
        with self._uow.reading() as look:
            organ = look.organs.by_id(release.organ_id)
        found = self.entries(release, audience)
        if form == JSON:
            path.write_bytes(orjson.dumps(release_document(release, found), option=orjson.OPT_INDENT_2))
        elif form == SheetForm.XLSX:
            write_workbook(_as_entries(release, found), organ.name.original, self._reference, path)
        else:
            with path.open("wb") as file:
                file.writelines(csv_lines(_as_entries(release, found), self._reference))


def release_document(release: Release, found: tuple[ReleasedEntry, ...]) -> dict[str, object]:
    """Return a release as one JSON object."""
    return {
        "release": release.name,
        "organ": release.organ_id,
        "network_tier": release.tier.value,
        "number": release.number,
        "note": release.note,
        "signed_at": release.signed_at,
        "entries": [_entry_document(one, one.metadata) for one in found if one.metadata is not None],
        "withdrawn_since": [one.code for one in found if one.metadata is None],
    }


def _entry_document(one: ReleasedEntry, said: EntryMetadata) -> dict[str, object]:
    return {"code": one.code, "revision": one.revision, "network_tier": one.tier, "metadata": to_document(said)}


def _as_entries(release: Release, found: tuple[ReleasedEntry, ...]) -> Iterator[Entry]:
    for one in found:
        if one.metadata is not None:
            yield Entry(
                id=one.entry_id,
                serial=0,
                code=one.code,
                organ_id=release.organ_id,
                source_id=None,
                identifier=one.code,
                state=EntryState.PUBLISHED,
                tier=one.tier,
                revision=one.revision,
                metadata=one.metadata,
                violations=(),
                created_at=one.recorded_at,
                changed_at=one.recorded_at,
            )


def _own(work: UnitOfWork, account: Account, release_id: ReleaseId, audience: Audience) -> Release:
    release = work.releases.by_id(release_id, audience)
    if release.organ_id != account.organ_id:
        raise NotAllowed
    return release


def _event(account: Account, action: str, release: Release) -> AuditEvent:
    after = f"{release.organ_id} {release.name} {release.state}"
    return AuditEvent(actor=account.actor, action=action, subject=f"release:{release.id}", after=after)
