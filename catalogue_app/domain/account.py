"""A person's account: role, organ and clearance, and the one table of which acts a role may call.

A person who has two duties has two accounts: an account has one role, so that what it may do is read off one row.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import Final, NewType, final
from uuid import UUID

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.text import fold
from catalogue_app.domain.vocabulary import OrganKind, Tier

AccountId = NewType("AccountId", UUID)
TokenId = NewType("TokenId", UUID)

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_MAIL: Final = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,190}")


@unique
class Role(StrEnum):
    """What a person is in the catalogue."""

    ORGAN_EDITOR = "organ_editor"
    """Registers and keeps the entries of their organ."""
    ORGAN_APPROVER = "organ_approver"
    """Answers for what their organ releases."""
    DESK_REVIEWER = "desk_reviewer"
    """Reviews, at the municipal information department, what organs hand in."""
    DESK_ADMINISTRATOR = "desk_administrator"
    """Keeps accounts, organs and sources at the municipal information department, and reviews."""
    GOVERNMENT_APPROVER = "government_approver"
    """Approves the municipal catalogue and the exchange plan for the municipal government (art. 12)."""
    AUDITOR = "auditor"
    """Reads every past state and the audit log, and changes nothing."""
    OPERATOR = "operator"
    """Runs the installation; sees no more of the catalogue than the public."""

    @property
    def is_of_organ(self) -> bool:
        """Whether an account of this role belongs to one organ."""
        return self in {Role.ORGAN_EDITOR, Role.ORGAN_APPROVER}

    @property
    def supervises(self) -> bool:
        """Whether this role sees every organ's unpublished entries (art. 5), up to its clearance."""
        return self in {Role.DESK_REVIEWER, Role.DESK_ADMINISTRATOR, Role.GOVERNMENT_APPROVER, Role.AUDITOR}


@unique
class Power(StrEnum):
    """A kind of act that not everybody may do."""

    OWN_ACCOUNT = "own_account"
    """Change one's own password, second factor and tokens."""
    WORK_FOR_ORGAN = "work_for_organ"
    """Register, change and hand in entries of one's organ."""
    REVIEW_ENTRIES = "review_entries"
    """Approve or return what organs handed in."""
    WATCH_SOURCES = "watch_sources"
    """Look at sources and their runs."""
    RUN_SOURCES = "run_sources"
    """Try, start and stop sources that one may look at."""
    KEEP_SOURCES = "keep_sources"
    """Add and change sources, decide about held runs, and undo runs."""
    NAME_SERVER_FILES = "name_server_files"
    """Let a source read files of the machine itself."""
    WATCH_WORK = "watch_work"
    """Look at long work of the whole catalogue."""
    KEEP_ACCOUNTS = "keep_accounts"
    """Make, lock and change accounts."""
    KEEP_ORGANS = "keep_organs"
    """Add, change and merge organs of the register."""
    READ_AUDIT = "read_audit"
    """Read the audit log."""
    SIGN_RELEASE = "sign_release"
    """Sign a release of the organ's own catalogue."""
    APPROVE_RELEASE = "approve_release"
    """Approve a release of the municipal catalogue."""


_ROLES: Final[Mapping[Role, frozenset[Power]]] = {
    Role.ORGAN_EDITOR: frozenset({Power.WORK_FOR_ORGAN, Power.WATCH_SOURCES, Power.RUN_SOURCES}),
    Role.ORGAN_APPROVER: frozenset({Power.WORK_FOR_ORGAN, Power.WATCH_SOURCES, Power.RUN_SOURCES, Power.SIGN_RELEASE}),
    Role.DESK_REVIEWER: frozenset({Power.REVIEW_ENTRIES, Power.WATCH_SOURCES, Power.RUN_SOURCES, Power.KEEP_SOURCES}),
    Role.DESK_ADMINISTRATOR: frozenset(
        {
            Power.REVIEW_ENTRIES,
            Power.WATCH_SOURCES,
            Power.RUN_SOURCES,
            Power.KEEP_SOURCES,
            Power.WATCH_WORK,
            Power.KEEP_ACCOUNTS,
            Power.KEEP_ORGANS,
            Power.READ_AUDIT,
        }
    ),
    Role.GOVERNMENT_APPROVER: frozenset({Power.APPROVE_RELEASE}),
    Role.AUDITOR: frozenset({Power.WATCH_SOURCES, Power.READ_AUDIT}),
    Role.OPERATOR: frozenset(
        {Power.WATCH_SOURCES, Power.RUN_SOURCES, Power.KEEP_SOURCES, Power.NAME_SERVER_FILES, Power.WATCH_WORK}
    ),
}


@unique
class Scope(StrEnum):
    """What an API token may be used for; it never allows more than its account may do."""

    READ = "read"
    """Read the catalogue as the account sees it; every token may."""
    ENTRIES = "entries"
    """Register, change and hand in entries."""
    REVIEW = "review"
    """Approve and return what organs handed in."""
    SOURCES = "sources"
    """Look at, keep and run sources."""
    AUDIT = "audit"
    """Read the audit log."""


