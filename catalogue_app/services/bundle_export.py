"""Hand the catalogue up: write what everybody on this deployment's tier may see into one signed file."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, final

import orjson

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.bundle import ENTRIES, ORGANS, TOMBSTONES, BundlePart, Manifest, check_upwards, write_manifest
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import Conflict, InvalidInput
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.bundles import Tombstone
from catalogue_app.persistence.exports import WholeRow
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.bundle_file import BundleWriter
from catalogue_app.services.bundle_signature import SigningKey


@final
class BundleExport:
    """Bundles for higher tiers. An operator may write them; audited as `bundle_exported`."""

    def __init__(self, uow: UnitsOfWork, key: SigningKey, clock: Clock, *, ceiling: Tier, code_prefix: str) -> None:
        """Keep the parts.

        Args:
            uow: opens units of work.
            key: signs.
            clock: the present instant.
            ceiling: highest tier this deployment may hold: what it hands up, and no more.
            code_prefix: begins the codes this deployment makes.
        """
        self._uow: Final = uow
        self._key: Final = key
        self._clock: Final = clock
        self._ceiling: Final = ceiling
        self._code_prefix: Final = code_prefix

    def write(self, to: Path, to_tier: Tier, *, actor: str) -> Manifest:
        """Write one bundle into a new file, whole or not at all; memory stays flat.

        Everything in it is of one state of the catalogue. Its serial number is taken before the file is there: one that
        could not be written leaves a gap, which the other side tells.

        Raises:
            BundleRefused: the tier is not above this deployment's.
            Conflict: the file is there already.
            InvalidInput: the file cannot be written.
        """
        check_upwards(self._ceiling, to_tier)
        if to.exists():
            raise Conflict("file_there_already", file=str(to))
        draft = to.with_name(f"{to.name}.part")
        try:
            with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
                manifest = self._fill(file, to_tier, actor)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, to)  # fails where somebody made the file meanwhile
        except OSError as error:
            raise InvalidInput("file_not_writable", file=str(to), why=str(error)) from error
        finally:
            draft.unlink(missing_ok=True)
        return manifest

    def _fill(self, file: BinaryIO, to_tier: Tier, actor: str) -> Manifest:
        writer = BundleWriter(file)
        parts = tuple(self._parts(writer))
        manifest = Manifest(
            sender_key=self._key.public,
            from_tier=self._ceiling,
            to_tier=to_tier,
            code_prefix=self._code_prefix,
            serial=self._take_serial(to_tier, actor),
            made_at=self._clock(),
            parts=parts,
        )
        signed = write_manifest(manifest)
        writer.seal(signed, self._key.sign(signed))
        return manifest

    def _parts(self, writer: BundleWriter) -> Iterator[BundlePart]:
        audience = Audience.of_tier(self._ceiling)
        with self._uow.reading() as look:
            organs = {organ.id: organ for organ in look.organs.all()}
            needed: set[OrganId] = set()
            yield from writer.add_in_parts(ENTRIES, _entries(look.exports.whole(audience), organs, needed))
            yield writer.add(f"{ORGANS}.jsonl", (_organ(it) for it in organs.values() if it.id in needed))
            yield writer.add(f"{TOMBSTONES}.jsonl", map(_tombstone, look.bundles.tombstones(audience)))

    def _take_serial(self, to_tier: Tier, actor: str) -> int:
        with self._uow() as work:
            serial = work.bundles.next_serial(to_tier)
            subject = f"bundle:{to_tier}"
            work.record(AuditEvent(actor=actor, action="bundle_exported", subject=subject, after=f"serial={serial}"))
            work.commit()
        return serial


def _entries(rows: Iterator[WholeRow], organs: dict[OrganId, Organ], needed: set[OrganId]) -> Iterator[bytes]:
    for row in rows:
        organ = organs[OrganId(row.organ_id)]
        needed.add(organ.id)
        said = {
            "code": row.code,
            "tier": row.tier,
            "organ": organ.id,
            "organ_name": organ.name.original,
            "revision": row.revision,
            "changed_at": row.changed_at,
            "metadata": orjson.Fragment(row.document),
        }
        yield _line(said)


def _organ(organ: Organ) -> bytes:
    return _line(
        {
            "id": organ.id,
            "name": organ.name.to_mapping(),
            "kind": organ.kind.value,
            "short_name": organ.short_name,
            "aliases": list(organ.aliases),
            "district_code": organ.district_code,
            "uscc": organ.uscc,
            "main_theme": organ.main_theme,
            "obligations": sorted(category.value for category in organ.obligations),
        }
    )


def _tombstone(tombstone: Tombstone) -> bytes:
    return _line(tombstone._asdict())


def _line(said: object) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)
