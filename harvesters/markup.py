"""The one guarded XML and HTML parser.

Document types and entities are refused, nothing is fetched, and depth, sizes, attributes and elements have limits, so
that no document costs more memory than its limits say. Large documents are read as a stream: each wanted element is
handed out whole and cleared when the next is asked for. `lxml` is imported here and nowhere else.
"""

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from lxml import etree

from catalogue_app.domain.errors import SourceError, SourceRefused
from harvesters.markup_text import is_page, page_text, title_of, xml_pieces, xml_prolog
from harvesters.port import Payload

Element: TypeAlias = etree._Element  # noqa: SLF001 — lxml's public name of the class of elements is a function
"""An element: `tag` in Clark's notation (`{namespace}name`), `text`, `tail`, `get`, `find`, `iter`."""

DEPTH_LIMIT: Final = 200
"""Levels of elements; ISO 19139 records have 30 at most."""
ATTRIBUTE_LIMIT: Final = 500
"""Attributes of one element."""
ELEMENT_LIMIT: Final = 500_000
"""Elements of one record, or of a document that is read whole."""
RECORD_BYTES: Final = 32 * 1024 * 1024
"""Bytes of one record; the longest real one met so far has 1.3 million in one text."""
DOCUMENT_BYTES: Final = 64 * 1024 * 1024
"""Bytes of a document that is read whole."""
PAGE_BYTES: Final = 16 * 1024 * 1024
"""Bytes of a web page."""

_PLACE: Final = re.compile(r",? *line \d+, column \d+.*", re.DOTALL)
_RESOURCE: Final = re.compile(r"huge|excessive|too (?:long|big|deep|many)|limit|maximum", re.IGNORECASE)
_ADVICE: Final = re.compile(r",? (?:use|try) XML_\w+.*", re.DOTALL)
_REASON: Final = 150


def elements(
    payload: Payload,
    wanted: frozenset[str],
    *,
    opened: frozenset[str] = frozenset(),
    passes_doctype: bool = False,
) -> Iterator[Element]:
    """Yield the outermost wanted elements of a document in order, each until the next is asked for.

    Args:
        payload: the document.
        wanted: tags in Clark's notation; such an element is yielded whole.
        opened: tags of elements around the wanted ones, yielded when they begin: for their attributes only.
        passes_doctype: whether a document type that declares nothing itself is passed over; else it is refused.

    Raises:
        SourceError: not XML, broken (`invalid_xml` with line and reason), not decodable, or a web page.
        SourceRefused: a document type, or beyond a limit.
    """
    parser = _Guarded(payload, passes_doctype=passes_doctype)
    within: Element | None = None
    for event, element in parser.events():
        if within is not None:
            if event == "end" and element is within:
                yield element
                within = None
                _drop(element)
            continue
        if event == "start" and element.tag in wanted:
            within = element
            parser.begin_record()
        elif event == "start" and element.tag in opened:
            yield element
        elif event == "end":
            _drop(element)
            parser.begin_record()


def document(payload: Payload) -> Element:
    """Read a whole document; for those that are one record, or small.

    Raises:
        SourceError: not XML, broken (`invalid_xml` with line and reason), not decodable, or a web page.
        SourceRefused: a document type, or beyond a limit.
    """
    _check_size(payload, DOCUMENT_BYTES)
    root: Element | None = None
    for _, element in _Guarded(payload, record_bytes=DOCUMENT_BYTES).events():
        root = element if root is None else root
    if root is None:
        raise SourceError("invalid_xml", line=1, reason="no element", address=payload.address)
    return root


def root_tag(payload: Payload) -> str:
    """Return the tag of the root in Clark's notation; the rest of the document is not read.

    Raises:
        SourceError: what the document begins with is no XML.
        SourceRefused: a document type.
    """
    for _, element in _Guarded(payload).events():
        return str(element.tag)
    raise SourceError("invalid_xml", line=1, reason="no element", address=payload.address)


def guarded(payload: Payload) -> bytes:
    """Return a document for another parser: UTF-8 without declaration or document type, every guard passed.

    Raises:
        SourceError: not XML, broken (`invalid_xml` with line and reason), not decodable, or a web page.
        SourceRefused: a document type, or beyond a limit.
    """
    _check_size(payload, DOCUMENT_BYTES)
    parser = _Guarded(payload, record_bytes=DOCUMENT_BYTES)
    for event, element in parser.events():
        if event == "end":
            _drop(element)
    return b"".join(xml_pieces(payload, parser.prolog))


