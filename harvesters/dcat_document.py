"""What one DCAT document holds: its datasets, who is part of whom, and where it leads on."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

from rdflib import BNode, Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF
from rdflib.term import Node

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.metadata import JsonValue
from harvesters.canonical import canonical, digest
from harvesters.links import joined
from harvesters.rdf_reading import base_of
from harvesters.rdf_tree import HYDRA, Trees, plain_address

CYCLE_KEY: Final = "@cycle"
"""Key of a dataset's tree under which stand the names of those it goes in a circle with."""

_PART_OF: Final = (DCTERMS.isPartOf, URIRef(f"{DCAT}inSeries"))
_HAS_PART: Final = (DCTERMS.hasPart, URIRef(f"{DCAT}seriesMember"))
_NEXT: Final = (HYDRA["next"], HYDRA["nextPage"], URIRef("http://www.w3.org/ns/ldp#nextPage"))
_ENVELOPES: Final = (DCAT.Catalog, HYDRA["Collection"], HYDRA["PartialCollectionView"])
_LINK: Final = re.compile(r"<([^<>]*)>([^<>]*)")
_PASSING: Final = "/.well-known/genid/"
"""Addresses made up for nodes without a name, anew each time (RDF 1.1 Concepts §3.5)."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One dataset of a document.

    Attributes:
        identifier: its address; of a node without one its `dct:identifier`, else a digest of all it says. The last
            changes with the content: only the source can give a record a name that stays.
        tree: all that is said of it.
    """

    identifier: str
    tree: dict[str, JsonValue]


@final
class DcatDocument:
    """One document, read."""

    def __init__(self, graph: Graph, address: str, link: str = "") -> None:
        """Find the datasets.

        Args:
            graph: the document.
            address: where it came from.
            link: the Link header it came with.

        Raises:
            SourceError: `no_datasets`, neither a dataset nor a catalogue is in it.
        """
        self._graph, self._base, self._link = graph, base_of(address), link
        self._nodes = list(dict.fromkeys(self._found()))
        if not self._nodes and not any((None, RDF.type, kind) in graph for kind in _ENVELOPES):
            raise SourceError("no_datasets", address=address, statements=len(graph))

    def datasets(self) -> list[Dataset]:
        """Return the datasets in the order of their identifiers."""
        boundaries = {*self._nodes, *self._graph.subjects(RDF.type, DCAT.Catalog)}
        trees = Trees(self._graph, boundaries)
        by_node = {node: trees.tree(node) for node in self._nodes}
        names = {node: _identifier(node, tree) for node, tree in by_node.items()}
        for circle in self._circles():
            members = [names[node] for node in circle]
            first = min(range(len(members)), key=lambda place: members[place])
            ordered: list[JsonValue] = [*members[first:], *members[:first], members[first]]
            by_node[circle[first]][CYCLE_KEY] = ordered
        found = (Dataset(identifier=names[node], tree=tree) for node, tree in by_node.items())
        return sorted(found, key=lambda dataset: dataset.identifier)

    def names(self) -> set[str]:
        """Return what tells the datasets of this document from those of others."""
        return {str(node) for node in self._nodes}

    def next_page(self) -> str:
        """Return the address of the following page (Hydra, LDP); empty on the last one."""
        stated = (value for predicate in _NEXT for value in self._graph.objects(None, predicate))
        addresses = [joined(self._base, str(value)) for value in stated] + list(self._linked())
        return next(iter(sorted(address for address in addresses if address != self._base)), "")

    def total(self) -> int:
        """Return how many datasets the whole collection has; 0 where nothing says."""
        stated = [str(value) for value in self._graph.objects(None, HYDRA["totalItems"])]
        return max((int(text) for text in stated if text.isdecimal() and len(text) < 10), default=0)  # noqa: PLR2004

    def elsewhere(self) -> list[str]:
        """Return the addresses of datasets and catalogues that are named here and described somewhere else."""
        named = (value for term in (DCAT.dataset, DCAT.catalog) for value in self._graph.objects(None, term))
        absent = {value for value in named if isinstance(value, URIRef) and (value, None, None) not in self._graph}
        return sorted({str(value).partition("#")[0] for value in absent})

    def _found(self) -> Iterator[Node]:
        yield from self._graph.subjects(RDF.type, DCAT.Dataset)
        for node in self._graph.objects(None, DCAT.dataset):
            if (node, DCTERMS.title, None) in self._graph:
                yield node

    def _linked(self) -> Iterator[str]:
        for address, parameters in _LINK.findall(self._link):
            if re.search(r"\brel\s*=\s*\"?[^\";]*\bnext\b", parameters, re.IGNORECASE):
                yield joined(self._base, address)

    def _circles(self) -> Iterator[Sequence[Node]]:
        """Yield each circle of parts once; a whole may be its own part, too."""
        parents = {node: self._parents(node) for node in self._nodes}
        done: set[Node] = set()
        for start in sorted(self._nodes, key=str):
            path: dict[Node, int] = {}
            node: Node | None = start
            while node is not None and node not in done:
                if node in path:
                    yield list(path)[path[node] :]
                    break
                path[node] = len(path)
                node = next(iter(parents[node]), None)
            done.update(path)

    def _parents(self, node: Node) -> list[Node]:
        stated = {value for term in _PART_OF for value in self._graph.objects(node, term)}
        inverse = {value for term in _HAS_PART for value in self._graph.subjects(term, node)}
        return sorted((stated | inverse).intersection(self._nodes), key=str)


def _identifier(node: Node, tree: dict[str, JsonValue]) -> str:
    address = "" if isinstance(node, BNode) else plain_address(str(node))
    if address and _PASSING not in address:
        return address
    stated = tree.get("dct:identifier")
    texts = [part.get("@value") for part in stated if isinstance(part, dict)] if isinstance(stated, list) else []
    named = [text.strip() for text in texts if isinstance(text, str) and text.strip()]
    return named[0] if named else digest(canonical({**tree, "@id": None}))
