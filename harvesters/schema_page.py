"""The datasets that one page describes in schema.org's words: JSON-LD inside the page, or a JSON-LD document.

Words are told by their names alone (`name`, `schema:name`, `https://schema.org/name`); no context is looked at, let
alone fetched. What a node says once, others of the page may refer to by `@id`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Final

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.metadata import JsonValue
from harvesters.dcat_values import listed, plain
from harvesters.json_reading import whole
from harvesters.links import joined
from harvesters.markup import html
from harvesters.port import Payload
from harvesters.raw_values import text_of

PAGE_KEY: Final = "@page"
"""Key under which a dataset carries the address of its page."""
SCRIPT_LIMIT: Final = 200
"""Pieces of JSON-LD in one page."""

REFERENCE_LIMIT: Final = 1_000
"""References of one dataset that are followed; nodes that refer to each other would multiply."""

_LD_JSON: Final = "application/ld+json"
_DATASET: Final = "Dataset"
_REFERENCE_LEVELS: Final = 3
_PREFIXES: Final = ("https://schema.org/", "http://schema.org/", "schema:")

Node = dict[str, JsonValue]


def datasets_of(payload: Payload) -> Iterator[tuple[str, Node]]:
    """Yield (identifier, dataset) for each dataset of a page, in its order.

    Raises:
        SourceError: a piece of JSON-LD that speaks of a dataset is broken.
        SourceRefused: a piece is nested too deep or too large.
    """
    values = [_named(value) for value in _documents(payload)]
    nodes = {text_of(node.get("@id")): node for value in values for node in _nodes(value) if len(node) > 1}
    found = [node for value in values for node in _datasets(value)]
    for position, node in enumerate(found):
        filled = _References(nodes).filled(node, _REFERENCE_LEVELS)
        raw = filled if isinstance(filled, dict) else node
        yield _identifier(raw, payload.address, position), {**raw, PAGE_KEY: payload.address}


def _documents(payload: Payload) -> Iterator[JsonValue]:
    with payload.open() as body:
        head = body.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith((b"{", b"[")):
        yield whole(payload)
        return
    scripts = [it for it in html(payload).iter("script") if _LD_JSON in (it.get("type") or "").lower()]
    for script in scripts[:SCRIPT_LIMIT]:
        text = (script.text or "").strip().removeprefix("<![CDATA[").removesuffix("]]>").strip()
        if text:
            yield from _parsed(text, payload)


def _parsed(text: str, payload: Payload) -> Iterator[JsonValue]:
    """Parse one piece; a broken one that speaks of no dataset is none of our business."""
    body = text.encode("utf-8", "replace")
    piece = Payload(
        address=payload.address,
        size_bytes=len(body),
        digest=hashlib.blake2b(body, digest_size=16).hexdigest(),
        open=lambda: BytesIO(body),
    )
    try:
        yield whole(piece)
    except SourceError:
        if _DATASET in text:
            raise


def _named(value: JsonValue) -> JsonValue:
    """Take the vocabulary's own prefix from names and types."""
    match value:
        case list():
            return [_named(part) for part in value]
        case dict():
            return {_short(name): _type(part) if name == "@type" else _named(part) for name, part in value.items()}
    return value


def _type(value: JsonValue) -> JsonValue:
    return [_short(text_of(part)) for part in listed(value)]


def _short(name: str) -> str:
    return next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), name)


def _nodes(value: JsonValue) -> Iterator[Node]:
    match value:
        case list():
            for part in value:
                yield from _nodes(part)
        case dict():
            if value.get("@id"):
                yield value
            for part in value.values():
                yield from _nodes(part)


def _datasets(value: JsonValue) -> Iterator[Node]:
    """Yield the outermost datasets; what a dataset says of others is a relation."""
    match value:
        case list():
            for part in value:
                yield from _datasets(part)
        case dict() if _DATASET in listed(value.get("@type")):
            if set(value) - {"@id", "@type", "@context"}:
                yield value
        case dict():
            for part in value.values():
                yield from _datasets(part)


class _References:
    """The nodes of a page by name, put in the place of mere references to them, so many and no more."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes, self._left = nodes, REFERENCE_LIMIT

    def filled(self, value: JsonValue, levels: int) -> JsonValue:
        """Return a value with what its references say, so many levels deep."""
        match value:
            case list():
                return [self.filled(part, levels) for part in value]
            case dict() if levels:
                return {name: self.filled(part, levels - 1) for name, part in self._said(value).items()}
        return value

    def _said(self, value: Node) -> Node:
        if len(value) != 1 or "@id" not in value or self._left <= 0:
            return value
        self._left -= 1
        return self._nodes.get(text_of(value["@id"]), value)


def _identifier(node: Node, page: str, position: int) -> str:
    own = text_of(node.get("@id"))
    address = joined(page, own) if own and not own.startswith("_:") else ""
    if address.startswith(("http://", "https://")):
        return address
    stated = next((part for part in listed(node.get("identifier")) if text_of(part)), None)
    named = stated.get("value") or stated.get("url") if isinstance(stated, dict) else stated
    for found in (named, node.get("url")):
        if text := text_of(plain(found)):
            return text
    return f"{page}#{position}" if position else page
