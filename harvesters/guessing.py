"""What kind of source an address seems to be, by the beginning of what it answers; a person has the last word."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from catalogue_app.domain.source import SourceKind

HEAD_BYTES: Final = 65_536
"""Bytes of an answer that are looked at."""

_TABLES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08\x10\x00")
_NO_SOURCE: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")
_CKAN_PATH: Final = re.compile(r"/api/(?:3/)?action(?:/|$)|/api/3(?:/|$)")
_OURS_PATH: Final = re.compile(r"/api/v1(?:/|$)")
_OAI: Final = re.compile(r"<OAI-PMH\b|openarchives\.org/OAI/2\.0")
_CSW: Final = re.compile(r"opengis\.net/cat/csw|[?&]service=csw", re.IGNORECASE)
_ISO: Final = re.compile(r"<(?:\w+:)?(?:MD|MI)_Metadata\b|<metadata>\s*<idinfo>")
_SITEMAP: Final = re.compile(r"<(?:urlset|sitemapindex)\b")
_RDF: Final = re.compile(r"<rdf:RDF\b|^\s*(?:@prefix|@base|PREFIX)\b|\"@context\"", re.MULTILINE)
_DATA_JSON: Final = re.compile(r"project-open-data|\"dataset\"\s*:\s*\[")
_CKAN_ANSWER: Final = re.compile(r"\"success\"\s*:\s*true\b.*\"result\"\s*:", re.DOTALL)
_CKAN_PAGE: Final = re.compile(r"<meta[^>]+generator[^>]+ckan", re.IGNORECASE)
_LISTING: Final = re.compile(r"<title>\s*Index of|<a[^>]+href=\"[^\"]+\.xml\"", re.IGNORECASE)
_SCHEMA: Final = re.compile(r"application/ld\+json|itemtype=\"https?://schema\.org", re.IGNORECASE)


class Answer(NamedTuple):
    """The beginning of what an address answered.

    Attributes:
        address: as it was asked.
        text: decoded as well as it goes; every mark that is looked for is ASCII.
    """

    address: str
    text: str

    @property
    def is_json(self) -> bool:
        """Whether it begins as JSON does."""
        return self.text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}

    @property
    def is_markup(self) -> bool:
        """Whether it begins as XML or HTML does."""
        return self.text.lstrip("\ufeff \t\r\n")[:1] == "<"


_RULES: Final[tuple[tuple[SourceKind, Callable[[Answer], object]], ...]] = (
    (SourceKind.OAI_PMH, lambda it: it.is_markup and _OAI.search(it.text)),
    (SourceKind.CSW, lambda it: it.is_markup and _CSW.search(it.text + it.address)),
    (SourceKind.WAF, lambda it: it.is_markup and _ISO.search(it.text)),
    (SourceKind.SCHEMA_ORG, lambda it: it.is_markup and _SITEMAP.search(it.text)),
    (SourceKind.CATALOGUE, lambda it: it.is_json and _OURS_PATH.search(it.address)),
    (SourceKind.CKAN, lambda it: it.is_json and (_CKAN_PATH.search(it.address) or _CKAN_ANSWER.search(it.text))),
    (SourceKind.CKAN, lambda it: it.is_markup and _CKAN_PAGE.search(it.text)),
    (SourceKind.DATA_JSON, lambda it: it.is_json and _DATA_JSON.search(it.text)),
    (SourceKind.DCAT, lambda it: _RDF.search(it.text)),
    (SourceKind.JSON_API, lambda it: it.is_json),
    (SourceKind.SCHEMA_ORG, lambda it: it.is_markup and _SCHEMA.search(it.text)),
    (SourceKind.WAF, lambda it: it.is_markup and _LISTING.search(it.text)),
)
"""In their order: what is said of a format itself goes before what an address or a page seems to be."""


def guess(address: str, head: bytes) -> SourceKind | None:
    """Return what kind of source answers so; none where nothing speaks for any.

    Args:
        address: where it was asked, or the path of a file.
        head: the first bytes of the answer.
    """
    if head.startswith(_TABLES):
        return SourceKind.SHEET
    if head.startswith(_NO_SOURCE) or not head.strip():
        return None
    answer = Answer(address=address, text=head.decode("utf-8", "replace"))
    found = next((kind for kind, fits in _RULES if fits(answer)), None)
    if found is None and not answer.is_markup and _is_text(head):
        return SourceKind.SHEET
    return found


def _is_text(head: bytes) -> bool:
    """Tell text, in whatever encoding, from other bytes; UTF-16 has a NUL in every other byte, and a mark before it."""
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in head
