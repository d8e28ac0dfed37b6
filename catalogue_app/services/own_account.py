"""What somebody does with their own account: password, second factor, a forgotten password."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final, final

import structlog

from catalogue_app.domain.account import Account, AccountId, account_name
from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import InvalidInput, NotFound
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.mail import Letter, MailNotSent, Post
from catalogue_app.services.passwords import Passwords
from catalogue_app.services.second_factor import new_recovery_codes, recovery_digest, step_of
from catalogue_app.services.secrecy import Seal, digest_of, new_secret

_log: Final = structlog.get_logger()


@final
class OwnAccount:
    """Use cases of the owner of an account."""

    def __init__(
        self, uow: UnitsOfWork, passwords: Passwords, seal: Seal, post: Post, clock: Clock, *, reset_link_s: int
    ) -> None:
        self._uow: Final = uow
        self._passwords: Final = passwords
        self._seal: Final = seal
        self._post: Final = post
        self._clock: Final = clock
        self._reset_link: Final = timedelta(seconds=reset_link_s)

    def change_password(self, account: Account, present: str, chosen: str) -> None:
        """Set another password; every session of the account ends. Audited as `password_changed`.

        Raises:
            InvalidInput: the present one is wrong, or the chosen one will not do.
        """
        with self._uow.reading() as look:
            kept = look.accounts.proofs(account.id).password
        if not self._passwords.matches(kept, present):
            raise InvalidInput("present_password_wrong")
        self._passwords.check_new(chosen, account)
        with self._uow() as work:
            self._set_password(work, account, chosen)
            work.commit()

    def owner_of_link(self, secret: str) -> Account | None:
        """Return whose one-time link this is; None where it was used, replaced, or is too old."""
        with self._uow.reading() as look:
            account_id = look.credentials.linked(digest_of(secret), self._clock())
            account = look.accounts.by_id(account_id) if account_id else None
        return account if account is not None and not account.is_locked else None

    def set_password(self, secret: str, chosen: str) -> Account:
        """Set a password by a one-time link; the link and every session end. Audited as `password_changed`.

        Raises:
            NotFound: the link does not work any more.
            InvalidInput: the password will not do.
        """
        account = self.owner_of_link(secret)
        if account is None:
            raise NotFound("link_does_not_work")
        self._passwords.check_new(chosen, account)
        with self._uow() as work:
            if work.credentials.linked(digest_of(secret), self._clock()) is None:
                raise NotFound("link_does_not_work")
            self._set_password(work, account, chosen)
            work.commit()
        return account

    def ask_for_reset(self, name_or_mail: str, letter: Callable[[Account, str], Letter]) -> None:
        """Mail a one-time link to whoever this is; nobody outside learns whether there is such an account.

        The work is done beside the request, so that it takes as long for a name that nobody has. Audited as
        `password_reset_asked`.
        """
        threading.Thread(target=self._mail_link, args=(name_or_mail, letter), daemon=True).start()

    def begin_second_factor(self, secret: str) -> str:
        """Return a secret sealed, to be kept by its owner's browser until the first code proves the authenticator."""
        return self._seal.close(secret)

    def confirm_second_factor(self, account: Account, sealed: str, code: str) -> tuple[str, ...]:
        """Turn the second factor on; returns recovery codes, shown this once. Audited as `second_factor_on`.

        Raises:
            InvalidInput: the code is not of this secret.
        """
        secret = self._seal.open(sealed)
        step = step_of(secret, code, self._clock()) if secret else None
        if step is None:
            raise InvalidInput("one_time_code_wrong")
        codes = new_recovery_codes()
        with self._uow() as work:
            proofs = work.accounts.proofs(account.id)
            digests = tuple(map(recovery_digest, codes))
            work.accounts.prove(account.id, replace(proofs, totp_secret=sealed, totp_step=step, recovery=digests))
            work.record(_event(account, "second_factor_on"))
            work.commit()
        return codes

    def end_second_factor(self, account: Account, password: str) -> None:
        """Turn the second factor off. Audited as `second_factor_off`.

        Raises:
            InvalidInput: the password is wrong.
        """
        with self._uow() as work:
            proofs = work.accounts.proofs(account.id)
            if not self._passwords.matches(proofs.password, password):
                raise InvalidInput("present_password_wrong")
            work.accounts.prove(account.id, replace(proofs, totp_secret="", recovery=()))
            work.record(_event(account, "second_factor_off"))
            work.commit()

    def open_seal(self, sealed: str) -> str | None:
        """Return the secret of an authenticator that is being set up."""
        return self._seal.open(sealed)

    def _set_password(self, work: UnitOfWork, account: Account, chosen: str) -> None:
        proofs = work.accounts.proofs(account.id)
        work.accounts.prove(account.id, replace(proofs, password=self._passwords.keep(chosen)))
        work.credentials.end_sessions(account.id)
        work.credentials.end_links(account.id)
        work.credentials.forget_failures(digest_of(account.name))
        work.record(_event(account, "password_changed"))

    def _mail_link(self, name_or_mail: str, letter: Callable[[Account, str], Letter]) -> None:
        account = self._find(name_or_mail)
        if account is None or account.is_locked or not account.email:
            return
        secret = new_secret()
        with self._uow() as work:
            work.credentials.add_link(digest_of(secret), account.id, self._clock() + self._reset_link)
            work.record(_event(account, "password_reset_asked"))
            work.commit()
        try:
            self._post.send(letter(account, secret))
        except MailNotSent as error:
            _log.error("mail_not_sent", why=str(error))

    def _find(self, name_or_mail: str) -> Account | None:
        with self._uow.reading() as look:
            if found := look.accounts.by_mail(name_or_mail.strip()):
                return found
            try:
                return look.accounts.find(account_name(name_or_mail))
            except InvalidInput:
                return None

    def by_id(self, account_id: AccountId) -> Account:
        """Return an account as it is now.

        Raises:
            NotFound: no such account.
        """
        with self._uow.reading() as look:
            return look.accounts.by_id(account_id)


def _event(account: Account, action: str) -> AuditEvent:
    return AuditEvent(actor=account.actor, action=action, subject=account.actor)
