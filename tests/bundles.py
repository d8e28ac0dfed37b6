"""Two deployments, one below the other, and bundles between them, sound and spoilt."""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from catalogue_app.container import Container
from catalogue_app.domain.bundle import Manifest, read_manifest, write_manifest
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.ids import OrganId, SourceId
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.bundle_file import MANIFEST, SIGNATURE
from catalogue_app.services.bundle_import import Taking
from tests.builders import a_withdrawal, an_event
from tests.living import open_catalogue
from tests.malformed import entries_of

SENDER = "extranet"


@dataclass(frozen=True, kw_only=True)
class Tiers:
    """A deployment of the extranet, and one of the intranet that trusts it."""

    below: Container
    above: Container
    folder: Path

    def export(self, name: str = "one.bundle", to_tier: Tier = Tier.INTRANET) -> Path:
        """Write the next bundle and return its file."""
        file = self.folder / name
        self.below.bundle_export.write(file, to_tier, actor="test")
        return file

    def take(self, file: Path, release: str | None = None) -> Taking:
        """Take a bundle in and bring what changed into the index."""
        taking = self.above.bundle_import.take(file, actor="test", release=release)
        self.above.index_feed.drain()
        return taking

    def send(self, name: str) -> Taking:
        """Export and take in."""
        return self.take(self.export(name))

    @property
    def source_id(self) -> SourceId:
        """The source of the sender above."""
        (sender,) = self.above.bundle_senders.all()
        return sender.source_id

    @property
    def arrived(self) -> Mapping[str, Entry]:
        """Code to entry of everything that came from below, withdrawn or not."""
        return entries_of(self.above, self.source_id)


def two_tiers(folder: Path, **above: str) -> Tiers:
    """Open both deployments; the upper one trusts the lower one."""
    below = open_catalogue(folder / "below", tier_ceiling="extranet")
    variables = {"tier_ceiling": "intranet", "municipality_code_prefix": "TW"} | above
    upper = open_catalogue(folder / "above", **variables)
    upper.bundle_senders.trust(SENDER, below.bundle_key.public, OrganId("data"), actor="test")
    return Tiers(below=below, above=upper, folder=folder)


def save(container: Container, *entries: Entry) -> None:
    """Store entries as they are."""
    with container.uow() as work:
        for entry in entries:
            work.entries.save(entry, "harvest")
        work.record(an_event())
        work.commit()


def withdraw(container: Container, *entries: Entry, successor: Entry | None = None) -> None:
    """Withdraw entries by decision of a person."""
    with container.uow() as work:
        said = replace(a_withdrawal(container.clock()), successor_id=successor.id if successor else None)
        work.withdrawals.withdraw([entry.id for entry in entries], said)
        work.record(an_event())
        work.commit()


def members_of(file: Path) -> dict[str, bytes]:
    """Return the members of a bundle, unpacked."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(file: Path, members: Mapping[str, bytes]) -> Path:
    """Pack members into a file of their own."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file


def signed_anew(tiers: Tiers, file: Path, change: Callable[[Manifest], Manifest]) -> Path:
    """Change what the manifest of a bundle says, and sign it again with the sender's own key."""
    members = members_of(file)
    written = write_manifest(change(read_manifest(members[MANIFEST])))
    return resealed(tiers, file, written)


def resealed(tiers: Tiers, file: Path, manifest: bytes) -> Path:
    """Give a bundle another manifest, signed with the sender's own key."""
    members = members_of(file) | {MANIFEST: manifest, SIGNATURE: tiers.below.bundle_key.sign(manifest)}
    return packed(file.with_suffix(".anew"), members)
