"""Ways to the content of an entry: files, services and addresses that its metadata names, safe to show."""

from dataclasses import dataclass
from datetime import date
from typing import Final, final

from catalogue_app.domain.metadata import Distribution, EntryMetadata
from catalogue_app.web.messages import mark, say
from catalogue_app.web.portal.passages import plain

_SERVICES: Final = frozenset({"rest", "webservice", "api", "wms", "wfs", "sparql", "odata"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to the content.

    Attributes:
        title: what stands behind it.
        format: short name of the file format; empty when unknown.
        address: http(s) address that may become a link; empty where there is none.
        unsafe: the address as written, where it must not become a link.
        is_service: it is called or visited rather than downloaded.
    """

    title: str
    format: str = ""
    address: str = ""
    unsafe: str = ""
    is_service: bool = False
    size_bytes: int | None = None
    modified_on: date | None = None
    description: str = ""

    @property
    def action(self) -> str:
        """Say what following the link does."""
        if self.is_service or not self.format:
            return say(mark("访问"))
        return say(mark("下载 %(format)s"), format=self.format.upper())


def ways_of(metadata: EntryMetadata) -> tuple[Way, ...]:
    """Return all ways: what can be fetched first, in the order the organ gave, then further addresses."""
    ways = [_of_distribution(each, plain(metadata.title)) for each in metadata.distributions]
    known = {way.address or way.unsafe for way in ways}
    more = [_of_address(url) for url in dict.fromkeys(metadata.online_urls) if url not in known]
    return tuple(sorted([*ways, *more], key=lambda way: not way.address))


def is_web_address(text: str) -> bool:
    """Say whether a text may become a link: http or https only."""
    return Distribution(url=text).is_linkable


def _of_distribution(distribution: Distribution, of_entry: str) -> Way:
    linkable = distribution.is_linkable
    return Way(
        title=distribution.title or of_entry,
        format=distribution.format,
        address=distribution.url if linkable else "",
        unsafe="" if linkable else distribution.url,
        is_service=distribution.format in _SERVICES,
        size_bytes=distribution.size_bytes,
        modified_on=distribution.modified_on,
        description=distribution.description,
    )


def _of_address(url: str) -> Way:
    linkable = is_web_address(url)
    return Way(title=say(mark("在线地址")), address=url if linkable else "", unsafe="" if linkable else url)
