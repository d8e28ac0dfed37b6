"""Accounts and API tokens: made, changed, locked and revoked by whoever keeps them."""

import secrets
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, final

from catalogue_app.domain.account import (
    Account,
    AccountId,
    Role,
    Scope,
    Token,
    TokenId,
    account_name,
    check_mail,
)
from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock, today
from catalogue_app.domain.errors import InvalidInput, NotFound
from catalogue_app.domain.ids import OrganId, new_id
from catalogue_app.domain.register import demand_open
from catalogue_app.domain.text import clean_line
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.passwords import Passwords
from catalogue_app.services.secrecy import digest_of, new_secret

TOKEN_MARK: Final = "mct"  # noqa: S105 — what every token begins with, so that a lost one is recognised
_PREFIX_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_PREFIX_LENGTH: Final = 8
_LONGEST_NAME: Final = 80


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What is told of an account to be made.

    Attributes:
        organ: id of its organ; required for roles of an organ, refused for others.
        person: how people call its owner; the sign-in name where empty.
    """

    name: str
    role: Role
    organ: str = ""
    person: str = ""
    email: str = ""
    clearance: Tier = Tier.EXTRANET
    subject: str = ""


@final
class Accounts:
    """Use cases of whoever keeps accounts: an operator at the command line, a desk administrator."""

    def __init__(self, uow: UnitsOfWork, passwords: Passwords, clock: Clock, setup_link_s: int) -> None:
        self._uow: Final = uow
        self._passwords: Final = passwords
        self._clock: Final = clock
        self._setup_link: Final = timedelta(seconds=setup_link_s)

    def create(self, told: NewAccount, *, password: str | None, actor: str) -> tuple[Account, str | None]:
        """Make an account; returns it with the secret of a set-up link where no password was given.

        Audited as `account_created`.

        Raises:
            InvalidInput: name, organ, address or password will not do.
            NotFound: no such organ.
            Conflict: the name is taken, or the organ is no more.
        """
        account = account_of(told, AccountId(new_id()), self._clock())
        if password is not None:
            self._passwords.check_new(password, account)
        with self._uow() as work:
            if account.organ_id is not None:
                demand_open(work.organs.by_id(account.organ_id), today(self._clock))
            work.accounts.add(account)
            secret = None
            if password is None:
                secret = self.link(work, account.id)
            else:
                proofs = replace(work.accounts.proofs(account.id), password=self._passwords.keep(password))
                work.accounts.prove(account.id, proofs)
            work.record(_event(actor, "account_created", account, after=summary_of(account)))
            work.commit()
        return account, secret

    def all(self) -> tuple[Account, ...]:
        """Return every account in the order of names."""
        with self._uow.reading() as look:
            return look.accounts.all()

    def by_name(self, name: str) -> Account:
        """Return the account of a sign-in name.

        Raises:
            NotFound: no account has it.
        """
        with self._uow.reading() as look:
            return look.accounts.by_name(account_name(name))

    def people(self) -> Callable[[str], str]:
        """Return what names the actors of the audit log as people are called; others keep their own name."""
        with self._uow.reading() as look:
            known = look.accounts.people()
        return lambda actor: known.get(actor, actor)

    def lock(self, name: str, *, actor: str) -> Account:
        """Close an account: its sessions end, its tokens and links stop working. Audited as `account_locked`.

        Raises:
            NotFound: no such account.
        """
        with self._uow() as work:
            account = replace(work.accounts.by_name(account_name(name)), is_locked=True)
            work.accounts.replace(account)
            work.credentials.end_sessions(account.id)
            work.credentials.end_links(account.id)
            work.record(_event(actor, "account_locked", account))
            work.commit()
        return account

    def unlock(self, name: str, *, actor: str) -> Account:
        """Open an account again, also one shut for a while after failed attempts. Audited as `account_unlocked`.

        Raises:
            NotFound: no such account.
        """
        with self._uow() as work:
            account = replace(work.accounts.by_name(account_name(name)), is_locked=False)
            work.accounts.replace(account)
            work.credentials.forget_failures(digest_of(account.name))
            work.record(_event(actor, "account_unlocked", account))
            work.commit()
        return account

    def new_link(self, name: str, *, actor: str) -> tuple[Account, str]:
        """Make a link by which an account's owner sets a password, once. Audited as `account_link_made`.

        Raises:
            NotFound: no such account.
        """
        with self._uow() as work:
            account = work.accounts.by_name(account_name(name))
            secret = self.link(work, account.id)
            work.record(_event(actor, "account_link_made", account))
            work.commit()
        return account, secret

    def new_token(
        self,
        account_id: AccountId,
        *,
        label: str,
        scopes: AbstractSet[Scope],
        expires_at: datetime | None,
        actor: str,
    ) -> tuple[Token, str]:
        """Make an API token; returns it with its text, which is shown this once. Audited as `token_created`.

        Raises:
            NotFound: no such account.
            InvalidInput: it would never have worked, or it has no label.
        """
        now = self._clock()
        if expires_at is not None and expires_at <= now:
            raise InvalidInput("token_expires_in_the_past", value=expires_at.date())
        prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(_PREFIX_LENGTH))
        text = f"{TOKEN_MARK}_{prefix}_{new_secret()}"
        token = Token(
            id=TokenId(new_id()),
            account_id=account_id,
            label=_line(label, "label"),
            prefix=f"{TOKEN_MARK}_{prefix}",
            scopes=frozenset(scopes) | {Scope.READ},
            created_at=now,
            expires_at=expires_at,
        )
        with self._uow() as work:
            account = work.accounts.by_id(account_id)
            work.credentials.add_token(token, digest_of(text))
            after = f"{token.prefix} {' '.join(sorted(token.scopes))}"
            work.record(_event(actor, "token_created", account, after=after))
            work.commit()
        return token, text

    def tokens(self, account_id: AccountId) -> tuple[Token, ...]:
        """Return all tokens an account ever had, oldest first."""
        with self._uow.reading() as look:
            return look.credentials.tokens(account_id)

    def revoke(self, account_id: AccountId, prefix: str, *, actor: str) -> Token:
        """Make one token of an account useless. Audited as `token_revoked`.

        Raises:
            NotFound: the account has no token of this prefix.
        """
        with self._uow() as work:
            account = work.accounts.by_id(account_id)
            token = next((one for one in work.credentials.tokens(account_id) if one.prefix == prefix), None)
            if token is None:
                raise NotFound("token_not_found", prefix=prefix[:40])
            work.credentials.revoke_tokens([token.id], self._clock())
            work.record(_event(actor, "token_revoked", account, before=token.prefix))
            work.commit()
        return token

    def link(self, work: UnitOfWork, account_id: AccountId) -> str:
        """Make a one-time link within a unit of work; returns its secret."""
        secret = new_secret()
        work.credentials.add_link(digest_of(secret), account_id, self._clock() + self._setup_link)
        return secret


def account_of(told: NewAccount, account_id: AccountId, created_at: datetime) -> Account:
    """Check what is told of an account, and write it as it is kept.

    Raises:
        InvalidInput: name, organ or address will not do.
    """
    name = account_name(told.name)
    if told.role.is_of_organ and not told.organ:
        raise InvalidInput("role_needs_organ", role=told.role)
    if told.organ and not told.role.is_of_organ:
        raise InvalidInput("role_has_no_organ", role=told.role)
    return Account(
        id=account_id,
        name=name,
        person=_line(told.person or name, "person"),
        role=told.role,
        organ_id=OrganId(told.organ) if told.organ else None,
        clearance=told.clearance,
        created_at=created_at,
        email=check_mail(told.email),
        subject=told.subject.strip(),
    )


def summary_of(account: Account) -> str:
    """Write in a line what an account is, for the audit log."""
    return " ".join([account.role, account.organ_id or "-", account.clearance])


def _line(text: str, what: str) -> str:
    line = clean_line(text)
    if not line or len(line) > _LONGEST_NAME:
        raise InvalidInput("name_length", field=what, longest=_LONGEST_NAME)
    return line


def _event(actor: str, action: str, account: Account, *, before: str = "", after: str = "") -> AuditEvent:
    return AuditEvent(actor=actor, action=action, subject=account.actor, before=before, after=after)
