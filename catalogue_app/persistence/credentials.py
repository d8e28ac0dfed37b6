"""What lets somebody in for a while: sessions, API tokens, one-time links, and the count of failed attempts.

Secrets are kept as digests only: who reads the database cannot use what stands there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, final
from uuid import UUID

from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.account import AccountId, Scope, Token, TokenId
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base, JsonDocument

_STEP: Final = timedelta(minutes=1)
"""How exactly uses are noted: a page of many requests writes once."""


class SessionRow(Base):
    """One browser that is signed in."""

    __tablename__ = "account_session"

    digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class TokenRow(Base):
    """One API token; never deleted."""

    __tablename__ = "api_token"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    label: Mapped[str]
    prefix: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(JsonDocument)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LinkRow(Base):
    """One link by which an account's owner sets a password, once."""

    __tablename__ = "account_link"

    digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    expires_at: Mapped[datetime]


class FailureRow(Base):
    """Failed attempts to sign in by one name, whether or not an account has it: both look the same from outside."""

    __tablename__ = "sign_in_failure"

    digest: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    failed_at: Mapped[datetime]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSession:
    """One browser that is signed in."""

    account_id: AccountId
    started_at: datetime
    seen_at: datetime


@final
class CredentialRepository:
    """Sessions, tokens, links and failures of all accounts."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    # --- sessions ---

    def begin_session(self, digest: str, account_id: AccountId, at: datetime) -> None:
        """Let a browser in."""
        self._session.add(SessionRow(digest=digest, account_id=account_id, started_at=at, seen_at=at))
        self._session.flush()

    def browser_session(self, digest: str) -> BrowserSession | None:
        """Return a session by the digest of its secret."""
        row = self._session.get(SessionRow, digest)
        if row is None:
            return None
        return BrowserSession(account_id=AccountId(row.account_id), started_at=row.started_at, seen_at=row.seen_at)

    def see_session(self, digest: str, at: datetime) -> None:
        """Note that a session was used."""
        self._session.execute(update(SessionRow).where(SessionRow.digest == digest).values(seen_at=at))

    def end_session(self, digest: str) -> None:
        """Let a browser out."""
        self._session.execute(delete(SessionRow).where(SessionRow.digest == digest))

    def end_sessions(self, account_id: AccountId) -> None:
        """Let every browser of an account out."""
        self._session.execute(delete(SessionRow).where(SessionRow.account_id == account_id))

    def end_old_sessions(self, *, seen_before: datetime, started_before: datetime) -> None:
        """Forget sessions that are over by themselves."""
        is_over = (SessionRow.seen_at < seen_before) | (SessionRow.started_at < started_before)
        self._session.execute(delete(SessionRow).where(is_over))

    # --- tokens ---

    def add_token(self, token: Token, digest: str) -> None:
        """Store a new token with the digest of its whole text."""
        demand_audit(self._session)
        self._session.add(
            TokenRow(
                id=token.id,
                account_id=token.account_id,
                label=token.label,
                prefix=token.prefix,
                digest=digest,
                scopes=sorted(scope.value for scope in token.scopes),
                created_at=token.created_at,
                expires_at=token.expires_at,
            )
        )
        self._session.flush()

    def token(self, prefix: str) -> tuple[Token, str] | None:
        """Return a token and the digest of its text by its prefix."""
        row = self._session.scalars(select(TokenRow).where(TokenRow.prefix == prefix)).first()
        return None if row is None else (_token(row), row.digest)

    def tokens(self, account_id: AccountId) -> tuple[Token, ...]:
        """Return all tokens an account ever had, oldest first."""
        rows = select(TokenRow).where(TokenRow.account_id == account_id).order_by(TokenRow.created_at, TokenRow.prefix)
        return tuple(map(_token, self._session.scalars(rows)))

    def use_token(self, token: Token, at: datetime) -> bool:
        """Note that a token was used, to the minute; returns whether there was anything to note."""
        if token.last_used_at is not None and at - token.last_used_at < _STEP:
            return False
        self._session.execute(update(TokenRow).where(TokenRow.id == token.id).values(last_used_at=at))
        return True

    def revoke_tokens(self, tokens: Iterable[TokenId], at: datetime) -> None:
        """Make tokens useless from now on."""
        demand_audit(self._session)
        chosen = (TokenRow.id.in_(list(tokens)), TokenRow.revoked_at.is_(None))
        self._session.execute(update(TokenRow).where(*chosen).values(revoked_at=at))

    # --- links ---

    def add_link(self, digest: str, account_id: AccountId, expires_at: datetime) -> None:
        """Store a one-time link; the account's earlier ones stop working."""
        self.end_links(account_id)
        self._session.add(LinkRow(digest=digest, account_id=account_id, expires_at=expires_at))
        self._session.flush()

    def linked(self, digest: str, at: datetime) -> AccountId | None:
        """Return whose link it is, while it works."""
        row = self._session.get(LinkRow, digest)
        return AccountId(row.account_id) if row is not None and at < row.expires_at else None

    def end_links(self, account_id: AccountId) -> None:
        """Make an account's links useless."""
        self._session.execute(delete(LinkRow).where(LinkRow.account_id == account_id))

    # --- failures ---

    def failures(self, digest: str, since: datetime) -> int:
        """Return how often a name failed in a row; failures before an instant are forgotten."""
        row = self._session.get(FailureRow, digest)
        return row.count if row is not None and row.failed_at >= since else 0

    def count_failure(self, digest: str, at: datetime, since: datetime) -> int:
        """Count one more failure and return how many there are now; what lies before `since` is forgotten."""
        self._session.execute(delete(FailureRow).where(FailureRow.failed_at < since))
        count = self.failures(digest, since) + 1
        self._session.merge(FailureRow(digest=digest, count=count, failed_at=at))
        self._session.flush()
        return count

    def forget_failures(self, digest: str) -> None:
        """Begin to count anew."""
        self._session.execute(delete(FailureRow).where(FailureRow.digest == digest))


def _token(row: TokenRow) -> Token:
    return Token(
        id=TokenId(row.id),
        account_id=AccountId(row.account_id),
        label=row.label,
        prefix=row.prefix,
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
