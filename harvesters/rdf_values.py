"""Values of an RDF tree as texts: what a node is called, in which language, at which address."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from catalogue_app.domain.metadata import JsonValue
from catalogue_app.domain.text import clean_line
from harvesters.raw_values import text_of

Tree: TypeAlias = Mapping[str, JsonValue]

_LABELS: Final = (
    "@value", "skos:prefLabel", "foaf:name", "dct:title", "schema:name", "vcard:fn", "vcard:organization-name",
    "vcard:hasOrganizationName", "rdfs:label", "locn:geographicName", "locn:fullAddress", "dct:description",
    "rdf:value", "vcard:hasValue", "vcard:value", "skos:notation", "dct:identifier",
)  # fmt: skip
"""Properties by which a node says what it is called, the best first."""
_ADDRESSES: Final = ("vcard:hasValue", "vcard:value", "foaf:page", "schema:url")
_STARTS: Final = ("dcat:startDate", "schema:startDate", "http://www.w3.org/2006/time#hasBeginning")
_ENDS: Final = ("dcat:endDate", "schema:endDate", "http://www.w3.org/2006/time#hasEnd")
_RANKS: Final[Mapping[str, int]] = {"zh": 0, "en": 1}
_LEVELS: Final = 4
_EXTENSION: Final = 2_000


def listed(value: JsonValue) -> list[JsonValue]:
    """Return the values of a property."""
    return value if isinstance(value, list) else [] if value is None else [value]


def objects_of(values: Iterable[JsonValue]) -> list[Tree]:
    """Return the values that are nodes."""
    return [value for value in values if isinstance(value, dict) and "@value" not in value]


def address_of(value: JsonValue) -> str:
    """Return the address a value is or has; of a literal its text, where it looks like one; empty else."""
    if not isinstance(value, dict):
        return ""
    own = text_of(value.get("@id"))
    if own:
        return own
    text = text_of(value.get("@value"))
    if "://" in text or text.lower().startswith(("mailto:", "tel:")):
        return text
    return next((it for name in _ADDRESSES for part in listed(value.get(name)) if (it := address_of(part))), "")


def labels_of(values: Iterable[JsonValue], levels: int = _LEVELS) -> list[tuple[str, str]]:
    """Return (language tag, words) of values: literals, and what nodes are called; a node without words its address."""
    return [label for value in values for label in _labels(value, levels)]


def label_of(values: Iterable[JsonValue]) -> str:
    """Return the words for the first value that has any in Chinese, else in English, else in any language."""
    labels = [(tag.lower().partition("-")[0], text) for tag, text in labels_of(values)]
    ranked = sorted(labels, key=lambda label: _RANKS.get(label[0], len(_RANKS)))
    return ranked[0][1] if ranked else ""


def texts_in(value: JsonValue) -> str:
    """Return all that stands under a property as one text, for people."""
    texts = dict.fromkeys(text for _, text in labels_of(listed(value)))
    return "; ".join(texts)[:_EXTENSION]


def ends_of(period: Tree) -> tuple[str, str]:
    """Return the start and the end of a period of time; empty where it states none."""
    start, end = (
        next((label for name in names for part in listed(period.get(name)) if (label := _instant(part))), "")
        for names in (_STARTS, _ENDS)
    )
    return start, end


def _instant(value: JsonValue) -> str:
    if isinstance(value, dict) and "@value" not in value:
        return next((text_of(part.get("@value")) for it in value.values() for part in _literals(it)), "")
    return label_of([value])


def _literals(value: JsonValue) -> Iterator[Tree]:
    return (part for part in listed(value) if isinstance(part, dict) and "@value" in part)


def _labels(value: JsonValue, levels: int) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        if text := text_of(value):
            yield "", text
        return
    if "@value" in value:
        if text := _text(value["@value"]):
            yield text_of(value.get("@language")), text
        return
    for name in _LABELS if levels > 0 else ():
        found = labels_of(listed(value.get(name)), levels - 1)
        if found:
            yield from found
            return
    if address := text_of(value.get("@id")):
        yield "", address


def _text(value: JsonValue) -> str:
    """Return a literal's text; its line breaks stay, for abstracts."""
    return value if isinstance(value, str) and clean_line(value) else text_of(value)
