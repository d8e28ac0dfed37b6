"""Sources: an operator says where an organ's catalogue is pulled from."""

from collections.abc import Mapping
from pathlib import Path
from typing import final
from urllib.parse import SplitResult, urlsplit

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.ids import OrganId, SourceId, new_id
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from harvesters.registry import check_options


@final
class Sources:
    """Use cases of operators around sources."""

    def __init__(self, uow: UnitsOfWork, tier_ceiling: Tier, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock
        self._tier_ceiling = tier_ceiling

    def add(
        self, organ_id: OrganId, kind: SourceKind, address: str, options: Mapping[str, str], *, actor: str
    ) -> Source:
        """Register a source; from then on the schedule harvests it. Audited as `source_added`.

        Raises:
            NotFound: no such organ.
            InvalidInput: the address or an option is not as its kind wants it.
        """
        source = self.consider(organ_id, kind, address, options)
        with self._uow() as work:
            work.organs.by_id(organ_id)
            work.sources.add(source)
            work.record(AuditEvent(actor=actor, action="source_added", subject=f"source:{source.id}", after=kind))
            work.commit()
        return source

    def consider(self, organ_id: OrganId, kind: SourceKind, address: str, options: Mapping[str, str]) -> Source:
        """Return what would be registered, so that a person can try before saving; nothing is stored.

        Raises:
            NotFound: no such organ.
            InvalidInput: the address or an option is not as its kind wants it.
        """
        with self._uow.reading() as look:
            look.organs.by_id(organ_id)
        check_options(kind, options)
        source = Source(
            id=SourceId(new_id()), organ_id=organ_id, kind=kind, address=_address(address), options=dict(options)
        )
        # A default refuses no source: what is open may be held, and every record above the ceiling is rejected.
        if "tier" in options and source.tier.level > self._tier_ceiling.level:
            raise InvalidInput("tier_above_ceiling", value=source.tier, allowed=self._tier_ceiling)
        return source

    def by_id(self, source_id: SourceId) -> Source:
        """Return one source.

        Raises:
            NotFound: no source has this id.
        """
        with self._uow.reading() as look:
            return look.sources.by_id(source_id)

    def all(self) -> tuple[Source, ...]:
        """Return every source, in the order of registration."""
        with self._uow.reading() as look:
            return look.sources.all()

    def due(self) -> tuple[Source, ...]:
        """Return the enabled sources whose time has come, those that wait longest first."""
        with self._uow.reading() as look:
            return look.sources.due(self._clock())

    def find(self, organ_id: OrganId, address: str) -> Source | None:
        """Return the organ's source at this address, if it has one."""
        wanted = _address(address)
        return next((it for it in self.all() if it.organ_id == organ_id and it.address == wanted), None)


def _address(text: str) -> str:
    """Check an address: http(s), or a path on this machine, which is made absolute."""
    if "://" in text:
        parts = _split(text)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidInput("address_not_http", value=text)
        if parts.username is not None or parts.password is not None:
            raise InvalidInput("credentials_in_address", value=parts.hostname)
        return text
    if not text.strip() or "\0" in text:
        raise InvalidInput("no_file_there", value=text)
    path = Path(text).expanduser().resolve()
    if not path.exists():
        raise InvalidInput("no_file_there", value=str(path))
    return str(path)


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError as error:
        raise InvalidInput("address_not_http", value=text) from error
