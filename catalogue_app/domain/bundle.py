"""A bundle: what one deployment hands up to a higher tier as a file, and the rules by which it is let in (art. 8).

Members of the file: `manifest.json`, `signature` over the manifest's bytes, and the parts that the manifest names with
their digests. A bundle is always complete: what it does not name is no longer shown below.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, final

from catalogue_app.domain.errors import BundleRefused
from catalogue_app.domain.ids import CatalogueCode, OrganId, SourceId
from catalogue_app.domain.metadata import JsonValue
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.vocabulary import Tier

FORMAT: Final = "municipal-catalogue-bundle"
VERSION: Final = 1
"""Raised when a reader of the version before would misunderstand what is written now."""

HIGHEST_SERIAL: Final = (1 << 31) - 1

BUNDLE_KIND: Final = SourceKind("bundle")
"""Kind of the source that stands for a sender; nobody can register one but by trusting a sender."""

ENTRIES, ORGANS, TOMBSTONES = "entries", "organs", "tombstones"
PART_NAME: Final = re.compile(rf"({ENTRIES}-\d{{6}}|{ORGANS}|{TOMBSTONES})\.jsonl")
"""Names that parts have; no other name is ever opened."""

SENDER_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""How senders may be called here; also the name of a folder."""

CODE: Final = re.compile(r"[A-Z]{2}\d{8,12}")
"""A catalogue code, see `ids.catalogue_code`."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What the deployment that a record comes from has decided about its entry; it stands here as well.

    Attributes:
        organ_id: who answers for it.
        organ_name: what that organ is called there, for where its id means nothing here.
    """

    code: CatalogueCode
    tier: Tier
    organ_id: OrganId
    organ_name: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePart:
    """One member of a bundle: lines of JSON.

    Attributes:
        sha256: 64 hexadecimal characters over its bytes, unpacked.
        size_bytes: unpacked.
        lines: how many it holds.
    """

    name: str
    sha256: str
    size_bytes: int
    lines: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a bundle says of itself; its bytes are what is signed.

    Attributes:
        sender_key: public key of the deployment that made it.
        from_tier: the highest tier that deployment may hold.
        to_tier: the tier it is meant for.
        code_prefix: begins the codes that deployment makes.
        serial: 1 and up for each tier a deployment sends to; never given twice.
        parts: every other member but the signature.
    """

    sender_key: str
    from_tier: Tier
    to_tier: Tier
    code_prefix: str
    serial: int
    made_at: datetime
    parts: tuple[BundlePart, ...]

    @property
    def entry_parts(self) -> tuple[str, ...]:
        """Names of the parts that hold entries, in their order."""
        return tuple(part.name for part in self.parts if part.name.startswith(ENTRIES))

    def lines(self, of: str) -> int:
        """Return how many lines the parts of one sort hold together."""
        return sum(part.lines for part in self.parts if part.name.startswith(of))

    @property
    def size_bytes(self) -> int:
        """Bytes of all parts together, unpacked."""
        return sum(part.size_bytes for part in self.parts)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A deployment whose bundles are taken in, and the last one that was.

    Attributes:
        name: what it is called here.
        source_id: its entries are those of this source.
        serial: of the last bundle let in; 0 before the first.
        digest: over that bundle's manifest.
        is_done: whether that bundle was taken in to its end.
        is_trusted: whether its key still counts.
    """

    name: str
    public_key: str
    source_id: SourceId
    serial: int = 0
    digest: str = ""
    is_done: bool = True
    is_trusted: bool = True

    def missed_before(self, serial: int, digest: str) -> int:
        """Say how many bundles were left out between the last one and this one; the same unfinished one goes on.

        Raises:
            BundleRefused: `bundle_replayed`, this serial number or a later one was let in before.
        """
        if serial == self.serial and digest == self.digest and not self.is_done:
            return 0
        if serial <= self.serial:
            raise BundleRefused("bundle_replayed", sender=self.name, serial=serial, last=self.serial)
        return serial - self.serial - 1


def check_upwards(from_tier: Tier, to_tier: Tier) -> None:
    """Refuse every way but up.

    Raises:
        BundleRefused: `bundle_not_upwards`.
    """
    if to_tier.level <= from_tier.level:
        raise BundleRefused("bundle_not_upwards", from_tier=from_tier.value, to_tier=to_tier.value)


def check_addressed(manifest: Manifest, *, ceiling: Tier, code_prefix: str) -> None:
    """Refuse a bundle that does not come from below, is for another tier, or whose codes would be taken for our own.

    Raises:
        BundleRefused: `bundle_not_upwards`, `bundle_for_another_tier` or `bundle_prefix_shared`.
    """
    check_upwards(manifest.from_tier, ceiling)
    if manifest.to_tier is not ceiling:
        raise BundleRefused("bundle_for_another_tier", to_tier=manifest.to_tier.value, ceiling=ceiling.value)
    if manifest.code_prefix == code_prefix:
        raise BundleRefused("bundle_prefix_shared", prefix=code_prefix)


def write_manifest(manifest: Manifest) -> bytes:
    """Write the bytes that are signed."""
    said = asdict(manifest) | {"format": FORMAT, "version": VERSION, "made_at": manifest.made_at.isoformat()}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode()


def read_manifest(written: bytes) -> Manifest:
    """Read what `write_manifest` wrote.

    Raises:
        BundleRefused: `bundle_malformed`, or `bundle_version_unknown`.
    """
    try:
        said = json.loads(written)
        if said["format"] != FORMAT:
            raise BundleRefused("bundle_malformed", member="manifest.json")
        if said["version"] != VERSION:
            raise BundleRefused("bundle_version_unknown", version=said["version"], known=VERSION)
        return _manifest(said)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BundleRefused("bundle_malformed", member="manifest.json") from error


def _manifest(said: Mapping[str, JsonValue]) -> Manifest:
    parts = said["parts"]
    if not isinstance(parts, list):
        raise TypeError("parts")
    manifest = Manifest(
        sender_key=str(said["sender_key"]),
        from_tier=Tier(str(said["from_tier"])),
        to_tier=Tier(str(said["to_tier"])),
        code_prefix=str(said["code_prefix"]),
        serial=_number(said["serial"]),
        made_at=datetime.fromisoformat(str(said["made_at"])),
        parts=tuple(map(_part, parts)),
    )
    names = [part.name for part in manifest.parts]
    if manifest.serial > HIGHEST_SERIAL:
        raise ValueError("serial")
    if len(names) != len(set(names)) or not all(map(PART_NAME.fullmatch, names)):
        raise ValueError("names of parts")
    return manifest


def _part(said: JsonValue) -> BundlePart:
    if not isinstance(said, dict):
        raise TypeError("part")
    return BundlePart(
        name=str(said["name"]),
        sha256=str(said["sha256"]),
        size_bytes=_number(said["size_bytes"]),
        lines=_number(said["lines"]),
    )


def _number(said: JsonValue) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said < 1 << 53:
        raise ValueError(said)
    return said
