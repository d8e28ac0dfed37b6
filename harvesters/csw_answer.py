"""One answer of a catalogue service (CSW 2.0.2): how many records it holds, what it says of the rest, its exception."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final, final

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.text import clean_line
from harvesters.canonical import digest
from harvesters.markup import Element, elements, name_of
from harvesters.port import Payload, RefusedByServer
from harvesters.raw_values import NOTE_LIMIT
from harvesters.xml_record import RECORD_TAGS

_CSW: Final = "{http://www.opengis.net/cat/csw/2.0.2}"
_RESULTS: Final = f"{_CSW}SearchResults"
_ANSWERS: Final = frozenset({f"{_CSW}GetRecordsResponse", f"{_CSW}GetRecordByIdResponse"})
_OWS: Final = ("{http://www.opengis.net/ows}", "{http://www.opengis.net/ows/1.1}", "{http://www.opengis.net/ows/2.0}")
_EXCEPTIONS: Final = frozenset(
    [f"{ows}Exception" for ows in _OWS] + ["{http://www.opengis.net/ogc}ServiceException", "ServiceException"]
)
_IDENTIFIERS: Final = (
    "{http://www.isotc211.org/2005/gmd}fileIdentifier",
    "{http://purl.org/dc/elements/1.1/}identifier",
)
_NUMBER_LENGTH: Final = 9


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one answer says.

    Attributes:
        identifiers: of its records, empty texts for those that have none.
        matched: how many records the service says there are; 0 where it does not.
        next_record: position at which the service says the next page begins; 0 for no more.
        exception: code and locator; empty where all is well.
        message: of the exception, in words.
    """

    identifiers: tuple[str, ...]
    matched: int = 0
    next_record: int = 0
    exception: str = ""
    message: str = ""


NOTHING: Final = (Payload(address="", size_bytes=0, digest=digest(b""), open=BytesIO), Page(identifiers=()))
"""An answer without anything in it."""


def read_page(payload: Payload) -> Page:
    """Read what an answer says.

    Raises:
        SourceError: no answer of a catalogue service.
    """
    identifiers: list[str] = []
    numbers = {"numberOfRecordsMatched": 0, "nextRecord": 0}
    exception = message = ""
    is_answer = False
    for element in elements(payload, RECORD_TAGS | _EXCEPTIONS, opened=_ANSWERS | {_RESULTS}):
        is_answer = True
        if element.tag == _RESULTS:
            numbers = {name: _number(element.get(name)) for name in numbers}
        elif element.tag in _EXCEPTIONS:
            exception = exception or _code(element)
            message = message or _text(element)[:NOTE_LIMIT]
        elif element.tag not in _ANSWERS:
            identifiers.append(_identifier(element))
    if not is_answer:
        raise SourceError("not_csw", address=payload.address)
    return Page(
        identifiers=tuple(identifiers),
        matched=numbers["numberOfRecordsMatched"],
        next_record=numbers["nextRecord"],
        exception=exception,
        message=message,
    )


def refused_page(refused: RefusedByServer) -> tuple[Payload, Page] | None:
    """Return the exception that came with a status that is no success; none where it is not a service's."""
    body = refused.body
    payload = Payload(address="", size_bytes=len(body), digest=digest(body), open=lambda: BytesIO(body))
    try:
        page = read_page(payload)
    except SourceError:
        return None
    return (payload, page) if page.exception else None


def check_exception(address: str, page: Page) -> None:
    """Raise what a service reports.

    Raises:
        SourceError: the answer is an exception.
    """
    if page.exception:
        message = f"{page.exception}: {page.message}".strip(": ")
        raise SourceError("source_reports_error", message=message, address=address)


def _identifier(record: Element) -> str:
    found = (record.find(tag) for tag in _IDENTIFIERS)
    return next((text for it in found if it is not None and (text := _text(it))), "")


def _code(exception: Element) -> str:
    parts = (exception.get("exceptionCode") or exception.get("code") or name_of(exception), exception.get("locator"))
    return " ".join(str(part) for part in parts if part)[:NOTE_LIMIT]


def _number(stated: str | None) -> int:
    text = (stated or "").strip()
    return int(text) if text.isdecimal() and len(text) <= _NUMBER_LENGTH else 0


def _text(element: Element) -> str:
    return clean_line("".join(str(part) for part in element.itertext()))
