"""RDF documents as graphs: the syntax told by content, every guard passed before rdflib sees a byte.

Turtle and N-Triples (a part of Turtle) are read as text; RDF/XML comes through the guarded parser of `markup`, which
refuses document types and entities; of JSON-LD no context is fetched (`rdf_contexts`). Nothing here uses the network.
"""

import logging
import re
from collections.abc import Callable, Mapping
from enum import Enum, unique
from typing import Final
from urllib.parse import urlsplit
from xml.sax import SAXParseException

from rdflib import Graph
from rdflib.exceptions import ParserError
from rdflib.graph import _TripleType
from rdflib.plugins.parsers.jsonld import to_rdf
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.plugins.stores.memory import SimpleMemory

from catalogue_app.domain.errors import SourceError, SourceRefused
from catalogue_app.domain.text import clean_line
from harvesters.json_reading import whole
from harvesters.markup import guarded, looks_like_page, page_title
from harvesters.port import Payload
from harvesters.rdf_contexts import with_local_contexts
from harvesters.sheet_encoding import detect, undecodable_at

logging.getLogger("rdflib.term").setLevel(logging.ERROR)  # it shows a fault of ours where a value is none of its type

DOCUMENT_BYTES: Final = 64 * 1024 * 1024
"""Bytes of one document; larger catalogues come in pages."""
TRIPLE_LIMIT: Final = 1_000_000
"""Statements of one document, about a gigabyte of memory; the largest real page met so far has some thousands."""
RELATIVE: Final = "http://document.invalid/"
"""Stands before relative addresses in a document that has no web address itself (RFC 2606: never resolves)."""

_HEAD_BYTES: Final = 4_096
_REASON: Final = 200
_XML: Final = re.compile(r"<(?:\?xml|!--|!DOCTYPE|[A-Za-z_][\w.-]*(?::[\w.-]+)?(?=[\s>/]).*xmlns)", re.DOTALL)
_JSON: Final = re.compile(r"\{|\[\s*(?:[\[{\"\]]|-?\d)")
_FAULTS: Final = (
    ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, ParserError, SAXParseException,
)  # fmt: skip
"""What the readers of rdflib raise at documents that are not what they should be."""


@unique
class Syntax(Enum):
    """How a graph is written down."""

    TURTLE = "turtle"
    RDF_XML = "xml"
    JSON_LD = "json-ld"


class _Limited(SimpleMemory):
    """A store that takes so many statements and no more."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address, self._room = address, TRIPLE_LIMIT

    def add(self, triple: _TripleType, context: object, quoted: bool = False) -> None:  # noqa: FBT001, FBT002 — rdflib's
        self._room -= 1
        if self._room < 0:
            raise SourceRefused("too_many_statements", address=self._address, limit=TRIPLE_LIMIT)
        super().add(triple, context, quoted)  # type: ignore[arg-type]  # a graph, handed on


def syntax_of(payload: Payload) -> Syntax:
    """Tell the syntax by how the document begins.

    Raises:
        SourceError: `empty_answer`, or `html_instead_of_rdf` with the page's title.
    """
    with payload.open() as body:
        head = body.read(_HEAD_BYTES).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not head:
        raise SourceError("empty_answer", address=payload.address)
    if looks_like_page(payload):
        raise SourceError("html_instead_of_rdf", address=payload.address, title=page_title(payload)[:_REASON])
    if _XML.match(head):
        return Syntax.RDF_XML
    return Syntax.JSON_LD if _JSON.match(head) else Syntax.TURTLE


def read_graph(payload: Payload) -> Graph:
    """Read a document as a graph; named graphs of JSON-LD are read as one.

    Raises:
        SourceError: not RDF (`invalid_rdf` with line and reason; `invalid_xml`, `invalid_json` with theirs), a web
            page, or a context that is not ours.
        SourceRefused: beyond a limit, or with a document type.
    """
    if payload.size_bytes > DOCUMENT_BYTES:
        raise SourceRefused("too_large", address=payload.address, limit_bytes=DOCUMENT_BYTES)
    graph = Graph(store=_Limited(payload.address))
    try:
        _READERS[syntax_of(payload)](payload, graph, base_of(payload.address))
    except RecursionError as fault:
        raise SourceRefused("too_deep", address=payload.address) from fault
    except BadSyntax as fault:
        raise SourceError("invalid_rdf", address=payload.address, **_place_of(fault)) from None
    except _FAULTS as fault:
        line = (fault.getLineNumber() or 0) if isinstance(fault, SAXParseException) else 0
        reason = clean_line(str(fault)).removeprefix(f"{payload.address}:")[:_REASON] or type(fault).__name__
        raise SourceError("invalid_rdf", address=payload.address, line=line, reason=reason) from None
    return graph


def base_of(address: str) -> str:
    """Return what relative addresses in a document are relative to."""
    return address if urlsplit(address).scheme in {"http", "https"} else RELATIVE


def _place_of(fault: BadSyntax) -> dict[str, object]:
    """Say where Turtle breaks and why; its reader's own count of lines goes astray where it steps back."""
    before = fault._str.decode()[: fault._i]  # noqa: SLF001 — said in no other way
    return {"line": before.count("\n") + 1, "reason": clean_line(fault._why)[:_REASON]}  # noqa: SLF001 — as above


def _turtle(payload: Payload, graph: Graph, base: str) -> None:
    codec = "utf-8" if undecodable_at(payload.open, "utf-8") >= payload.size_bytes else detect(payload.open)
    with payload.open() as body:
        written = body.read()
    try:
        text = written.decode(codec).lstrip("\ufeff")
    except UnicodeDecodeError as fault:
        raise SourceError("undecodable_text", address=payload.address, offset=fault.start) from None
    graph.parse(data=text, format="turtle", publicID=base)


def _rdf_xml(payload: Payload, graph: Graph, base: str) -> None:
    graph.parse(data=guarded(payload), format="xml", publicID=base)


def _json_ld(payload: Payload, graph: Graph, base: str) -> None:
    to_rdf(with_local_contexts(whole(payload), payload.address), graph, base=base)


_READERS: Final[Mapping[Syntax, Callable[[Payload, Graph, str], None]]] = {
    Syntax.TURTLE: _turtle,
    Syntax.RDF_XML: _rdf_xml,
    Syntax.JSON_LD: _json_ld,
}
