"""Accounts: their rows and their repository; what proves who somebody is stands in rows of its own kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, final
from uuid import UUID

from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.account import Account, AccountId, Role
from catalogue_app.domain.errors import Conflict, NotFound
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base, JsonDocument


class AccountRow(Base):
    """One account, with what proves that somebody is its owner."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    person: Mapped[str]
    role: Mapped[str]
    organ_id: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    clearance: Mapped[str]
    email: Mapped[str]
    subject: Mapped[str | None] = mapped_column(unique=True)
    is_locked: Mapped[bool]
    created_at: Mapped[datetime]
    password: Mapped[str]
    totp_secret: Mapped[str]
    totp_step: Mapped[int]
    recovery: Mapped[list[str]] = mapped_column(JsonDocument)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What an account's owner is known by.

    Attributes:
        password: hash in the form of argon2; empty while none was set.
        totp_secret: the sealed secret of the second factor; empty without one.
        totp_step: number of the last 30 seconds whose one-time code was used; no code works twice.
        recovery: digests of the recovery codes not used yet.
    """

    password: str = ""
    totp_secret: str = ""
    totp_step: int = 0
    recovery: tuple[str, ...] = field(default=())


@final
class AccountRepository:
    """All accounts, some hundreds to thousands."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def add(self, account: Account) -> None:
        """Store a new account without a password: nobody can sign in by it yet.

        Raises:
            Conflict: the name is taken.
        """
        if self.find(account.name) is not None:
            raise Conflict("account_name_taken", name=account.name)
        demand_audit(self._session)
        row = AccountRow(id=account.id, created_at=account.created_at, password="", totp_secret="", totp_step=0)
        row.recovery = []
        _fill(row, account)
        self._session.add(row)
        self._session.flush()

    def replace(self, account: Account) -> None:
        """Store an account as it now is; what proves its owner stays.

        Raises:
            NotFound: no such account.
        """
        demand_audit(self._session)
        _fill(self._row(account.id), account)
        self._session.flush()

    def by_id(self, account_id: AccountId) -> Account:
        """Return one account.

        Raises:
            NotFound: no account has this id.
        """
        return _account(self._row(account_id))

    def find(self, name: str) -> Account | None:
        """Return the account of a sign-in name, as `domain.account.account_name` writes it."""
        return self._one(AccountRow.name == name)

    def by_name(self, name: str) -> Account:
        """Return the account of a sign-in name.

        Raises:
            NotFound: no account has it.
        """
        account = self.find(name)
        if account is None:
            raise NotFound("account_not_found", name=name)
        return account

    def by_subject(self, subject: str) -> Account | None:
        """Return the account linked to a person of the OpenID provider."""
        return self._one(AccountRow.subject == subject) if subject else None

    def by_mail(self, address: str) -> Account | None:
        """Return the account with a mail address, where exactly one has it."""
        rows = self._session.scalars(select(AccountRow).where(AccountRow.email == address).limit(2)).all()
        return _account(rows[0]) if address and len(rows) == 1 else None

    def all(self) -> tuple[Account, ...]:
        """Return every account in the order of names."""
        return tuple(_account(row) for row in self._session.scalars(select(AccountRow).order_by(AccountRow.name)))

    def people(self) -> Mapping[str, str]:
        """Return how people are called: actor of the audit log to person."""
        return {account.actor: account.person for account in self.all()}

    def proofs(self, account_id: AccountId) -> Proofs:
        """Return what an account's owner is known by."""
        return _proofs(self._row(account_id))

    def to_prove(self, name: str) -> tuple[Account | None, Proofs]:
        """Return the account of a sign-in name with what its owner is known by, in one statement for every name."""
        row = self._session.scalars(select(AccountRow).where(AccountRow.name == name)).first()
        return (None, Proofs()) if row is None else (_account(row), _proofs(row))

    def prove(self, account_id: AccountId, proofs: Proofs) -> None:
        """Store what an account's owner is known by from now on."""
        demand_audit(self._session)
        changes = {
            "password": proofs.password,
            "totp_secret": proofs.totp_secret,
            "totp_step": proofs.totp_step,
            "recovery": list(proofs.recovery),
        }
        self._session.execute(update(AccountRow).where(AccountRow.id == account_id).values(changes))

    def spend_step(self, account_id: AccountId, step: int) -> bool:
        """Mark a one-time code as used; returns whether it had not been, also against somebody at the same moment."""
        spent = update(AccountRow).where(AccountRow.id == account_id, AccountRow.totp_step < step)
        return self._session.execute(spent.values(totp_step=step).returning(AccountRow.id)).first() is not None

    def _one(self, condition: object) -> Account | None:
        row = self._session.scalars(select(AccountRow).where(condition)).first()  # type: ignore[arg-type]  # a column's own
        return None if row is None else _account(row)

    def _row(self, account_id: AccountId) -> AccountRow:
        row = self._session.get(AccountRow, account_id)
        if row is None:
            raise NotFound("account_not_found", name=str(account_id))
        return row


def _fill(row: AccountRow, account: Account) -> None:
    row.name = account.name
    row.person = account.person
    row.role = account.role.value
    row.organ_id = account.organ_id
    row.clearance = account.clearance.value
    row.email = account.email
    row.subject = account.subject or None
    row.is_locked = account.is_locked


def _proofs(row: AccountRow) -> Proofs:
    return Proofs(
        password=row.password, totp_secret=row.totp_secret, totp_step=row.totp_step, recovery=tuple(row.recovery)
    )


def _account(row: AccountRow) -> Account:
    return Account(
        id=AccountId(row.id),
        name=row.name,
        person=row.person,
        role=Role(row.role),
        organ_id=OrganId(row.organ_id) if row.organ_id else None,
        clearance=Tier(row.clearance),
        created_at=row.created_at,
        email=row.email,
        subject=row.subject or "",
        is_locked=row.is_locked,
        has_second_factor=bool(row.totp_secret),
    )
