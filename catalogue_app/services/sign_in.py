"""Who somebody is: by password and one-time code, by a session of a browser, by an API token."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, final

from catalogue_app.domain.account import Account, AccountId, Caller, account_name
from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import InvalidInput, NotSignedIn
from catalogue_app.domain.text import fold
from catalogue_app.domain.visibility import Audience, audience_of
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.accounts import TOKEN_MARK
from catalogue_app.services.passwords import Passwords
from catalogue_app.services.second_factor import recovery_digest, step_of
from catalogue_app.services.secrecy import Seal, digest_of, is_secret, new_secret

_NOTED: Final = timedelta(minutes=1)
_LONGEST_NAME: Final = 200


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRules:
    """How long sessions last and how many failures in a row shut a name, for how long."""

    idle: timedelta
    absolute: timedelta
    max_failures: int
    lockout: timedelta


class SignInRefused(InvalidInput):
    """The name, password or code is not right, or the account is shut: nobody outside is told which."""

    code = "sign_in_refused"


@final
class SignIn:
    """Use cases of whoever wants in."""

    def __init__(self, uow: UnitsOfWork, passwords: Passwords, seal: Seal, rules: SignInRules, clock: Clock) -> None:
        self._uow: Final = uow
        self._passwords: Final = passwords
        self._seal: Final = seal
        self._rules: Final = rules
        self._clock: Final = clock

    def by_password(self, name: str, password: str) -> Account:
        """Return whose name and password these are; a second factor is still to be asked where the account has one.

        A right and a wrong name, an open and a shut one take the same steps: read, one slow hash, and a count.

        Raises:
            SignInRefused: for whatever reason.
        """
        key, account, kept, is_shut = self._look_up(name)
        is_right = self._passwords.matches(kept, password)
        if not is_right or is_shut or account is None or account.is_locked:
            if not is_shut:  # while shut, further tries do not put the end off: else anybody could keep a person out
                self._count_failure(key, account)
            raise SignInRefused
        if self._passwords.is_outdated(kept):
            self._keep_anew(account, password)
        return account

    def by_code(self, account_id: AccountId, code: str) -> Account:
        """Check the second factor: a one-time code of an authenticator, or a recovery code, each of which works once.

        Raises:
            SignInRefused: it is wrong or used, or the account is shut.
        """
        with self._uow() as work:
            account = work.accounts.by_id(account_id)
            key = digest_of(account.name)
            if not account.is_locked and not self._is_shut(work, key) and self._spend(work, account, code):
                work.record(_event(account, "second_factor_used"))
                work.commit()
                return account
        self._count_failure(key, account)
        raise SignInRefused

    def by_subject(self, subject: str) -> Account:
        """Return the account linked to a person of the OpenID provider, which has checked who they are.

        Raises:
            SignInRefused: nobody is linked to it, or the account is shut.
        """
        with self._uow.reading() as look:
            account = look.accounts.by_subject(subject)
        if account is None or account.is_locked:
            raise SignInRefused
        return account

    def begin(self, account: Account, how: str) -> str:
        """Let a browser in; returns the secret of its session. Audited as `signed_in`.

        Args:
            account: who proved who they are.
            how: `password`, `second_factor` or `openid`.
        """
        secret, now = new_secret(), self._clock()
        with self._uow() as work:
            work.credentials.forget_failures(digest_of(account.name))
            work.credentials.end_old_sessions(
                seen_before=now - self._rules.idle, started_before=now - self._rules.absolute
            )
            work.credentials.begin_session(digest_of(secret), account.id, now)
            work.record(_event(account, "signed_in", after=how))
            work.commit()
        return secret

    def end(self, secret: str) -> None:
        """Let a browser out."""
        with self._uow() as work:
            work.credentials.end_session(digest_of(secret))
            work.commit()

    def of_session(self, secret: str) -> Caller | None:
        """Return who a browser is signed in as; None where its session is over."""
        digest, now = digest_of(secret), self._clock()
        with self._uow.reading() as look:
            session = look.credentials.browser_session(digest)
            if session is None:
                return None
            account = look.accounts.by_id(session.account_id)
        is_over = now - session.seen_at > self._rules.idle or now - session.started_at > self._rules.absolute
        if is_over or account.is_locked:
            return None
        if now - session.seen_at >= _NOTED:
            with self._uow() as work:
                work.credentials.see_session(digest, now)
                work.commit()
        return Caller.in_person(account)

    def of_token(self, text: str) -> Caller:
        """Return whose API token this is, with the powers its scopes leave.

        Raises:
            NotSignedIn: no such token, it is revoked or past its time, or its account is shut.
        """
        mark, _, rest = text.partition("_")
        prefix = f"{mark}_{rest.partition('_')[0]}"
        with self._uow.reading() as look:
            found = look.credentials.token(prefix) if mark == TOKEN_MARK else None
            token, digest = found if found is not None else (None, digest_of(""))
            is_right = is_secret(text, digest)  # a prefix that nobody has takes the same steps as a wrong secret
            account = look.accounts.by_id(token.account_id) if token is not None and is_right else None
        now = self._clock()
        if token is None or account is None or not token.works_at(now) or account.is_locked:
            raise NotSignedIn("token_refused")
        if token.last_used_at is None or now - token.last_used_at >= _NOTED:
            with self._uow() as work:
                if work.credentials.use_token(token, now):
                    work.commit()
        return Caller.by_token(account, token)

    def audience(self, caller: Caller | None, *, network: Tier, served: Tier, ceiling: Tier) -> Audience:
        """Return what a caller may see, by the one rule of `domain.visibility`."""
        account = caller.account if caller else None
        if account is None or account.organ_id is None:
            return audience_of(account, network=network, served=served, ceiling=ceiling, register={})
        with self._uow.reading() as look:
            register = {organ.id: organ for organ in look.organs.all()}
        return audience_of(account, network=network, served=served, ceiling=ceiling, register=register)

    def _look_up(self, name: str) -> tuple[str, Account | None, str, bool]:
        key = digest_of(fold(name[:_LONGEST_NAME]))
        with self._uow.reading() as look:
            account, proofs = look.accounts.to_prove(_name_or_none(name))
            return key, account, proofs.password, self._is_shut(look, key)

    def _is_shut(self, work: UnitOfWork, key: str) -> bool:
        since = self._clock() - self._rules.lockout
        return work.credentials.failures(key, since) >= self._rules.max_failures

    def _count_failure(self, key: str, account: Account | None) -> None:
        now = self._clock()
        with self._uow() as work:
            count = work.credentials.count_failure(key, now, now - self._rules.lockout)
            if count == self._rules.max_failures and account is not None:
                work.record(_event(account, "sign_in_shut_for_a_while", after=str(count)))
            work.commit()

    def _keep_anew(self, account: Account, password: str) -> None:
        with self._uow() as work:
            proofs = work.accounts.proofs(account.id)
            work.accounts.prove(account.id, replace(proofs, password=self._passwords.keep(password)))
            work.record(_event(account, "password_kept_anew"))
            work.commit()

    def _spend(self, work: UnitOfWork, account: Account, code: str) -> bool:
        proofs = work.accounts.proofs(account.id)
        secret = self._seal.open(proofs.totp_secret) if proofs.totp_secret else None
        step = step_of(secret, code, self._clock()) if secret else None
        if step is not None:
            return work.accounts.spend_step(account.id, step)
        digest = recovery_digest(code)
        if digest not in proofs.recovery:
            return False
        left = tuple(one for one in proofs.recovery if one != digest)
        work.accounts.prove(account.id, replace(proofs, recovery=left))
        return True


def _name_or_none(name: str) -> str:
    try:
        return account_name(name)
    except InvalidInput:
        return ""


def _event(account: Account, action: str, *, after: str = "") -> AuditEvent:
    return AuditEvent(actor=account.actor, action=action, subject=account.actor, after=after)
