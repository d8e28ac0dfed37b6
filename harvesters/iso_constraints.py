"""What the constraints of an ISO 19139 record say about opening and terms of use.

Codes are believed, prose is not: only a closed code makes an entry open, and every statement is kept as it was written.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from catalogue_app.domain.vocabulary import OpenType
from harvesters.fields import Readings
from harvesters.raw_values import NOTE_LIMIT, Notes
from harvesters.xml_tree import Node, attribute, code, nodes, values

_CLASSIFIED: Final = frozenset({"restricted", "confidential", "secret", "topSecret", "sensitive", "forOfficialUseOnly"})
"""Codes of MD_ClassificationCode that keep a resource from the public."""
_NO_LIMITATION: Final = re.compile(r"/LimitationsOnPublicAccess/noLimitations/?$", re.IGNORECASE)
_LIMITATION: Final = re.compile(r"/LimitationsOnPublicAccess/INSPIRE_Directive_Article13_1", re.IGNORECASE)
"""INSPIRE's closed list of limitations on public access."""
_ACCESS_CODES: Final[Mapping[str, OpenType]] = {
    "restricted": OpenType.CONDITIONAL,
    "confidential": OpenType.NONE,
    "private": OpenType.NONE,
    "unrestricted": OpenType.OPEN,
}
"""Codes of MD_RestrictionCode that say who may have it; the others speak of intellectual property."""
_ADDRESS: Final = re.compile(r"https?://[^\s,;<>()\"'（），；。]+", re.IGNORECASE)
_LICENCE: Final = re.compile(r"licen[cs]|creativecommons|opendatacommons|许可|授权", re.IGNORECASE)
_STATED: Final = ("useLimitation", "otherConstraints")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What may be done with a resource.

    Attributes:
        statements: every constraint in words, parted by semicolons, where it is not an element already.
    """

    open_type: OpenType | None
    open_condition: str
    licence: str
    statements: str


def read_constraints(about: Node, readings: Readings, notes: Notes) -> Rights:
    """Read the constraints of an identification."""
    statements = list(dict.fromkeys(_statements(about)))
    opening = _opening(about)
    short = (text for text in statements if len(text) <= NOTE_LIMIT)
    named = (text for text in short if readings.licence(text)[0] != text)
    terms = (text for text in (*named, *_terms(about, statements)) if text)
    licence = notes.take(readings.licence(next(terms, "")))
    condition = ""
    if opening in {OpenType.CONDITIONAL, OpenType.NONE} and statements:
        condition = notes.take(readings.line("open_condition", "; ".join(statements))) or ""
    rest = "; ".join(text for text in statements if text != licence)
    return Rights(
        open_type=opening, open_condition=condition, licence=licence or "", statements="" if condition else rest
    )


def _opening(about: Node) -> OpenType | None:
    """Return the strictest thing that a code says."""
    found = list(_openings(about))
    order = (OpenType.NONE, OpenType.CONDITIONAL, OpenType.OPEN)
    return next((it for it in order if it in found), None)


def _openings(about: Node) -> Iterator[OpenType]:
    for constraint in nodes(about, "resourceConstraints/*"):
        if code(constraint, "classification") in _CLASSIFIED:
            yield OpenType.NONE
        for access in nodes(constraint, "accessConstraints"):
            stated = _ACCESS_CODES.get(code(access, ""))
            if stated:
                yield stated
        for link in _links(constraint):
            if _NO_LIMITATION.search(link):
                yield OpenType.OPEN
            elif _LIMITATION.search(link):
                yield OpenType.CONDITIONAL


def _links(constraint: Node) -> Iterator[str]:
    """Yield the addresses that statements point to."""
    for statement in nodes(constraint, "otherConstraints"):
        for anchor in nodes(statement, "Anchor"):
            yield attribute(anchor, "href")


def _statements(about: Node) -> Iterator[str]:
    for constraint in nodes(about, "resourceConstraints/*"):
        for name in _STATED:
            yield from values(constraint, name)


def _terms(about: Node, statements: list[str]) -> Iterator[str]:
    """Yield what may be terms of use: addresses that statements link to, addresses in those that speak of a licence."""
    linked = (link for it in nodes(about, "resourceConstraints/*") for link in _links(it))
    licences = (text for text in statements if _LICENCE.search(text))
    written = (found.rstrip(".:") for text in licences for found in _ADDRESS.findall(text))
    for address in (*linked, *written):
        if not (_NO_LIMITATION.search(address) or _LIMITATION.search(address)):
            yield address
