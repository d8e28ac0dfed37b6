"""Setting a source up in the browser: where it is, of what kind it seems to be, how it is to be harvested."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import IO, Final, final
from uuid import UUID

from catalogue_app.domain.account import Account, Power
from catalogue_app.domain.address import without_secrets
from catalogue_app.domain.errors import InvalidInput, NotAllowed, SourceError
from catalogue_app.domain.ids import OrganId, SourceId
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.services.source_files import SourceFiles
from catalogue_app.services.sources import Sources
from catalogue_app.services.timetable import check_schedule
from harvesters.guessing import HEAD_BYTES, guess
from harvesters.port import Fetcher
from harvesters.registry import check_option

_NOBODY: Final = SourceId(UUID(int=0))
"""Stands for a source that is looked at before it is registered: it has no secret and no past."""

_LOOK_S: Final = "20"
"""Seconds that a look at an address may take: somebody waits for it."""


@final
class SourceSetup:
    """Use cases of people with the power to keep sources."""

    def __init__(
        self,
        sources: Sources,
        files: SourceFiles,
        open_fetcher: Callable[[Source], AbstractContextManager[Fetcher]],
    ) -> None:
        self._sources: Final = sources
        self._files: Final = files
        self._open_fetcher: Final = open_fetcher

    def hand_in(self, account: Account, name: str, body: IO[bytes]) -> str:
        """Keep a file and return its address.

        Raises:
            NotAllowed: the account keeps no sources.
            InvalidInput: the file is empty or too large.
        """
        _demand(account, Power.KEEP_SOURCES)
        return self._files.keep(name, body)

    def add(
        self,
        account: Account,
        organ_id: OrganId,
        address: str,
        kind: SourceKind,
        options: Mapping[str, str],
    ) -> Source:
        """Register a source that waits until somebody enables it. Audited as `source_added`.

        Args:
            account: who adds it.
            organ_id: the organ whose catalogue it is.
            address: http(s), a file that was handed in, or, for who may name one, a path on this machine.
            kind: what it is.
            options: name to value.

        Raises:
            NotAllowed: the account keeps no sources.
            NotFound: no such organ.
            InvalidInput: address or option will not do.
        """
        _demand(account, Power.KEEP_SOURCES)
        self._check_address(account, address)
        return self._sources.add(organ_id, kind, address, options, actor=account.actor, is_enabled=False)

    def change(
        self,
        account: Account,
        source: Source,
        address: str,
        options: Mapping[str, str],
        *,
        seen: str | None = None,
    ) -> Source:
        """Set a source otherwise; a file it had been handed in as and has no more is removed.

        Audited as `source_changed`. `seen` is the stamp of the settings as they were shown, where they were.

        Raises:
            NotAllowed: the account keeps no sources.
            NotFound: there is no such source any more.
            Conflict: somebody else set it otherwise meanwhile.
            InvalidInput: address or option will not do.
        """
        _demand(account, Power.KEEP_SOURCES)
        if address != source.address:
            self._check_address(account, address)
        changed = self._sources.change(source.id, options, address=address, actor=account.actor, seen=seen)
        if changed.address != source.address:
            self._files.drop(source.address)
        return changed

    def faults(self, kind: SourceKind, options: Mapping[str, str]) -> Iterator[InvalidInput]:
        """Yield what is wrong with each option by itself, so that a form can say it beside every field at once."""
        for name, value in options.items():
            try:
                if value:
                    check_option(kind, name, value)
                if value and name == "schedule":
                    check_schedule(value)
            except InvalidInput as error:
                yield InvalidInput(error.code, **{**error.parameters, "option": name})

    def _check_address(self, account: Account, address: str) -> None:
        is_ours = "://" in address or self._files.holds(address)
        if not is_ours and Power.NAME_SERVER_FILES not in account.powers:
            raise InvalidInput("address_not_web" if address else "address_missing", value=address[:200])

    def kind_at(self, account: Account, organ_id: OrganId, address: str) -> SourceKind:
        """Return what kind an address seems to be, by asking it; nothing is stored.

        Raises:
            NotAllowed: the account keeps no sources.
            NotFound: no such organ.
            InvalidInput: the address will not do or cannot be asked, or nothing speaks for a kind.
        """
        _demand(account, Power.KEEP_SOURCES)
        self._check_address(account, address)
        looked_at = replace(
            self._sources.consider(organ_id, SourceKind.SHEET, address, {"max_seconds": _LOOK_S}), id=_NOBODY
        )
        try:
            found = guess(address, self._head(looked_at))
        except SourceError as error:
            raise InvalidInput("kind_not_asked", value=without_secrets(address)[:200]) from error
        if found is None:
            raise InvalidInput("kind_not_guessed", value=without_secrets(address)[:200])
        return found

    def _head(self, source: Source) -> bytes:
        with self._open_fetcher(source) as fetcher:
            first = fetcher.expand(source.address)[0]
            with fetcher.fetch(first) as payload, payload.open() as body:
                return body.read(HEAD_BYTES)


def _demand(account: Account, power: Power) -> None:
    if power not in account.powers:
        raise NotAllowed(power=power)
