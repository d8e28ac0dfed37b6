"""Whether a unit of work owes the audit log an event before it may commit."""

from typing import Final

from sqlalchemy.orm import Session

_OWED: Final = "audit_owed"
_PAID: Final = "audit_recorded"


def demand_audit(session: Session) -> None:
    """Note that this unit changed something that somebody answers for; called by every such repository method."""
    session.info[_OWED] = True


def note_audit(session: Session) -> None:
    """Note that this unit recorded an audit event."""
    session.info[_PAID] = True


def owes_audit(session: Session) -> bool:
    """Say whether something was changed and nobody was named for it."""
    return _OWED in session.info and _PAID not in session.info
