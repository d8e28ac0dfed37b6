"""An XML record as a JSON value: local names, texts and attributes, in the form that adapters keep and read.

An element without attributes and children is its text; any other is an object: `@name` for an attribute, `#` for text,
and each child's name with the list of its values. Namespaces are left out: a record is read by the names that its
standard gives, and servers are careless about the rest.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

from catalogue_app.domain.metadata import JsonValue
from catalogue_app.domain.text import clean
from harvesters.markup import Element, name_of
from harvesters.raw_values import text_of

TEXT_LIMIT: Final = 200_000
"""Characters kept of one text; no element of the profile holds as many."""
GEOMETRY_LIMIT: Final = 1_000
"""Characters kept of a list of coordinates; a real one has 1.28 million, and none is an element of the profile."""

Node = JsonValue
"""One element of a record."""

_GEOMETRY: Final = frozenset({"posList", "pos", "coordinates", "tupleList"})
_IGNORED_ATTRIBUTES: Final = frozenset({"schemaLocation", "noNamespaceSchemaLocation"})


def tree_of(element: Element) -> Node:
    """Write an element and all below it as a JSON value; texts beyond their limit are cut and end in their digest."""
    attributes: dict[str, JsonValue] = {}
    for name, value in element.attrib.items():
        local = str(name).rpartition("}")[2]
        if local not in _IGNORED_ATTRIBUTES:
            attributes[f"@{local}"] = clean(str(value))
    text = _kept(name_of(element), _own_text(element))
    if not attributes and not len(element):
        return text
    tree = attributes | ({"#": text} if text else {})
    children: dict[str, list[JsonValue]] = {}
    for child in element:
        children.setdefault(name_of(child), []).append(tree_of(child))
    for name, values in children.items():
        tree[name] = list[JsonValue](values)
    return tree


def nodes(node: Node, path: str) -> Iterator[Node]:
    """Yield the elements at a path below an element: names parted by `/`, `*` for any name."""
    name, _, rest = path.partition("/")
    for child in _children(node, name):
        if rest:
            yield from nodes(child, rest)
        else:
            yield child


def node(tree: Node, path: str) -> Node:
    """Return the first element at a path; None where there is none."""
    return next(nodes(tree, path), None)


def value(tree: Node) -> str:
    """Return the text of an element as one cleaned line: its own, else that of its first child that has one.

    ISO 19139 wraps every text (`gco:CharacterString`, `gmx:Anchor`); codes stand in `@codeListValue`.
    """
    return text_of(long_value(tree))


def long_value(tree: Node) -> str:
    """Return the text of an element as `value` does, line breaks kept."""
    match tree:
        case str():
            return tree
        case dict():
            own = tree.get("#") or tree.get("@codeListValue")
            if isinstance(own, str) and own:
                return own
            return next((text for child in _children(tree, "*") if (text := long_value(child))), "")
        case _:
            return ""


def values(tree: Node, path: str) -> list[str]:
    """Return the texts of all elements at a path, empty ones left out."""
    return [text for found in nodes(tree, path) if (text := value(found))]


def first(tree: Node, *paths: str) -> str:
    """Return the first text at the first path that has one; empty where none has."""
    return next((text for path in paths for text in values(tree, path)), "")


def code(tree: Node, path: str) -> str:
    """Return the first code at a path: its attribute `codeListValue`, else its text; of the element itself for `""`.

    Servers leave out one or the other, and the text may be a translation.
    """
    for found in nodes(tree, path) if path else (tree,):
        coded = (attribute(part, "codeListValue") for part in (found, *_children(found, "*")))
        if said := next((text for text in coded if text), "") or value(found):
            return said
    return ""


def attribute(tree: Node, name: str) -> str:
    """Return an attribute of an element; empty where it has none."""
    return text_of(tree.get(f"@{name}")) if isinstance(tree, dict) else ""


def children(tree: Node) -> Mapping[str, list[JsonValue]]:
    """Return the children of an element by name."""
    if not isinstance(tree, dict):
        return {}
    return {name: part for name, part in tree.items() if name[:1] not in {"@", "#"} and isinstance(part, list)}


def _children(node: Node, name: str) -> Iterator[Node]:
    if not isinstance(node, dict):
        return
    if name == "*":
        for group in children(node).values():
            yield from group
        return
    part = node.get(name)
    if isinstance(part, list):
        yield from part


def _own_text(element: Element) -> str:
    parts = [element.text or "", *(child.tail or "" for child in element)]
    return clean("".join(str(part) for part in parts))


def _kept(name: str, text: str) -> str:
    limit = GEOMETRY_LIMIT if name in _GEOMETRY else TEXT_LIMIT
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… {hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
