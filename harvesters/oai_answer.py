"""One answer of an OAI-PMH repository: its records, its token, its error."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Final, final

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.text import clean_line
from harvesters.canonical import digest
from harvesters.markup import Element, elements
from harvesters.port import Payload, RawRecord, RefusedByServer
from harvesters.raw_values import NOTE_LIMIT
from harvesters.xml_record import raw_record

_OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_ROOT: Final = f"{_OAI}OAI-PMH"
_LISTS: Final = frozenset({f"{_OAI}ListRecords", f"{_OAI}GetRecord"})
_HEADER, _RECORD, _TOKEN, _ERROR = (f"{_OAI}{name}" for name in ("header", "record", "resumptionToken", "error"))
_GRANULARITY: Final = f"{_OAI}granularity"
_NOTHING: Final = "noRecordsMatch"
_DELETED: Final = "deleted"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an answer says besides its records.

    Attributes:
        identifiers: of its headers, deleted ones too.
        token: where the list goes on; empty where it ends.
        error: code of the protocol; empty where all is well.
        stated: records of the whole list, as the repository counts them; 0 where it does not say.
        granularity: how finely the repository counts time; only of `Identify`.
    """

    identifiers: tuple[str, ...]
    is_any_deleted: bool
    token: str
    error: str
    message: str
    granularity: str
    stated: int = 0


def read_answer(payload: Payload) -> Answer:
    """Read what an answer says.

    Raises:
        SourceError: no answer of such a repository.
    """
    identifiers: list[str] = []
    said = {_TOKEN: "", _ERROR: "", "message": "", _GRANULARITY: ""}
    is_any_deleted, stated = False, 0
    for element in _parts(payload, frozenset({_HEADER, _TOKEN, _ERROR, _GRANULARITY})):
        if element.tag == _HEADER:
            identifiers.append(_text(element.find(f"{_OAI}identifier")))
            is_any_deleted = is_any_deleted or _is_deleted(element)
        elif element.tag == _ERROR:
            said[_ERROR] = element.get("code") or "error"
            said["message"] = _text(element)
        else:
            said[str(element.tag)] = _text(element)
            stated = max(stated, _number(element.get("completeListSize")))
    return Answer(
        identifiers=tuple(identifiers),
        is_any_deleted=is_any_deleted,
        token=said[_TOKEN],
        error=said[_ERROR],
        message=said["message"][:NOTE_LIMIT],
        granularity=said[_GRANULARITY],
        stated=stated,
    )


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"\s*\d{1,12}\s*", text) else 0


def split_answer(payload: Payload) -> Iterator[RawRecord | Problem]:
    """Yield the records of an answer.

    Raises:
        SourceError: no answer of such a repository, an error of it, or not one that holds records.
    """
    position = 0
    is_list = False
    for element in _parts(payload, frozenset({_RECORD, _ERROR}), lists=True):
        if element.tag in _LISTS:
            is_list = True
        elif element.tag == _ERROR:
            _check_error(payload, element)
            is_list = True
        else:
            record = _record(element, f"record[{position}]")
            position += 1
            if record is not None:
                yield record
    if not is_list:
        raise SourceError("missing_list", address=payload.address, expected="ListRecords")


def refusal(refused: RefusedByServer) -> tuple[Payload, Answer] | None:
    """Return the answer that came with a status that is no success; none where it is not the protocol's."""
    body = refused.body
    address = str(refused.parameters.get("address", ""))
    payload = Payload(address=address, size_bytes=len(body), digest=digest(body), open=lambda: BytesIO(body))
    try:
        return payload, read_answer(payload)
    except SourceError:
        return None


def _parts(payload: Payload, wanted: frozenset[str], *, lists: bool = False) -> Iterator[Element]:
    is_first = True
    for element in elements(payload, wanted, opened=_LISTS | {_ROOT}):
        if is_first and element.tag != _ROOT:
            break
        if not is_first and (lists or element.tag in wanted):
            yield element
        is_first = False
    if is_first:
        raise SourceError("not_oai_pmh", address=payload.address)


def _record(element: Element, place: str) -> RawRecord | Problem | None:
    """Make one record; none of one that the repository says is deleted, whatever else it still carries."""
    header = element.find(_HEADER)
    if header is not None and _is_deleted(header):
        return None
    identifier = _text(header.find(f"{_OAI}identifier")) if header is not None else ""
    if not identifier:
        return Problem(record=place, element="identifier", code="missing_identifier")
    metadata = element.find(f"{_OAI}metadata")
    body = next(iter(metadata), None) if metadata is not None else None
    if body is None:
        return Problem(record=identifier[:NOTE_LIMIT], code="record_without_metadata")
    return raw_record(body, place, identifier=identifier)


def _check_error(payload: Payload, element: Element) -> None:
    code = element.get("code") or "error"
    if code != _NOTHING:
        message = f"{code} {_text(element)}".strip()[:NOTE_LIMIT]
        raise SourceError("source_reports_error", message=message, address=payload.address)


def _is_deleted(header: Element) -> bool:
    return (header.get("status") or "").strip().lower() == _DELETED


def _text(element: Element | None) -> str:
    return clean_line("".join(str(part) for part in element.itertext())) if element is not None else ""
