"""One node of a graph with all that is said of it, as a JSON tree: what a snapshot keeps and `parse` reads.

Properties have short names (`dct:title`); values are sorted, so that the order of a document, which means nothing in
RDF, changes no digest. Nodes without a name are written into the tree where they are used and leave no name behind.
A node that is an entry or catalogue of its own is named and not followed, so no circle is walked.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, final

import orjson
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, OWL, PROV, RDF, RDFS, SKOS
from rdflib.term import Node

from catalogue_app.domain.errors import SourceRefused
from catalogue_app.domain.metadata import JsonValue
from harvesters.rdf_reading import RELATIVE

TREE_LEVELS: Final = 6
"""Nodes inside nodes that are followed; a dataset, its file, the file's licence and its name are four."""
TREE_NODES: Final = 100_000
"""Values of one tree; the largest real dataset met so far has some hundreds of files."""

DOCUMENT_NODES: Final = 5_000_000
"""Values of all trees of a document: what many datasets share is written into each of them."""

_NAMES: Final[Mapping[str, str]] = {
    str(DCAT): "dcat",
    str(DCTERMS): "dct",
    str(FOAF): "foaf",
    str(OWL): "owl",
    str(PROV): "prov",
    str(RDF): "rdf",
    str(RDFS): "rdfs",
    str(SKOS): "skos",
    "http://www.w3.org/2006/vcard/ns#": "vcard",
    "http://www.w3.org/ns/adms#": "adms",
    "http://www.w3.org/ns/locn#": "locn",
    "http://www.w3.org/ns/hydra/core#": "hydra",
    "http://schema.org/": "schema",
    "https://schema.org/": "schema",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://data.europa.eu/r5r/": "dcatap",
    "http://dati.gov.it/onto/dcatapit#": "dcatapit",
    "https://project-open-data.cio.gov/v1.1/schema#": "pod",
    "http://www.w3.org/ns/ldp#": "ldp",
}
"""Namespace to the short name under which its terms are written."""

HYDRA: Final = Namespace("http://www.w3.org/ns/hydra/core#")


def short(term: str) -> str:
    """Return the short name of a term; its address where its vocabulary has none."""
    for mark in ("#", "/"):
        namespace, _, name = term.rpartition(mark)
        if name and (prefix := _NAMES.get(namespace + mark)):
            return f"{prefix}:{name}"
    return term


def plain_address(term: str) -> str:
    """Return an address as its document wrote it: relative ones without what was put before them."""
    return term.removeprefix(RELATIVE) or "#"


@final
class Trees:
    """Writes nodes of one graph as trees."""

    def __init__(self, graph: Graph, boundaries: AbstractSet[Node]) -> None:
        """Keep the graph.

        Args:
            graph: the whole document.
            boundaries: nodes that are named but not followed.
        """
        self._graph, self._boundaries = graph, boundaries
        self._room, self._left = TREE_NODES, DOCUMENT_NODES

    def tree(self, node: Node) -> dict[str, JsonValue]:
        """Return the tree of a node.

        Raises:
            SourceRefused: `record_too_large`; `too_many_statements` where all trees together are.
        """
        self._left -= TREE_NODES - self._room
        if self._left < 0:
            raise SourceRefused("too_many_statements", limit=DOCUMENT_NODES)
        self._room = TREE_NODES
        return self._object(node, frozenset({node}))

    def _object(self, node: Node, above: AbstractSet[Node]) -> dict[str, JsonValue]:
        said: dict[str, list[JsonValue]] = {}
        for predicate, value in self._graph.predicate_objects(node):
            self._room -= 1
            if self._room < 0:
                raise SourceRefused("record_too_large", record=plain_address(str(node)), limit=TREE_NODES)
            written = [self._value(part, above) for part in self._parts(value)]
            said.setdefault("@type" if predicate == RDF.type else short(str(predicate)), []).extend(written)
        named: dict[str, JsonValue] = {} if isinstance(node, BNode) else {"@id": plain_address(str(node))}
        return named | {name: _sorted(values) for name, values in sorted(said.items())}

    def _parts(self, value: Node) -> Iterator[Node]:
        """Yield the members of a list, or the value itself."""
        if isinstance(value, BNode) and self._graph.value(value, RDF.first) is not None:
            yield from list(self._graph.items(value))
        else:
            yield value

    def _value(self, value: Node, above: AbstractSet[Node]) -> JsonValue:
        if isinstance(value, Literal):
            return _literal(value)
        if isinstance(value, URIRef) and (value, None, None) not in self._graph:
            return {"@id": plain_address(str(value))}
        if value in above or value in self._boundaries or len(above) > TREE_LEVELS:
            return {} if isinstance(value, BNode) else {"@id": plain_address(str(value))}
        return self._object(value, above | {value})


def _literal(value: Literal) -> JsonValue:
    written: dict[str, JsonValue] = {"@value": str(value)}
    if value.language:
        written["@language"] = value.language
    return written


def _sorted(values: list[JsonValue]) -> list[JsonValue]:
    """Sort values and leave out those that stand twice."""
    by_form = {orjson.dumps(value, option=orjson.OPT_SORT_KEYS): value for value in values}
    return [by_form[form] for form in sorted(by_form)]
