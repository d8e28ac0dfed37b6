"""Whatever comes as any other format than XML, the worst that follows is an error of its documented kind.

A source of a kind is tried from its first request to its last record, by a fetcher that gives the same answer to
everything. Formats that are alike share a minute: the syntaxes of RDF that are not Turtle, the answers of three kinds
of JSON services (one reader), the two kinds of workbooks, archives and compressed bodies, and what is a few lines.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from tempfile import NamedTemporaryFile

import orjson
import pytest

from catalogue_app.domain.errors import InvalidInput, SourceError, SourceRefused
from catalogue_app.domain.metadata import EntryMetadata, to_document
from catalogue_app.domain.source import SourceKind
from catalogue_app.services.sample_items import items_of_sample
from harvesters.body_file import BodyFile
from harvesters.guessing import guess
from harvesters.local_files import listed, opened
from harvesters.pipeline import Fact, Failed, Gathered, read, run
from harvesters.port import Payload
from harvesters.registry import check_options
from harvesters.robots import read_rules
from harvesters.transfer import Body
from tests.fuzz_seeds import (
    CHANGES,
    CKAN,
    COLUMNS,
    DATA_JSON,
    JSON_LD,
    MAPPED,
    NTRIPLES,
    OPTIONS,
    PAGE,
    PAGING,
    PARTS,
    RDF_XML,
    ROBOTS,
    SCHEMA,
    SITEMAP,
    SQL,
    TURTLE,
    tables,
    workbook,
    workbooks,
    zipped,
)  # fmt: skip
from tests.fuzzing import for_a_while
from tests.harvesting import harvester_of, payload_of
from tests.sheets import with_part

FETCHES = 30
"""Requests of one source; a real fetcher has a limit too."""
UNFORESEEN = "unreadable_payload"
"""Code of a failure that only the last resort of the pipeline names."""


class Same:
    """A fetcher that gives the same answer to whatever is asked."""

    def __init__(self, body: bytes) -> None:
        self._body, self._count = body, 0

    def expand(self, address: str) -> tuple[str, ...]:
        return (address,)

    @contextmanager
    def fetch(self, address: str, parameters: Mapping[str, str] | None = None) -> Iterator[Payload]:
        del parameters
        self._count += 1
        if self._count > FETCHES:
            raise SourceRefused("too_many_pages", limit=FETCHES)
        yield replace(payload_of(self._body), address=address)


def harvest(kind: SourceKind, address: str, body: bytes, **options: str) -> None:
    """Read a source to its end; what nobody foresaw would be named so, and what cannot be stored would raise."""
    harvester = harvester_of(kind, address, **options)
    with suppress(SourceError):
        for fact in _foreseen(run(harvester, Same(body))):
            if isinstance(fact, Failed):
                assert fact.problem.code != UNFORESEEN, fact.problem
            if isinstance(fact, Gathered):
                assert fact.record.identifier
                said = read(harvester, fact.record)
                if isinstance(said, EntryMetadata):
                    orjson.dumps([to_document(said), fact.record.raw])
                else:
                    assert said.code != "unreadable_record", said


def _foreseen(facts: Iterator[Fact]) -> Iterator[Fact]:
    """Pass the facts on; an end that nobody foresaw is raised as what it was."""
    try:
        yield from facts
    except SourceError as error:
        if error.code == UNFORESEEN:
            raise AssertionError(error) from error.__cause__
        raise


def rdf(body: bytes) -> None:
    harvest(SourceKind.DCAT, "http://x.cn/catalog", body)


def data_json(body: bytes) -> None:
    harvest(SourceKind.DATA_JSON, "http://x.cn/data.json", body)


def json_answers(body: bytes) -> None:
    harvest(SourceKind.CKAN, "http://x.cn", body, rows="2")
    harvest(SourceKind.CATALOGUE, "http://x.cn", body)
    harvest(SourceKind.JSON_API, "http://x.cn/list", body, **MAPPED, **PAGING[len(body) % len(PAGING)])
    harvest(SourceKind.JSON_API, "list.json", body, **{name: MAPPED[name] for name in MAPPED if name != "list"})


def schema_org(body: bytes) -> None:
    harvest(SourceKind.SCHEMA_ORG, "http://x.cn", body)


def table(body: bytes) -> None:
    harvest(SourceKind.SHEET, "list.csv", body)
    harvest(SourceKind.SHEET, "list.csv", body, columns="title,abstract,,link", first_row="2")


def any_workbook(body: bytes) -> None:
    """Try a file as it is, and one part of it as the part of a workbook that is whole otherwise."""
    if not body.startswith((b"PK", b"\xd0\xcf")):
        body = with_part(workbook(), PARTS[zlib.crc32(body) % len(PARTS)], body)
    harvest(SourceKind.SHEET, "list.xlsx", body)


def packed(body: bytes) -> None:
    """Try bytes as an archive on this machine, and as a body that came compressed."""
    with NamedTemporaryFile(suffix=".zip") as file:
        file.write(body)
        file.flush()
        with suppress(SourceError):
            for address in listed(file.name):
                with suppress(SourceError), opened(address) as member:
                    member.read()
    for encoding in ("", "gzip", "deflate", "gzip, deflate"):
        with BodyFile() as target, suppress(SourceError):
            written = Body(target, encoding=encoding, max_bytes=1_000_000)
            written.write(body)
            written.end()


def sample(body: bytes) -> None:
    with suppress(InvalidInput, SourceError):
        assert items_of_sample(body)


def few_lines(body: bytes) -> None:
    """Try a text as robots.txt, as options of a source, and as the beginning of an answer."""
    text = body.decode("utf-8", "replace")
    for target in ("/", "/a/b", "/%E4%BD%A0?x=*"):
        read_rules(text, "MunicipalCatalogue/0.1").allow(target)
    options = dict(line.partition("=")[::2] for line in text.splitlines())
    offers = ((SourceKind.JSON_API, "list.json", CKAN), (SourceKind.SHEET, "list.csv", tables()[0]))
    for kind, address, offered in offers:
        with suppress(InvalidInput):
            check_options(kind, options)
            harvest(kind, address, offered, **options)
    guess("http://x.cn/api/3", body)


TARGETS: dict[str, tuple[Callable[[], Sequence[bytes]], Callable[[bytes], None]]] = {
    "turtle": (lambda: [TURTLE, NTRIPLES], rdf),
    "rdf_xml_and_json_ld": (lambda: [RDF_XML, JSON_LD], rdf),
    "data_json": (lambda: [DATA_JSON], data_json),
    "json_answers": (lambda: [CKAN, CHANGES], json_answers),
    "schema_org": (lambda: [PAGE, *SITEMAP, gzip.compress(SITEMAP[0])], schema_org),
    "table": (tables, table),
    "workbooks": (workbooks, any_workbook),
    "packed": (lambda: [zipped(a=tables()[0], b=b"x"), gzip.compress(TURTLE), zlib.compress(TURTLE)], packed),
    "sample": (lambda: [SCHEMA, SQL, *tables()[:3]], sample),
    "few_lines": (lambda: [ROBOTS, OPTIONS, COLUMNS, PAGE, TURTLE], few_lines),
}


@pytest.mark.parametrize("target", TARGETS)
def test_some_mutations_find_nothing(target: str) -> None:
    seeds, attempt = TARGETS[target]
    for seed in seeds():
        attempt(seed)
    assert for_a_while(seeds(), attempt, tries=30) == 30


@pytest.mark.full
@pytest.mark.parametrize("target", TARGETS)
def test_a_minute_of_mutations_finds_nothing_and_holds_nothing(target: str) -> None:
    seeds, attempt = TARGETS[target]
    assert for_a_while(seeds(), attempt) > 0