_SCOPES: Final[Mapping[Scope, frozenset[Power]]] = {
    Scope.READ: frozenset(),
    Scope.ENTRIES: frozenset({Power.WORK_FOR_ORGAN}),
    Scope.REVIEW: frozenset({Power.REVIEW_ENTRIES}),
    Scope.SOURCES: frozenset({Power.WATCH_SOURCES, Power.RUN_SOURCES, Power.KEEP_SOURCES}),
    Scope.AUDIT: frozenset({Power.READ_AUDIT}),
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person's way in.

    Attributes:
        name: what they sign in with: lower case, unique, never reused.
        person: how people call them; shown beside what they did.
        organ_id: the organ they work for; None for roles that belong to no organ.
        clearance: highest tier they may see (art. 8), whatever network they come by.
        email: where a forgotten password is asked about; empty when there is none.
        subject: who they are at the OpenID provider; empty when not linked.
        is_locked: an administrator closed it; nobody signs in and no token works.
        has_second_factor: a one-time code is asked for at sign-in.
    """

    id: AccountId
    name: str
    person: str
    role: Role
    organ_id: OrganId | None
    clearance: Tier
    created_at: datetime
    email: str = ""
    subject: str = ""
    is_locked: bool = False
    has_second_factor: bool = False

    @property
    def powers(self) -> frozenset[Power]:
        """What this account may do itself."""
        return powers_of(self.role)

    @property
    def actor(self) -> str:
        """How the audit log calls whoever acts by this account."""
        return f"account:{self.name}"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One API token of an account, as it may be shown: its secret part is nowhere.

    Attributes:
        label: what its owner calls it.
        prefix: the first characters, by which its owner tells it from others.
        expires_at: from then on it does not work; None for never.
        last_used_at: the latest use, to the minute.
    """

    id: TokenId
    account_id: AccountId
    label: str
    prefix: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def works_at(self, now: datetime) -> bool:
        """Say whether it is neither revoked nor past its time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who acts in one request: an account, and how far it may go this way.

    Attributes:
        powers: those of the account, narrowed by the scopes of a token.
        is_by_token: the request came with an API token and not with a session of a browser.
    """

    account: Account
    powers: frozenset[Power]
    is_by_token: bool = False

    @staticmethod
    def in_person(account: Account) -> "Caller":
        """Make the caller of somebody who signed in themselves."""
        return Caller(account=account, powers=account.powers)

    @staticmethod
    def by_token(account: Account, token: Token) -> "Caller":
        """Make the caller of a program: it may do what both its account and its scopes allow."""
        granted = frozenset[Power]().union(*(_SCOPES[scope] for scope in token.scopes))
        return Caller(account=account, powers=account.powers & granted, is_by_token=True)


def powers_of(role: Role) -> frozenset[Power]:
    """Return which acts a role may call: the one table of it."""
    return _ROLES[role] | {Power.OWN_ACCOUNT}


def useful_scopes(role: Role) -> tuple[Scope, ...]:
    """Return the scopes that allow an account of this role something beyond reading."""
    return tuple(scope for scope, powers in _SCOPES.items() if powers & powers_of(role))


def organs_seen_by(account: Account, register: Mapping[OrganId, Organ]) -> AbstractSet[OrganId]:
    """Return the organs whose unpublished entries an account sees: its own, and a district government its district's.

    Art. 5: a district government supervises the organs of its district.
    """
    own = register.get(account.organ_id) if account.organ_id else None
    if own is None:
        return frozenset()
    if own.kind is not OrganKind.DISTRICT_GOVERNMENT or not own.district_code:
        return frozenset({own.id})
    return frozenset(organ.id for organ in register.values() if organ.district_code == own.district_code)


def sees_sources_of(account: Account, organ_id: OrganId, register: Mapping[OrganId, Organ]) -> bool:
    """Say whether an account that may look at sources may look at those of an organ: people of organs at their own."""
    return not account.role.is_of_organ or organ_id in organs_seen_by(account, register)


def account_name(text: str) -> str:
    """Write a sign-in name as it is kept: folded, so that no two differ by case or width alone.

    Raises:
        InvalidInput: it is no name: 2 to 64 letters a to z, digits and . _ - @.
    """
    name = fold(text.strip())
    if not _NAME.fullmatch(name):
        raise InvalidInput("account_name_form", value=text[:80])
    return name


def check_mail(text: str) -> str:
    """Return a mail address without blanks around it; empty is none.

    Raises:
        InvalidInput: it is not of the form of an address.
    """
    address = text.strip()
    if address and not _MAIL.fullmatch(address):
        raise InvalidInput("mail_address_form", value=address[:80])
    return address
