"""The loop every harvest runs through: facts in order, one record's fault is its own, a source's fault ends it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.text import LocalizedText
from harvesters.pipeline import Failed, Fetched, Gathered, read, run
from harvesters.port import Fetcher, Payload, RawRecord, RecordRejected
from tests.harvesting import payload_of


class ThreePages:
    """A format of its own: pages of comma-separated titles, `!` is a fault in the page, `?` has no identity."""

    kind = SourceKind.SHEET
    version = 1
    options: Mapping[str, str] = {}
    is_partial = False

    def __init__(self, end: Exception | None = None) -> None:
        self._end = end

    def gather(self, fetcher: Fetcher) -> Iterator[Payload]:
        for address in fetcher.expand("pages"):
            with fetcher.fetch(address) as payload:
                yield payload
        if self._end:
            raise self._end

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        with payload.open() as body:
            parts = body.read().decode().split(",")
        for place, part in enumerate(parts):
            if part == "!":
                raise ZeroDivisionError
            if part == "?":
                yield Problem(record=f"{place}", code="missing_identifier")
            else:
                yield RawRecord(identifier=part, place=f"{place}", digest=part, raw={"title": part})

    def parse(self, record: RawRecord) -> EntryMetadata:
        title = str(record.raw["title"])
        if title == "untitled":
            raise RecordRejected(Problem(record=title, element="title", code="missing_title"))
        if title == "strange":
            raise LookupError(title)
        return EntryMetadata(title=LocalizedText.of(title))


class Pages:
    """A fetcher of pages kept in memory, which notes what is open."""

    def __init__(self, *pages: bytes) -> None:
        self._pages = dict(enumerate(pages))
        self.open = 0

    def expand(self, _address: str) -> tuple[str, ...]:
        return tuple(map(str, self._pages))

    @contextmanager
    def fetch(self, address: str, _parameters: Mapping[str, str] | None = None) -> Iterator[Payload]:
        self.open += 1
        yield payload_of(self._pages[int(address)])
        self.open -= 1


def test_a_payload_is_told_before_its_records_and_closed_before_the_next() -> None:
    pages = Pages(b"a,?,b", b"c")
    told = []
    for fact in run(ThreePages(), pages):
        assert pages.open == 1
        told.append(fact)
    assert [type(fact) for fact in told] == [Fetched, Gathered, Failed, Gathered, Fetched, Gathered]
    assert [fact.record.identifier for fact in told if isinstance(fact, Gathered)] == ["a", "b", "c"]
    assert pages.open == 0


@pytest.mark.parametrize("end", [SourceError("http_status"), SourceCutShort("paging_loop")])
def test_a_fault_of_the_source_ends_the_run_after_what_came(end: SourceError) -> None:
    told = run(ThreePages(end), Pages(b"a"))
    assert [type(next(told)) for _ in range(2)] == [Fetched, Gathered]
    with pytest.raises(type(end)) as caught:
        next(told)
    assert caught.value is end


def test_a_fault_nobody_foresaw_in_a_payload_is_a_fault_of_the_source() -> None:
    with pytest.raises(SourceError) as caught:
        list(run(ThreePages(), Pages(b"a,!,b")))
    assert (caught.value.code, caught.value.parameters["fault"]) == ("unreadable_payload", "ZeroDivisionError")


@pytest.mark.parametrize("fault", [ValueError("xn--"), KeyError("x"), RecursionError()])
def test_a_fault_nobody_foresaw_in_gathering_is_a_fault_of_the_source(fault: Exception) -> None:
    with pytest.raises(SourceError, match="unreadable_payload"):
        list(run(ThreePages(fault), Pages(b"a")))


def test_a_fault_of_the_catalogue_is_none_of_the_source() -> None:
    with pytest.raises(OSError, match="disk"):
        list(run(ThreePages(OSError("disk")), Pages(b"a")))


def test_a_record_is_read_rejected_or_its_own_problem() -> None:
    harvester = ThreePages()
    good, untitled, strange = (
        fact.record for fact in run(harvester, Pages(b"good,untitled,strange")) if isinstance(fact, Gathered)
    )
    assert read(harvester, good) == EntryMetadata(title=LocalizedText.of("good"))
    assert read(harvester, untitled) == Problem(record="untitled", element="title", code="missing_title")
    assert read(harvester, strange) == Problem(record="strange", code="unreadable_record", value="LookupError")
