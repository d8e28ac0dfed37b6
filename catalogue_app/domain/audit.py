"""An audit event: who did what to which subject, when, and what stood there before and after."""

from dataclasses import dataclass
from typing import final


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
