"""Sitemaps (sitemaps.org/protocol): the pages of a site, and the sitemaps of an index."""

from dataclasses import dataclass
from typing import Final, final

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.text import clean_line
from harvesters.markup import elements, looks_like_page, name_of, root_tag
from harvesters.port import Payload

ADDRESS_LIMIT: Final = 2_048
"""Characters of an address (the protocol's own limit)."""
ENTRY_LIMIT: Final = 50_000
"""Addresses of one sitemap (the protocol's own limit)."""

_NAMESPACES: Final = (
    "{http://www.sitemaps.org/schemas/sitemap/0.9}",
    "{https://www.sitemaps.org/schemas/sitemap/0.9}",
    "{http://www.google.com/schemas/sitemap/0.84}",
    "",
)
_ENTRIES: Final = frozenset(f"{space}{name}" for space in _NAMESPACES for name in ("url", "sitemap"))
_ROOTS: Final = frozenset({"urlset", "sitemapindex"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What one sitemap names.

    Attributes:
        pages: addresses of pages, in its order.
        sitemaps: addresses of further sitemaps.
    """

    pages: tuple[str, ...]
    sitemaps: tuple[str, ...]


def is_sitemap(payload: Payload) -> bool:
    """Tell whether an answer is a sitemap, by its outermost element.

    Raises:
        SourceError: it begins like XML, and is broken.
        SourceRefused: a document type.
    """
    with payload.open() as body:
        is_markup = body.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return is_markup and not looks_like_page(payload) and root_tag(payload).rpartition("}")[2] in _ROOTS


def read_sitemap(payload: Payload) -> Sitemap:
    """Read one sitemap as a stream.

    Raises:
        SourceError: not a sitemap (`not_a_sitemap`), or broken XML.
        SourceRefused: a document type, or beyond a limit.
    """
    if not is_sitemap(payload):
        raise SourceError("not_a_sitemap", address=payload.address)
    found: dict[str, list[str]] = {"url": [], "sitemap": []}
    for element in elements(payload, _ENTRIES):
        places = (clean_line(part.text or "") for part in element if name_of(part) == "loc")
        found[name_of(element)].extend(it for it in places if it and len(it) <= ADDRESS_LIMIT)
        if len(found["url"]) + len(found["sitemap"]) > ENTRY_LIMIT:
            raise SourceError("too_many_links", address=payload.address, limit=ENTRY_LIMIT)
    return Sitemap(pages=tuple(found["url"]), sitemaps=tuple(found["sitemap"]))
