"""Accounts kept by a desk administrator: made, changed, locked, given back to their owners; never one's own."""

from dataclasses import replace
from typing import Final, final

from catalogue_app.domain.account import Account, Token, account_name
from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock, today
from catalogue_app.domain.errors import NotAllowed
from catalogue_app.domain.register import demand_open
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.accounts import Accounts, NewAccount, account_of, summary_of


@final
class AccountKeeping:
    """Use cases of whoever may keep accounts.

    Nobody raises their own powers: one's own account is for somebody else to keep, and nobody gives, or gets at, a
    clearance above their own.
    """

    def __init__(self, uow: UnitsOfWork, accounts: Accounts, clock: Clock) -> None:
        self._uow: Final = uow
        self._accounts: Final = accounts
        self._clock: Final = clock

    def create(self, keeper: Account, told: NewAccount) -> tuple[Account, str]:
        """Make an account; returns it with the secret of its set-up link. Audited as `account_created`.

        Raises:
            InvalidInput: name, organ or address will not do.
            NotAllowed: its clearance would be above the keeper's own.
            NotFound: no such organ.
            Conflict: the name is taken.
        """
        _demand_reached(keeper, told.clearance)
        account, secret = self._accounts.create(told, password=None, actor=keeper.actor)
        return account, secret or ""

    def change(self, keeper: Account, told: NewAccount) -> Account:
        """Let an account be somebody else's, or something else; its browsers are let out. Audited as `account_changed`.

        Args:
            keeper: who changes it.
            told: what it shall be; by its name, which stays.

        Raises:
            InvalidInput: organ or address will not do.
            NotAllowed: it is the keeper's own, or a clearance is above theirs.
            NotFound: no such account or organ.
            Conflict: the organ is no more.
        """
        with self._uow() as work:
            before = self._other(work, keeper, told.name)
            _demand_reached(keeper, told.clearance)
            wanted = account_of(told, before.id, before.created_at)
            if wanted.organ_id is not None:
                demand_open(work.organs.by_id(wanted.organ_id), today(self._clock))
            after = replace(wanted, is_locked=before.is_locked, has_second_factor=before.has_second_factor)
            work.accounts.replace(after)
            work.credentials.end_sessions(after.id)
            work.record(_event(keeper, "account_changed", after, before=summary_of(before), after=summary_of(after)))
            work.commit()
        return after

    def lock(self, keeper: Account, name: str) -> Account:
        """Close an account. Audited as `account_locked`.

        Raises:
            NotAllowed: it is the keeper's own, or its clearance is above theirs.
            NotFound: no such account.
        """
        self._demand_other(keeper, name)
        return self._accounts.lock(name, actor=keeper.actor)

    def unlock(self, keeper: Account, name: str) -> Account:
        """Open an account again. Audited as `account_unlocked`.

        Raises:
            NotAllowed: it is the keeper's own, or its clearance is above theirs.
            NotFound: no such account.
        """
        self._demand_other(keeper, name)
        return self._accounts.unlock(name, actor=keeper.actor)

    def reset_password(self, keeper: Account, name: str) -> tuple[Account, str]:
        """Make a password useless, and a link by which its owner sets another. Audited as `password_reset_forced`.

        Raises:
            NotAllowed: it is the keeper's own, or its clearance is above theirs.
            NotFound: no such account.
        """
        with self._uow() as work:
            account = self._other(work, keeper, name)
            work.accounts.prove(account.id, replace(work.accounts.proofs(account.id), password=""))
            work.credentials.end_sessions(account.id)
            secret = self._accounts.link(work, account.id)
            work.record(_event(keeper, "password_reset_forced", account))
            work.commit()
        return account, secret

    def reset_second_factor(self, keeper: Account, name: str) -> Account:
        """Take the second factor away, such as of who lost it; browsers are let out. Audited as `second_factor_reset`.

        Raises:
            NotAllowed: it is the keeper's own, or its clearance is above theirs.
            NotFound: no such account.
        """
        with self._uow() as work:
            account = self._other(work, keeper, name)
            proofs = replace(work.accounts.proofs(account.id), totp_secret="", recovery=())
            work.accounts.prove(account.id, proofs)
            work.credentials.end_sessions(account.id)
            work.record(_event(keeper, "second_factor_reset", account))
            work.commit()
        return replace(account, has_second_factor=False)

    def shut_out(self, keeper: Account, name: str) -> Account:
        """End every session and revoke every token of an account. Audited as `account_shut_out`.

        Raises:
            NotAllowed: it is the keeper's own, or its clearance is above theirs.
            NotFound: no such account.
        """
        with self._uow() as work:
            account = self._other(work, keeper, name)
            working = [one for one in work.credentials.tokens(account.id) if one.revoked_at is None]
            work.credentials.end_sessions(account.id)
            work.credentials.revoke_tokens([one.id for one in working], self._clock())
            revoked = " ".join(one.prefix for one in working)
            work.record(_event(keeper, "account_shut_out", account, before=revoked))
            work.commit()
        return account

    def revoke(self, keeper: Account, name: str, prefix: str) -> Token:
        """Make one token of an account useless. Audited as `token_revoked`.

        Raises:
            NotAllowed: it is the keeper's own account, or its clearance is above theirs.
            NotFound: no such account, or it has no such token.
        """
        account = self._demand_other(keeper, name)
        return self._accounts.revoke(account.id, prefix, actor=keeper.actor)

    def _demand_other(self, keeper: Account, name: str) -> Account:
        with self._uow.reading() as look:
            return self._other(look, keeper, name)

    def _other(self, look: UnitOfWork, keeper: Account, name: str) -> Account:
        account = look.accounts.by_name(account_name(name))
        if account.id == keeper.id:
            raise NotAllowed("own_account")
        _demand_reached(keeper, account.clearance)
        return account


def _demand_reached(keeper: Account, clearance: Tier) -> None:
    if clearance.level > keeper.clearance.level:
        raise NotAllowed("clearance_above_own", allowed=keeper.clearance)


def _event(keeper: Account, action: str, account: Account, *, before: str = "", after: str = "") -> AuditEvent:
    return AuditEvent(actor=keeper.actor, action=action, subject=account.actor, before=before, after=after)
