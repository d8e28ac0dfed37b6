"""Requests to a catalogue service: `GetRecords` as parameters of an address, and as the document that some demand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final
from xml.sax.saxutils import escape

_ISO: Final = "http://www.isotc211.org/2005/gmd"
_CSW: Final = "http://www.opengis.net/cat/csw/2.0.2"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One page of records.

    Attributes:
        start: position of its first record, from 1.
        rows: how many records at most.
        is_iso: whether they are wanted as ISO 19139, or else as `csw:Record`.
        constraint: condition in CQL; empty for all records.
    """

    start: int
    rows: int
    is_iso: bool
    constraint: str = ""


def get_records(asked: Asked) -> Mapping[str, str]:
    """Return the parameters of a request by GET."""
    parameters = {
        "service": "CSW",
        "version": "2.0.2",
        "request": "GetRecords",
        "resultType": "results",
        "elementSetName": "full",
        "outputFormat": "application/xml",
        "outputSchema": _ISO if asked.is_iso else _CSW,
        "typeNames": "gmd:MD_Metadata" if asked.is_iso else "csw:Record",
        "namespace": f"xmlns(csw={_CSW}),xmlns(gmd={_ISO})",
        "startPosition": str(asked.start),
        "maxRecords": str(asked.rows),
    }
    if asked.constraint:
        parameters |= {
            "constraintLanguage": "CQL_TEXT",
            "constraint_language_version": "1.1.0",
            "constraint": asked.constraint,
        }
    return parameters


def posted_records(asked: Asked) -> bytes:
    """Return the document of a request by POST."""
    schema, names = (_ISO, "gmd:MD_Metadata") if asked.is_iso else (_CSW, "csw:Record")
    condition = (
        f'<csw:Constraint version="1.1.0"><csw:CqlText>{escape(asked.constraint)}</csw:CqlText></csw:Constraint>'
        if asked.constraint
        else ""
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<csw:GetRecords xmlns:csw="{_CSW}" xmlns:gmd="{_ISO}" service="CSW" version="2.0.2" resultType="results"'
        f' outputFormat="application/xml" outputSchema="{schema}"'
        f' startPosition="{asked.start}" maxRecords="{asked.rows}">'
        f'<csw:Query typeNames="{names}"><csw:ElementSetName>full</csw:ElementSetName>{condition}</csw:Query>'
        f"</csw:GetRecords>"
    ).encode()
