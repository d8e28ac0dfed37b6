"""Take a bundle in: verified whole, let in once, then harvested like any source, with what went away below gone here.

The steps, each of which may be the last of a process that dies, after which the same file goes on:

1. The file is copied into the data directory and verified; a refusal leaves nothing behind.
2. It is let in: serial number, missing organs and the address of its source in one transaction.
3. Entries withdrawn below are withdrawn here, batch by batch.
4. A run of its source plans, gates and applies the entries; see `services/harvesting.py`.
5. What a complete run no longer saw is withdrawn, and the bundle is done.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, final

import orjson

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.bundle import ENTRIES, ORGANS, TOMBSTONES, Manifest, Sender, check_addressed
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.conclusion import WithdrawalReason
from catalogue_app.domain.errors import BundleRefused, Conflict, InvalidInput
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.text import LocalizedText, fold
from catalogue_app.domain.vocabulary import DisclosureCategory, OrganKind, Tier
from catalogue_app.persistence.locks import Lock
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.persistence.withdrawals import Withdrawal
from catalogue_app.services.bundle_file import WholeBundle, read_whole
from catalogue_app.services.harvest_report import RunReport
from catalogue_app.services.harvesting import Harvesting
from catalogue_app.services.lead import FileLock

_BATCH: Final = 500
"""Tombstones of one transaction."""

_TOLD: Final = ("name", "kind", "short_name", "aliases", "district_code", "uscc", "main_theme", "obligations")
_INCOMING: Final = "incoming-"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """What became of a bundle.

    Attributes:
        missed: bundles that were made before it and never came here.
        report: of the run that took its entries in.
        organs_added: organs that were unknown here.
        organs_kept: organs that the sender describes in another way; they stay as they are here.
        withdrawn: entries withdrawn because they were withdrawn below.
        vanished: entries withdrawn because the bundle, which is complete, no longer has them.
    """

    sender: str
    manifest: Manifest
    missed: int
    report: RunReport
    organs_added: tuple[OrganId, ...]
    organs_kept: tuple[OrganId, ...]
    withdrawn: int
    vanished: int


@final
class BundleImport:
    """Bundles from below. An operator may bring them; audited as `bundle_let_in`, `bundle_withdrawn`, `bundle_done`."""

    def __init__(  # noqa: PLR0913 — what a bundle is judged by, handed in once by the container
        self,
        uow: UnitsOfWork,
        harvesting: Harvesting,
        clock: Clock,
        *,
        folder: Path,
        max_bytes: int,
        ceiling: Tier,
        code_prefix: str,
    ) -> None:
        """Keep the parts.

        Args:
            uow: opens units of work.
            harvesting: runs the source of a sender.
            clock: the present instant.
            folder: where bundles that were let in lie.
            max_bytes: of a bundle, packed and unpacked.
            ceiling: highest tier this deployment may hold.
            code_prefix: begins the codes this deployment makes.
        """
        self._uow: Final = uow
        self._harvesting: Final = harvesting
        self._clock: Final = clock
        self._folder: Final = folder
        self._max_bytes: Final = max_bytes
        self._ceiling: Final = ceiling
        self._code_prefix: Final = code_prefix

    def take(self, file: Path, *, actor: str, release: str | None = None) -> Taking:
        """Take a bundle in, or go on with the one that was being taken in.

        Args:
            file: the bundle; it is copied and may go afterwards.
            actor: who brings it.
            release: named person who lets its run pass the gate that held it.

        Raises:
            BundleRefused: it is not let in; nothing of it was stored.
            InvalidInput: the file cannot be read.
            Conflict: another bundle is being taken in.
        """
        with self._alone():
            copy = self._copied(file)
            try:
                whole, sender = self._judged(copy)
                missed = sender.missed_before(whole.manifest.serial, whole.digest)
                whole, sender, organs = self._let_in(whole, sender, missed, actor)
            finally:
                copy.unlink(missing_ok=True)
            withdrawn = self._withdraw(whole, sender, actor)
            report = self._run(sender, actor, release)
            vanished = self._finish(sender, report, actor)
        added, kept = organs
        return Taking(
            sender=sender.name,
            manifest=whole.manifest,
            missed=missed,
            report=report,
            organs_added=added,
            organs_kept=kept,
            withdrawn=withdrawn,
            vanished=vanished,
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let nobody else take a bundle in: on this machine by a file, among several by the database."""
        lock = FileLock(self._folder.with_suffix(".lock"))
        with self._uow.alone(Lock.BUNDLE) as is_free:
            if not is_free or not lock.take():
                raise Conflict("bundle_busy")
            try:
                yield
            finally:
                lock.let_go()

    def _copied(self, file: Path) -> Path:
        """Copy the file to where nobody else changes it, as far as a bundle may be large."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in self._folder.glob(f"{_INCOMING}*"):
                left.unlink()  # by a process that died
            if (size_bytes := file.stat().st_size) > self._max_bytes:
                raise BundleRefused("bundle_too_large", size_bytes=size_bytes, limit_bytes=self._max_bytes)
            with file.open("rb") as there, NamedTemporaryFile(prefix=_INCOMING, dir=self._folder, delete=False) as here:
                shutil.copyfileobj(there, here)
                os.fsync(here.fileno())
            return Path(here.name)
        except OSError as error:
            raise InvalidInput("bundle_unreadable", file=str(file), why=str(error.strerror)) from error

    def _judged(self, copy: Path) -> tuple[WholeBundle, Sender]:
        with self._uow.reading() as look:
            trusted = {sender.public_key: sender for sender in look.bundles.senders() if sender.is_trusted}
        whole = read_whole(copy, max_bytes=self._max_bytes, is_trusted=trusted.__contains__)
        check_addressed(whole.manifest, ceiling=self._ceiling, code_prefix=self._code_prefix)
        return whole, trusted[whole.manifest.sender_key]

    def _let_in(
        self, whole: WholeBundle, sender: Sender, missed: int, actor: str
    ) -> tuple[WholeBundle, Sender, tuple[tuple[OrganId, ...], tuple[OrganId, ...]]]:
        """Make the bundle the one that its source stands for; from here on no other may have its serial number."""
        described = _organs(whole)
        home = self._folder / sender.name / f"{whole.manifest.serial:09d}.bundle"
        home.parent.mkdir(mode=0o700, exist_ok=True)
        whole.path.replace(home)
        stands = replace(sender, serial=whole.manifest.serial, digest=whole.digest, is_done=False)
        with self._uow() as work:
            organs = _bring_organs(work, described, actor)
            source = work.sources.by_id(sender.source_id)
            options = {**source.options, "tier": whole.manifest.from_tier.value}
            work.sources.replace(replace(source, address=str(home), options=options))
            work.bundles.save(stands)
            said = f"serial={stands.serial} missed={missed} entries={whole.manifest.lines(ENTRIES)}"
            work.record(_event(actor, "bundle_let_in", sender, f"{said} digest={whole.digest}"))
            work.commit()
        for older in home.parent.glob("*.bundle"):
            if older != home:
                older.unlink()
        return replace(whole, path=home), stands, organs

    def _withdraw(self, whole: WholeBundle, sender: Sender, actor: str) -> int:
        """Withdraw here what was withdrawn below, a batch a transaction; what never came here has nothing to lose."""
        withdrawn = 0
        for batch in _batches(map(orjson.loads, whole.lines(f"{TOMBSTONES}.jsonl"))):
            with self._uow() as work:
                live = work.bundles.live(sender.source_id, [str(it["code"]) for it in batch])
                heirs = work.bundles.ids_of([str(it["successor"]) for it in batch if it["successor"]])
                gone = [it for it in batch if it["code"] in live]
                for it in gone:
                    withdrawal = Withdrawal(
                        reason=WithdrawalReason.BELOW,
                        at=self._clock(),
                        by=f"bundle:{sender.name}",
                        note=f"{it['reason']} {it['withdrawn_at']}",
                        successor_id=heirs.get(str(it["successor"])),
                    )
                    work.withdrawals.withdraw([live[str(it["code"])]], withdrawal)
                if gone:
                    work.record(_event(actor, "bundle_withdrawn", sender, f"entries={len(gone)}"))
                    work.commit()
            withdrawn += len(gone)
        return withdrawn

    def _run(self, sender: Sender, actor: str, release: str | None) -> RunReport:
        """Harvest the bundle; a run that an older bundle was left with is finished first."""
        with self._uow.reading() as look:
            left = {lease.run.id for lease in look.runs.running(sender.source_id)}
        report = self._harvesting.run(sender.source_id, actor=actor, release=release)
        if report.run.id in left:
            report = self._harvesting.run(sender.source_id, actor=actor, release=release)
        return report

    def _finish(self, sender: Sender, report: RunReport, actor: str) -> int:
        """Withdraw what is no longer there, where the run may say so, and end with the bundle."""
        if report.state is not RunState.COMPLETE:
            return 0
        with self._uow() as work:
            at = self._clock()
            lapsed = Withdrawal(reason=WithdrawalReason.BELOW, at=at, by=f"bundle:{sender.name}", run_id=report.run.id)
            before = at + timedelta(microseconds=1)
            vanished = work.withdrawals.withdraw_lapsed(sender.source_id, lapsed, runs=1, before=before)
            work.bundles.save(replace(sender, is_done=True))
            work.record(_event(actor, "bundle_done", sender, f"serial={sender.serial} vanished={vanished}"))
            work.commit()
        return vanished


def _bring_organs(
    work: UnitOfWork, organs: Sequence[Organ], actor: str
) -> tuple[tuple[OrganId, ...], tuple[OrganId, ...]]:
    """Register the organs that are unknown here by id and by name; return those added, and those told otherwise."""
    work.organs.hold()
    known = {organ.id: organ for organ in work.organs.all()}
    names = {fold(organ.name.original) for organ in known.values()}
    added = [it for it in organs if it.id not in known and fold(it.name.original) not in names]
    for organ in added:
        work.organs.save(organ)
        work.record(AuditEvent(actor=actor, action="organ_added", subject=f"organ:{organ.id}"))
    brought = {organ.id for organ in added}
    kept = [it.id for it in organs if it.id not in brought and not _is_same(it, known.get(it.id))]
    return tuple(organ.id for organ in added), tuple(kept)


def _is_same(told: Organ, known: Organ | None) -> bool:
    """Compare what a bundle tells of organs; their lives are the register's own."""
    return known is not None and all(getattr(told, name) == getattr(known, name) for name in _TOLD)


def _organs(whole: WholeBundle) -> list[Organ]:
    try:
        return [_organ(orjson.loads(line)) for line in whole.lines(f"{ORGANS}.jsonl")]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleRefused("bundle_malformed", member=f"{ORGANS}.jsonl") from error


def _organ(said: dict[str, object]) -> Organ:
    names, aliases, obligations = said["name"], said["aliases"], said["obligations"]
    if not isinstance(names, dict) or not isinstance(aliases, list) or not isinstance(obligations, list):
        raise TypeError("organ")
    return Organ(
        id=OrganId(str(said["id"])),
        name=LocalizedText.from_mapping(names),
        kind=OrganKind(str(said["kind"])),
        short_name=str(said["short_name"]),
        aliases=tuple(map(str, aliases)),
        district_code=str(said["district_code"]),
        uscc=str(said["uscc"]),
        main_theme=str(said["main_theme"]),
        obligations=frozenset(DisclosureCategory(category) for category in obligations),
    )


def _batches(items: Iterable[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _event(actor: str, action: str, sender: Sender, after: str) -> AuditEvent:
    return AuditEvent(actor=actor, action=action, subject=f"bundle:{sender.name}", after=after)
