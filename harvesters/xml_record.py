"""Records in XML, whichever service carries them: which standard one is in, what identifies it, what it says."""

from collections.abc import Iterator, Mapping
from typing import Final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata, JsonValue
from catalogue_app.domain.text import clean_line
from harvesters.canonical import canonical, digest
from harvesters.dublin_core import read_dublin_core
from harvesters.fgdc import fgdc_identifier, read_fgdc
from harvesters.fields import Readings
from harvesters.iso19139 import iso_identifier, read_iso
from harvesters.markup import Element, elements, name_of
from harvesters.port import Payload, RawRecord, RecordRejected
from harvesters.raw_values import NOTE_LIMIT
from harvesters.xml_tree import Node, first, tree_of

ISO_NAMES: Final = frozenset({"MD_Metadata", "MI_Metadata"})
"""Roots of ISO 19139 and of ISO 19115-2, its extension for imagery."""
DUBLIN_CORE_NAMES: Final = frozenset({"dc", "Record", "SummaryRecord", "BriefRecord"})
"""Roots of `oai_dc`, and of the three element sets of a catalogue service."""
FGDC_NAME: Final = "metadata"
RECORD_TAGS: Final = frozenset(
    {
        "{http://www.isotc211.org/2005/gmd}MD_Metadata",
        "{http://www.isotc211.org/2005/gmi}MI_Metadata",
        "{http://www.isotc211.org/2005/gmi/1.0}MI_Metadata",
        "{http://www.opengis.net/cat/csw/2.0.2}Record",
        "{http://www.opengis.net/cat/csw/2.0.2}SummaryRecord",
        "{http://www.opengis.net/cat/csw/2.0.2}BriefRecord",
        "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc",
        FGDC_NAME,
    }
)
"""Roots of records that stand by themselves or in the answer of a catalogue service."""

_STANDARD: Final = "standard"
_RECORD: Final = "record"


def records_of(payload: Payload, otherwise: str = "") -> Iterator[RawRecord | Problem]:
    """Yield every record of a document: the document itself, or all that stand in it.

    A document type that only names one, as FGDC records do, is passed over; it is never fetched.

    Args:
        payload: the document.
        otherwise: what its only record is called where it has no identifier of its own.
    """
    for position, element in enumerate(elements(payload, RECORD_TAGS, passes_doctype=True)):
        yield raw_record(element, f"record[{position}]", otherwise="" if position else otherwise)


def raw_record(element: Element, place: str, *, identifier: str = "", otherwise: str = "") -> RawRecord | Problem:
    """Make the raw record of one element.

    Args:
        element: root of the record, in whatever standard.
        place: where it stands.
        identifier: what its carrier calls it; its own identifier where empty.
        otherwise: what it is called where it has no identifier at all.
    """
    name, tree = name_of(element), tree_of(element)
    identifier = clean_line(identifier) or _own_identifier(name, tree) or otherwise
    if not identifier:
        return Problem(record=place, element="identifier", code="missing_identifier", value=_hint(tree))
    form = digest(canonical({_STANDARD: name, _RECORD: tree}))
    raw: dict[str, JsonValue] = {_STANDARD: name, _RECORD: tree}
    return RawRecord(identifier=identifier[:NOTE_LIMIT], place=place, digest=form, raw=raw)


def read_record(record: RawRecord, readings: Readings) -> EntryMetadata:
    """Read one record by its standard.

    Raises:
        RecordRejected: no title, or a standard nobody here reads.
    """
    name, tree = _standard(record.raw), record.raw.get(_RECORD)
    if name in ISO_NAMES:
        return read_iso(record.identifier, tree, readings)
    if name in DUBLIN_CORE_NAMES:
        return read_dublin_core(record.identifier, tree, readings)
    if name == FGDC_NAME:
        return read_fgdc(record.identifier, tree, readings)
    raise RecordRejected(Problem(record=record.identifier, code="unknown_record_format", value=name[:NOTE_LIMIT]))


def _own_identifier(name: str, tree: Node) -> str:
    if name in ISO_NAMES:
        return iso_identifier(tree)
    if name == FGDC_NAME:
        return fgdc_identifier(tree)
    return first(tree, "identifier")


def _hint(tree: Node) -> str:
    """Return a text by which people may find a record that has no identifier."""
    return first(tree, "title", "identificationInfo/*/citation/*/title", "idinfo/citation/citeinfo/title")[:NOTE_LIMIT]


def _standard(raw: Mapping[str, JsonValue]) -> str:
    name = raw.get(_STANDARD)
    return name if isinstance(name, str) else ""
