"""Whose bundles are taken in: deployments of lower tiers, by their public keys."""

from dataclasses import replace
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.bundle import BUNDLE_KIND, SENDER_NAME, Sender
from catalogue_app.domain.errors import Conflict, InvalidInput
from catalogue_app.domain.ids import OrganId, SourceId, new_id
from catalogue_app.domain.source import Source
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.bundle_signature import check_key

OPTIONS: Final = {"tier": "portal", "organ_by": "provider", "min_records": "0"}
"""How the source of a sender is read; its tier becomes that of the sender with the first bundle."""


@final
class BundleSenders:
    """The senders; an operator keeps them. Audited as `bundle_sender_trusted` and `bundle_sender_distrusted`."""

    def __init__(self, uow: UnitsOfWork, folder: Path) -> None:
        """Keep where bundles that were let in lie."""
        self._uow: Final = uow
        self._folder: Final = folder

    def all(self) -> tuple[Sender, ...]:
        """Return every sender by name, also those that are trusted no more."""
        with self._uow.reading() as look:
            return look.bundles.senders()

    def trust(self, name: str, public_key: str, organ: OrganId, *, actor: str, replaces: bool = False) -> Sender:
        """Take in what is signed with a key, under a name; the source of its entries is registered with it.

        Args:
            name: what the deployment is called here.
            public_key: as `catalogue bundle key` prints it over there.
            organ: answers here for entries whose own organ is unknown.
            actor: who decides so.
            replaces: the deployment has a new key: the old one counts no more, and serial numbers begin again.

        Raises:
            InvalidInput: the name or the key is not one.
            NotFound: no such organ.
            Conflict: the name has another key, or the key another name.
        """
        if not SENDER_NAME.fullmatch(name):
            raise InvalidInput("bundle_sender_name", value=name)
        key = check_key(public_key)
        with self._uow() as work:
            work.organs.hold()
            work.organs.by_id(organ)
            known = {sender.name: sender for sender in work.bundles.senders()}
            if any(it.public_key == key and it.name != name for it in known.values()):
                raise Conflict("bundle_key_known", key=key)
            if name in known:
                sender = _with_key(known[name], key, replaces=replaces)
            else:
                source = self._source(name, organ)
                work.sources.add(source)
                sender = Sender(name=name, public_key=key, source_id=source.id)
            work.bundles.save(sender)
            work.record(_event(actor, "bundle_sender_trusted", known.get(name), sender))
            work.commit()
        return sender

    def distrust(self, name: str, *, actor: str) -> Sender:
        """Take in nothing more of a sender; its entries stay.

        Raises:
            NotFound: no such sender.
        """
        with self._uow() as work:
            before = work.bundles.by_name(name)
            sender = replace(before, is_trusted=False)
            work.bundles.save(sender)
            work.record(_event(actor, "bundle_sender_distrusted", before, sender))
            work.commit()
        return sender

    def _source(self, name: str, organ: OrganId) -> Source:
        return Source(
            id=SourceId(new_id()),
            organ_id=organ,
            kind=BUNDLE_KIND,
            address=str(self._folder / name),
            options=OPTIONS,
            is_enabled=False,  # a bundle comes when somebody brings it
        )


def _with_key(sender: Sender, key: str, *, replaces: bool) -> Sender:
    if sender.public_key == key:
        return replace(sender, is_trusted=True)
    if not replaces:
        raise Conflict("bundle_sender_known", sender=sender.name)
    return replace(sender, public_key=key, serial=0, digest="", is_done=True, is_trusted=True)


def _event(actor: str, action: str, before: Sender | None, after: Sender) -> AuditEvent:
    was = before.public_key if before and before.is_trusted else ""
    now = after.public_key if after.is_trusted else ""
    return AuditEvent(actor=actor, action=action, subject=f"bundle:{after.name}", before=was, after=now)
