"""`/changes`: what changed since an instant, deletions included, for those who keep a copy."""

from typing import Final

from catalogue_app.domain.metadata import Document, JsonValue
from catalogue_app.domain.visibility import Audience
from catalogue_app.services.changes import Change
from catalogue_app.web.api_v1.documents import iso, metadata_of
from catalogue_app.web.context import services
from catalogue_app.web.endpoint import Group
from catalogue_app.web.language import Language
from catalogue_app.web.schemas.change import ChangesAsked, ChangesParameters, ChangesSchema

CHANGES: Final = Group("changes", "What changed, deletions included: a feed to keep a copy by.")


@CHANGES.get("/changes", asks=(ChangesParameters, ChangesAsked), answers=ChangesSchema)
def list_changes(audience: Audience, asked: ChangesAsked) -> Document:
    """List what changed since an instant, oldest first; every entry once, where it last changed.

    Without `since` it lists every published entry, and every one that is gone. An entry that was never published on
    this network or a lower one is not in it. Ask again with an instant a little before your last reading: what two
    machines call now differs.
    """
    page = services().changes.page(audience, asked.since, asked.cursor, asked.limit)
    items: list[JsonValue] = [_item(change, asked.lang) for change in page.changes]
    return {"items": items, "gone": page.gone, "next": page.next_cursor}


def _item(change: Change, language: Language) -> Document:
    entry, organ = change.entry, change.organ
    return {
        "code": change.step.code,
        "change": "present" if entry else "gone",
        "changed_at": iso(change.step.at),
        "organ": entry.organ_id if entry else None,
        "organ_name": organ.name.pick(language)[1] if organ else None,
        "state": entry.state.value if entry else None,
        "tier": entry.tier.value if entry else None,
        "revision": entry.revision if entry else None,
        "metadata": metadata_of(entry.metadata) if entry else None,
    }
