"""The audit log, read, exported and verified; what may be held higher up is told only to who reaches all of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, final

from catalogue_app.domain.audit import AuditFilter, reads_all
from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.errors import InvalidCursor
from catalogue_app.domain.proposal import ProposalState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.audit import AuditLine, ChainVerdict
from catalogue_app.persistence.proposals import ProposalFilter
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.cells import BYTE_ORDER_MARK, csv_line

HEADINGS: Final = ("时间 at", "操作人 actor", "操作 action", "对象 subject", "之前 before", "之后 after", "摘要 digest")

_LONGEST_TRAIL: Final = 500
_LONGEST_CURSOR: Final = 18


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Lines of the log, newest first.

    Attributes:
        next_cursor: asks for the page after; None on the last.
        is_whole: whether lines about entries, proposals and sources are among them: only where the network is the one
            that the highest tier held here is for.
    """

    lines: tuple[AuditLine, ...]
    next_cursor: str | None
    is_whole: bool


@final
class Audit:
    """Use cases of auditors; nothing here changes anything."""

    def __init__(self, uow: UnitsOfWork, ceiling: Tier) -> None:
        self._uow: Final = uow
        self._ceiling: Final = ceiling

    def verify(self) -> ChainVerdict:
        """Walk the whole chain of digests and say where it breaks, if anywhere."""
        with self._uow.reading() as look:
            return look.audit.verify()

    def backwards(self, subject: str | None = None, before: int | None = None) -> Iterator[AuditLine]:
        """Yield the lines, newest first: those about one subject, those before a position, where one is given."""
        with self._uow.reading() as look:
            yield from look.audit.backwards(subject, before)

    def is_whole_for(self, audience: Audience) -> bool:
        """Say whether an audience may read every line."""
        return reads_all(audience.tier, self._ceiling)

    def page(self, wanted: AuditFilter, audience: Audience, cursor: str | None, limit: int) -> AuditPage:
        """Return a page of the lines wanted, newest first.

        Raises:
            InvalidCursor: the cursor is none of ours.
        """
        is_whole = self.is_whole_for(audience)
        before = _position(cursor) if cursor is not None else None
        with self._uow.reading() as look:
            found = look.audit.page(wanted, before, limit + 1, is_whole=is_whole)
        shown = found[:limit]
        return AuditPage(
            lines=shown,
            next_cursor=str(shown[-1].position) if len(found) > limit else None,
            is_whole=is_whole,
        )

    def table(self, wanted: AuditFilter, audience: Audience, name_of: Callable[[str], str]) -> Iterator[bytes]:
        """Yield the lines wanted as CSV, oldest first, every cell harmless; memory stays flat.

        Args:
            wanted: restrictions.
            audience: who asks.
            name_of: names actors as people are called.
        """
        is_whole = self.is_whole_for(audience)
        yield BYTE_ORDER_MARK + csv_line(HEADINGS)
        with self._uow.reading() as look:
            for line in look.audit.chosen(wanted, is_whole=is_whole):
                event, at = line.event, line.recorded_at.astimezone(CITY_ZONE)
                actor = name_of(event.actor)
                named = f"{actor} ({event.actor})" if actor != event.actor else actor
                said = (at.isoformat(timespec="seconds"), named, event.action, event.subject, event.before, event.after)
                yield csv_line((*said, line.digest if is_whole else ""))

    def trail(self, code: str, audience: Audience) -> tuple[AuditLine, ...]:
        """Return who did what to an entry and to what was proposed for it, newest first.

        Raises:
            NotFound: no such entry for this audience.
            Gone: it was withdrawn.
        """
        with self._uow.reading() as look:
            entry = look.entries.by_code(code, audience)
            wanted = ProposalFilter(states=frozenset(ProposalState), entry_id=entry.id)
            proposals = look.proposals.list(wanted, audience, _LONGEST_TRAIL)
            subjects = {f"entry:{entry.code}", *(f"proposal:{one.id}" for one in proposals)}
            return look.audit.about(subjects, _LONGEST_TRAIL)


def _position(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= _LONGEST_CURSOR):
        raise InvalidCursor
    return int(cursor)
