"""What tests of harvesters need: the project's own vocabularies, payloads in memory, a harvester in one line."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import orjson

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.ids import OrganId, SourceId
from catalogue_app.domain.metadata import EntryMetadata, JsonValue
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.reference import load_reference
from harvesters.fields import Readings, ReadingTables
from harvesters.pipeline import read
from harvesters.port import Harvester, Payload, RawRecord
from harvesters.reading_tables import reading_tables
from harvesters.registry import make
from tests.shared import ROOT


@cache
def tables() -> ReadingTables:
    """Return the vocabularies of this project's own `config/`."""
    return reading_tables(load_reference(ROOT / "config"))


def readings(**options: str) -> Readings:
    return Readings(tables(), options)


def source_of(kind: SourceKind, address: object = "memory", options: Mapping[str, str] | None = None) -> Source:
    return Source(
        id=SourceId(UUID(int=1)),
        organ_id=OrganId("edu"),
        kind=kind,
        address=str(address),
        options=options or {},
    )


def harvester_of(kind: SourceKind, address: object = "memory", **options: str) -> Harvester:
    return make(source_of(kind, address, options), tables())


def payload_of(body: bytes, charset: str = "") -> Payload:
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return Payload(address="memory", charset=charset, size_bytes=len(body), digest=digest, open=lambda: BytesIO(body))


def json_payload(value: object) -> Payload:
    return payload_of(orjson.dumps(value))


def records(harvester: Harvester, payload: Payload) -> list[RawRecord]:
    return [part for part in harvester.split(payload) if isinstance(part, RawRecord)]


def problems(harvester: Harvester, payload: Payload) -> list[Problem]:
    return [part for part in harvester.split(payload) if isinstance(part, Problem)]


def entries(harvester: Harvester, payload: Payload) -> Iterator[EntryMetadata]:
    """Yield what each record says; one that is rejected fails the test."""
    for record in records(harvester, payload):
        said = read(harvester, record)
        assert isinstance(said, EntryMetadata), said
        yield said


def entry_of(kind: SourceKind, raw: Mapping[str, JsonValue], **options: str) -> EntryMetadata:
    """Return what one record says."""
    [entry] = entries(harvester_of(kind, **options), json_payload([raw]))
    return entry


class Web:
    """A fetcher of answers kept in memory, by address; notes what was asked. What it does not hold answers 404."""

    def __init__(self, pages: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> None:
        self._pages, self._links = pages, links or {}
        self.asked: list[str] = []

    def expand(self, address: str) -> tuple[str, ...]:
        return (address,)

    @contextmanager
    def fetch(self, address: str, parameters: Mapping[str, str] | None = None) -> Iterator[Payload]:
        where = f"{address}?{urlencode(parameters)}" if parameters else address
        self.asked.append(where)
        if where not in self._pages:
            raise SourceError("http_status", address=where, status=404)
        yield replace(payload_of(self._pages[where]), address=where, link=self._links.get(where, ""))


def file_payload(path: Path) -> Payload:
    return payload_of(path.read_bytes())
