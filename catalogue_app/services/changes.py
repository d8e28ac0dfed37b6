"""The feed of changes: what an audience would have to do to keep a copy of what it may see."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from catalogue_app.domain.entry import Entry
from catalogue_app.domain.errors import InvalidCursor
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.showings import EntryChange
from catalogue_app.persistence.unit_of_work import UnitsOfWork


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One step.

    Attributes:
        step: code and instant.
        entry: as it is now; none where it is gone.
        organ: that answers for it; none where it is gone.
    """

    step: EntryChange
    entry: Entry | None = None
    organ: Organ | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """A page of the feed.

    Attributes:
        gone: how many entries are gone since the instant asked for, on all pages together.
        next_cursor: leads to the next page; none on the last.
    """

    changes: tuple[Change, ...]
    gone: int
    next_cursor: str | None


@final
class Changes:
    """What may be read of the feed; anybody may ask, each within their reach. Nothing is audited."""

    def __init__(self, uow: UnitsOfWork) -> None:
        self._uow: Final = uow

    def page(self, audience: Audience, since: datetime | None, cursor: str | None, limit: int) -> ChangePage:
        """Return a page of what changed, oldest first; any depth costs the same.

        An entry stands in the feed once, where it last changed. One that was never published within the audience's
        reach does not stand in it at all, whatever became of it.

        Raises:
            InvalidCursor: the cursor is not one of this feed.
        """
        after = _read_cursor(cursor) if cursor is not None else None
        with self._uow.reading() as look:
            steps = look.showings.changes(audience, since, after, limit + 1)
            shown = steps[:limit]
            entries = {it.id: it for it in look.entries.by_ids([it.entry_id for it in shown if it.entry_id])}
            organs = {it.id: it for it in look.organs.all()}
            gone = look.showings.gone(audience, since)
        changes = tuple(_change(step, entries.get(step.entry_id) if step.entry_id else None, organs) for step in shown)
        more = len(steps) > limit
        return ChangePage(changes=changes, gone=gone, next_cursor=_cursor(shown[-1]) if more else None)


def _change(step: EntryChange, entry: Entry | None, organs: Mapping[OrganId, Organ]) -> Change:
    return Change(step=step, entry=entry, organ=organs[entry.organ_id] if entry else None)


def _cursor(step: EntryChange) -> str:
    return base64.urlsafe_b64encode(f"{step.at.isoformat()} {step.serial}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        instant, serial = text.split(" ")
        at, number = datetime.fromisoformat(instant), int(serial)
    except (ValueError, binascii.Error) as error:
        raise InvalidCursor(cursor=cursor[:80]) from error
    if at.tzinfo is None or not 0 < number < 1 << 31:
        raise InvalidCursor(cursor=cursor[:80])
    return at, number
