"""An audit event: who did what to which subject, when, and what stood there before and after."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from catalogue_app.domain.vocabulary import Tier

OF_NOBODYS_TIER: Final = ("account:", "organ:")
"""What subjects begin with that have no network tier: lines about anything else may be about what is held higher up."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One line of the audit log; the log adds time, order and the digest chain.

    Attributes:
        actor: who acted: an account name, `scheduler`, `operator`.
        action: what was done, such as `harvest_applied`.
        subject: on what, such as `source:…`.
        before: digest or short text of the state before; empty when there was none.
        after: digest or short text of the state after.
    """

    actor: str
    action: str
    subject: str
    before: str = ""
    after: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which lines are wanted; what is empty does not restrict.

    Attributes:
        actor: who acted, by the name they sign in with or as the log calls them.
        action: what was done.
        subject: on what; all whose name begins so.
        since: lines of this instant or later.
        until: lines before this instant.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def reads_all(tier: Tier, ceiling: Tier) -> bool:
    """Say whether who reaches a tier may read every line: else how many there are would tell of what lies above."""
    return tier.level >= ceiling.level
