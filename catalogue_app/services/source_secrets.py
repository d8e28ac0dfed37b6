"""Secrets of sources: set by a person, bound to source and origin, sealed, and opened for a run alone."""

import re
from typing import Final, final

import httpx

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import InvalidInput, SourceRefused
from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.source import Source
from catalogue_app.persistence.source_secrets import SealedSecret
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.vault import Vault
from harvesters.credentials import Credential, SecretKind, origin_of

SHORTEST: Final = 8
"""Characters of a secret: a shorter one would also be found in addresses that have nothing to do with it."""

_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "cookie", "user-agent", "accept", "accept-encoding"}
)


@final
class SourceSecrets:
    """Use cases of operators around secrets; nothing of a secret is ever returned, audited or logged."""

    def __init__(self, uow: UnitsOfWork, vault: Vault, clock: Clock) -> None:
        self._uow: Final = uow
        self._vault: Final = vault
        self._clock: Final = clock

    def keep(self, source_id: SourceId, kind: SecretKind, name: str, secret: str, *, actor: str) -> SealedSecret:
        """Set the secret of a source, for the origin its address has now. Audited as `source_secret_set`.

        Raises:
            NotFound: no such source.
            InvalidInput: the source is a file, or the name or the secret cannot be sent so.
        """
        _check(kind, name, secret)
        with self._uow() as work:
            source = work.sources.by_id(source_id)
            kept = self._sealed(source, kind, name, secret)
            work.source_secrets.keep(kept)
            work.record(_event(actor, "source_secret_set", source_id, f"{kind} {kept.origin}"))
            work.commit()
        return kept

    def drop(self, source_id: SourceId, *, actor: str) -> bool:
        """Forget the secret of a source; returns whether it had one. Audited as `source_secret_dropped`."""
        with self._uow() as work:
            had_one = work.source_secrets.drop(source_id)
            if had_one:
                work.record(_event(actor, "source_secret_dropped", source_id, ""))
            work.commit()
        return had_one

    def kept(self, source_id: SourceId) -> SealedSecret | None:
        """Return what the secret of a source is for, if it has one."""
        with self._uow.reading() as look:
            return look.source_secrets.find(source_id)

    def reseal(self, *, actor: str) -> int:
        """Seal every secret anew with the present key, so that older keys can go. Audited as `source_secrets_resealed`.

        Returns:
            How many there are.

        Raises:
            InvalidInput: one does not open with any of the keys.
        """
        with self._uow() as work:
            secrets = work.source_secrets.all()
            for one in secrets:
                credential = self._opened(one)
                source = work.sources.by_id(one.source_id)
                work.source_secrets.keep(
                    self._sealed(source, credential.kind, one.name, credential.secret, origin=one.origin)
                )
            if secrets:
                event = AuditEvent(
                    actor=actor, action="source_secrets_resealed", subject="sources", after=str(len(secrets))
                )
                work.record(event)
            work.commit()
        return len(secrets)

    def credential(self, source: Source) -> Credential | None:
        """Open the secret of a source for a run; none where it has none.

        Raises:
            SourceRefused: `secret_of_another_host`, its address has another origin than the secret was given for;
                or `secret_unreadable`.
        """
        sealed = self.kept(source.id)
        if sealed is None:
            return None
        if sealed.origin != origin_of(httpx.URL(source.address)):
            raise SourceRefused("secret_of_another_host", host=sealed.origin)
        try:
            return self._opened(sealed)
        except InvalidInput as error:
            raise SourceRefused(error.code) from error

    def _opened(self, sealed: SealedSecret) -> Credential:
        return Credential(
            kind=SecretKind(sealed.kind),
            origin=sealed.origin,
            name=sealed.name,
            secret=self._vault.open(sealed.sealed, _bound_to(sealed.source_id, sealed.origin)),
        )

    def _sealed(
        self, source: Source, kind: SecretKind, name: str, secret: str, *, origin: str | None = None
    ) -> SealedSecret:
        if origin is None:
            if "://" not in source.address:
                raise InvalidInput("secret_for_file", value=source.address)
            origin = origin_of(httpx.URL(source.address))
        return SealedSecret(
            source_id=source.id,
            kind=kind.value,
            origin=origin,
            name=name,
            sealed=self._vault.seal(secret, _bound_to(source.id, origin)),
            set_at=self._clock(),
        )


def drop_where_moved(work: UnitOfWork, before: Source, after: Source) -> bool:
    """Forget a source's secret in the unit that gives it an address of another origin; returns whether it had one."""
    if "://" in before.address and "://" in after.address:
        if origin_of(httpx.URL(before.address)) == origin_of(httpx.URL(after.address)):
            return False
    elif before.address == after.address:
        return False
    return work.source_secrets.drop(before.id)


def _bound_to(source_id: SourceId, origin: str) -> str:
    return f"{source_id} {origin}"


def _event(actor: str, action: str, source_id: SourceId, after: str) -> AuditEvent:
    return AuditEvent(actor=actor, action=action, subject=f"source:{source_id}", after=after)


def _check(kind: SecretKind, name: str, secret: str) -> None:
    if len(secret) < SHORTEST or not secret.isprintable():
        raise InvalidInput("secret_too_short", least=SHORTEST)
    if kind is not SecretKind.BASIC and not secret.isascii():
        raise InvalidInput("secret_not_ascii")
    if kind is SecretKind.BEARER and name:
        raise InvalidInput("secret_name", value=name, kind=kind.value)
    if kind is SecretKind.HEADER and (not _HEADER.fullmatch(name) or name.lower() in _OURS):
        raise InvalidInput("secret_name", value=name, kind=kind.value)
    if kind in {SecretKind.BASIC, SecretKind.QUERY} and (not name or ":" in name or not name.isprintable()):
        raise InvalidInput("secret_name", value=name, kind=kind.value)