def html(payload: Payload) -> Element:
    """Read a web page as browsers do: whatever its faults, there is a tree. Tags are in lower case, no namespace.

    Raises:
        SourceError: empty.
        SourceRefused: too large.
    """
    _check_size(payload, PAGE_BYTES)
    text = page_text(payload)
    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = etree.fromstring(text.encode("utf-8", "replace").replace(b"\x00", b""), parser)
    except etree.XMLSyntaxError as fault:
        raise SourceError("not_a_page", address=payload.address) from fault
    if root is None:
        raise SourceError("not_a_page", address=payload.address)
    return root


def looks_like_page(payload: Payload) -> bool:
    """Tell whether an answer begins like a web page."""
    return is_page(payload)


def page_title(payload: Payload) -> str:
    """Return what a web page calls itself, for people; empty where it says nothing."""
    return title_of(page_text(payload))


def name_of(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


class _Guarded:
    """One document on its way through the parser."""

    def __init__(self, payload: Payload, record_bytes: int = RECORD_BYTES, *, passes_doctype: bool = False) -> None:
        self._payload, self._record_bytes = payload, record_bytes
        self.prolog = xml_prolog(payload, passes_doctype=passes_doctype)
        self._fed = self._begun = self._count = self._depth = 0

    def begin_record(self) -> None:
        """Count bytes and elements from here."""
        self._begun, self._count = self._fed, 0

    def events(self) -> Iterator[tuple[str, Element]]:
        """Yield (`start` or `end`, element).

        Entities need no setting: the five of XML itself are all there are without a document type.
        """
        parser = etree.XMLPullParser(
            events=("start", "end"),
            encoding="utf-8",
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            collect_ids=False,
        )
        try:
            for piece in xml_pieces(self._payload, self.prolog):
                self._fed += len(piece)
                parser.feed(piece)
                yield from self._checked(parser)
            parser.close()
            yield from self._checked(parser)
        except etree.XMLSyntaxError as fault:
            raise self._broken(fault) from None

    def _checked(self, parser: etree.XMLPullParser) -> Iterator[tuple[str, Element]]:
        for event, element in parser.read_events():
            if not isinstance(element, etree._Element):  # noqa: SLF001 — see `Element`
                continue
            if event == "start":
                self._check(element)
            else:
                self._depth -= 1
            yield str(event), element
        if self._fed - self._begun > self._record_bytes:
            raise SourceRefused("record_too_large", address=self._payload.address, limit_bytes=self._record_bytes)

    def _check(self, element: Element) -> None:
        if (
            not self._depth and element.getroottree().docinfo.internalDTD is not None
        ):  # the prolog was read already: never without it
            raise SourceRefused("xml_dtd_refused", address=self._payload.address)
        self._depth += 1
        self._count += 1
        if self._depth > DEPTH_LIMIT:
            raise SourceRefused("too_deep", address=self._payload.address, line=element.sourceline, limit=DEPTH_LIMIT)
        if len(element.attrib) > ATTRIBUTE_LIMIT:
            raise self._beyond(f"{ATTRIBUTE_LIMIT} attributes")
        if self._count > ELEMENT_LIMIT:
            raise self._beyond(f"{ELEMENT_LIMIT} elements")

    def _broken(self, fault: etree.XMLSyntaxError) -> SourceError:
        """Say what is broken, and where; the chain of causes ends here because it would quote the document."""
        line, reason = fault.position[0], _PLACE.sub("", str(fault.msg)).strip()[:_REASON]
        if _RESOURCE.search(reason):
            return self._beyond(_ADVICE.sub("", reason))
        return SourceError("invalid_xml", line=line, reason=reason, address=self._payload.address)

    def _beyond(self, limit: str) -> SourceRefused:
        return SourceRefused("xml_beyond_limit", limit=limit, address=self._payload.address)


def _check_size(payload: Payload, limit: int) -> None:
    if payload.size_bytes > limit:
        raise SourceRefused("too_large", address=payload.address, limit_bytes=limit)


def _drop(element: Element) -> None:
    """Forget an element that was read, and everything before it: only so does a stream stay flat."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]
