"""The way to the parts of a bundle for one run: verified anew each time, so that nothing unsigned is ever read."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.bundle import BUNDLE_KIND
from catalogue_app.domain.errors import BundleRefused, SourceError
from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.source import Source
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.bundle_file import WholeBundle, read_whole
from harvesters.port import Fetcher, Payload

_DIGEST_LENGTH: Final = 32


@final
class BundleAccess:
    """Opens the sources that stand for senders of bundles; every other one is opened as it always is."""

    def __init__(
        self, uow: UnitsOfWork, otherwise: Callable[[Source], AbstractContextManager[Fetcher]], max_bytes: int
    ) -> None:
        """Keep the way to other sources, and how large a bundle may be."""
        self._uow: Final = uow
        self._otherwise: Final = otherwise
        self._max_bytes: Final = max_bytes

    @contextmanager
    def open(self, source: Source) -> Iterator[Fetcher]:
        """Open the way to one source.

        Raises:
            SourceError: of a bundle, that it is not the one let in last, or no longer whole and trusted.
        """
        if source.kind is BUNDLE_KIND:
            yield _Parts(self._verified(source))
            return
        with self._otherwise(source) as fetcher:
            yield fetcher

    def _verified(self, source: Source) -> WholeBundle:
        sender = self._sender_of(source.id)
        try:
            whole = read_whole(Path(source.address), max_bytes=self._max_bytes, is_trusted=sender.__contains__)
        except BundleRefused as refused:
            raise SourceError(refused.code, **refused.parameters) from refused
        if whole.digest != next(iter(sender.values())):
            raise SourceError("bundle_changed", member=Path(source.address).name)
        return whole

    def _sender_of(self, source_id: SourceId) -> Mapping[str, str]:
        """Return the key that counts for a source to the digest of the bundle let in last."""
        with self._uow.reading() as look:
            senders = look.bundles.senders()
        return {it.public_key: it.digest for it in senders if it.source_id == source_id and it.is_trusted}


@final
class _Parts:
    """A fetcher that knows nothing but the parts of one bundle."""

    def __init__(self, whole: WholeBundle) -> None:
        self._whole: Final = whole

    @contextmanager
    def fetch(self, address: str, parameters: Mapping[str, str] | None = None) -> Iterator[Payload]:
        """Give one part by its name."""
        del parameters
        part = next(part for part in self._whole.manifest.parts if part.name == address)
        yield Payload(
            address=part.name,
            media_type="application/jsonl",
            charset="utf-8",
            size_bytes=part.size_bytes,
            digest=part.sha256[:_DIGEST_LENGTH],
            open=lambda: self._whole.open(part.name),
        )

    def expand(self, address: str) -> tuple[str, ...]:
        """Return the names of the parts of one sort, in their order."""
        return tuple(part.name for part in self._whole.manifest.parts if part.name.startswith(address))
