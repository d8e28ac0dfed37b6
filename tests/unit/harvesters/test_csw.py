"""Source kind `csw`: pages counted by what is in them, both kinds of records, exceptions, GET and POST."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.source import SourceKind
from harvesters.pipeline import Gathered, run
from tests.fetchers import fetcher_for
from tests.harvesting import entries, file_payload, harvester_of, payload_of, records
from tests.servers import Answer, Request, Server, serving

KIND = SourceKind.CSW
CSW = 'xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"'
GMD = 'xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco"'


def iso(number: int) -> str:
    return (
        f"<gmd:MD_Metadata {GMD}><gmd:fileIdentifier><gco:CharacterString>r-{number}</gco:CharacterString>"
        "</gmd:fileIdentifier><gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation>"
        f"<gmd:title><gco:CharacterString>第{number}号图</gco:CharacterString></gmd:title></gmd:CI_Citation>"
        "</gmd:citation></gmd:MD_DataIdentification></gmd:identificationInfo></gmd:MD_Metadata>"
    )


def dublin(number: int) -> str:
    dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dct="http://purl.org/dc/terms/"'
    return (
        f"<csw:Record {dc}><dc:identifier>r-{number}</dc:identifier><dc:title>第{number}号图</dc:title>"
        '<dc:URI protocol="OGC:WMS" name="layer" description="A layer">https://x.cn/wms</dc:URI>'
        '<dct:references scheme="WWW:DOWNLOAD">https://x.cn/a.zip</dct:references></csw:Record>'
    )


def response(inner: str, matched: object, next_record: object) -> Answer:
    body = (
        f'<?xml version="1.0"?><csw:GetRecordsResponse {CSW}><csw:SearchStatus timestamp="2026-01-01"/>'
        f'<csw:SearchResults numberOfRecordsMatched="{matched}" numberOfRecordsReturned="0" nextRecord="{next_record}"'
        f' elementSet="full">{inner}</csw:SearchResults></csw:GetRecordsResponse>'
    )
    return Answer(body=body.encode())


def exception(code: str, locator: str = "", status: int = 200) -> Answer:
    body = (
        f'<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows" version="1.0.0"><ows:Exception'
        f' exceptionCode="{code}" locator="{locator}"><ows:ExceptionText>No.</ows:ExceptionText></ows:Exception>'
        "</ows:ExceptionReport>"
    )
    return Answer(status=status, body=body.encode())


def service(
    size: int, *, matched: int | None = None, most: int = 1000, next_record: int | None = None
) -> Callable[[Request], Answer]:
    """Play a service of so many records, which may miscount them, give fewer than asked for, and point anywhere."""

    def respond(request: Request) -> Answer:
        start, rows = int(request.query["startPosition"]), min(int(request.query["maxRecords"]), most)
        numbers = range(start, min(start + rows, size + 1))
        true_next = 0 if start + rows > size else start + rows
        told = true_next if next_record is None else next_record
        return response("".join(map(iso, numbers)), size if matched is None else matched, told)

    return respond


def gathered(server: Server, path: str = "/csw", **options: str) -> Iterator[str]:
    with fetcher_for(server) as fetcher:
        for fact in run(harvester_of(KIND, server.address(path), **options), fetcher):
            if isinstance(fact, Gathered):
                yield fact.record.identifier


def names(count: int) -> list[str]:
    return [f"r-{number}" for number in range(1, count + 1)]


@pytest.mark.parametrize("next_record", [None, 0, 1, 3, 999])
@pytest.mark.parametrize(
    ("size", "most", "matched"), [(6, 1000, 6), (41, 7, 41), (40, 20, 40), (60, 20, 0), (45, 20, 30)]
)
def test_pages_are_counted_by_what_is_in_them(size: int, most: int, matched: int, next_record: int | None) -> None:
    with serving(service(size, matched=matched, most=most, next_record=next_record)) as server:
        assert list(gathered(server, rows="20")) == names(size)


@pytest.mark.parametrize("size", [0, 6, 50, 101])
def test_every_record_is_asked_for_once(size: int) -> None:
    with serving(service(size)) as server:
        assert list(gathered(server)) == names(size)
    first = server.requests[0].query
    assert (first["request"], first["startPosition"], first["maxRecords"]) == ("GetRecords", "1", "50")
    assert first["outputSchema"] == "http://www.isotc211.org/2005/gmd"


def test_a_service_that_says_less_than_it_has_is_read_on() -> None:
    with serving(service(120, matched=60)) as server:
        assert list(gathered(server)) == names(120)


def test_a_service_that_says_more_than_it_gives_was_not_read_whole() -> None:
    found: list[str] = []
    with serving(service(60, matched=70)) as server:
        with pytest.raises(SourceCutShort, match="fewer_than_stated"):
            found.extend(gathered(server))
        assert list(gathered(server, total="ignore")) == names(60)
    assert found == names(60)


def test_a_record_that_the_service_cannot_write_keeps_its_position() -> None:
    def respond(request: Request) -> Answer:
        start = int(request.query["startPosition"])
        numbers = [number for number in range(start, min(start + 10, 21)) if number != 5]
        return response("".join(map(iso, numbers)), 20, start + 10 if start < 11 else 0)

    with serving(respond) as server:
        assert list(gathered(server, rows="10", total="ignore")) == [it for it in names(20) if it != "r-5"]


def test_a_service_that_ignores_the_position_is_left_with_what_it_gave() -> None:
    found: list[str] = []
    with serving(lambda _: response("".join(map(iso, range(1, 11))), 500, 11)) as server:
        with pytest.raises(SourceCutShort, match="paging_loop"):
            found.extend(gathered(server, rows="10"))
        assert len(server.requests) == 2
    assert found == names(10)


@pytest.mark.parametrize("status", [200, 400])
def test_what_comes_after_the_last_page_ends_the_list(status: int) -> None:
    honest = service(20)

    def respond(request: Request) -> Answer:
        return exception("InvalidParameterValue", "startposition", status) if request.number > 1 else honest(request)

    with serving(respond) as server:
        assert list(gathered(server, rows="20")) == names(20)


def test_the_last_page_given_again_ends_the_list() -> None:
    with serving(lambda _: response("".join(map(iso, range(1, 21))), 20, 0)) as server:
        assert list(gathered(server, rows="20")) == names(20)


@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_an_exception_is_told_whatever_its_status(status: int) -> None:
    with serving(lambda _: exception("NoApplicableCode", "x", status)) as server, pytest.raises(SourceError) as caught:
        list(gathered(server))
    assert (caught.value.code, caught.value.parameters["message"]) == (
        "source_reports_error",
        "NoApplicableCode x: No.",
    )


@pytest.mark.parametrize("status", [200, 400])
def test_a_service_without_iso_is_asked_for_its_own_records(status: int) -> None:
    def respond(request: Request) -> Answer:
        if request.query["typeNames"] != "csw:Record":
            return exception("InvalidParameterValue", "outputSchema", status)
        return response(dublin(1) + dublin(2), 2, 0)

    with serving(respond) as server:
        assert list(gathered(server)) == names(2)
        with pytest.raises(SourceError, match="source_reports_error"):
            list(gathered(server, schema="iso"))


def test_a_record_of_the_service_has_its_links() -> None:
    [said] = entries(harvester_of(KIND), payload_of(response(dublin(1), 1, 0).body))
    assert [(it.url, it.title) for it in said.distributions] == [
        ("https://x.cn/wms", "A layer"),
        ("https://x.cn/a.zip", ""),
    ]


def test_what_people_copy_with_an_address_is_left_out() -> None:
    with serving(service(1)) as server:
        path = "/csw?lang=zh&SERVICE=CSW&VERSION=2.0.2&REQUEST=GetCapabilities"
        assert list(gathered(server, path, constraint="type = 'dataset'")) == names(1)
    query = server.requests[0].query
    assert query["lang"] == "zh"
    assert not query.keys() & {"SERVICE", "VERSION", "REQUEST"}
    assert query["constraint"] == "type = 'dataset'"


def test_an_address_of_one_page_is_one_answer() -> None:
    with serving(service(100)) as server:
        path = "/csw?service=CSW&request=GetRecords&startPosition=3&maxRecords=2"
        assert list(gathered(server, path)) == ["r-3", "r-4"]
        assert len(server.requests) == 1


def test_a_service_may_be_asked_by_post() -> None:
    with serving(lambda _: response(iso(1), 1, 0)) as server:
        assert list(gathered(server, method="post", constraint="a < 'b & c'")) == names(1)
    [request] = server.requests
    assert request.headers["content-type"] == "application/xml"
    assert (request.method, b'startPosition="1"' in request.body) == ("POST", True)
    assert "<csw:CqlText>a &lt; 'b &amp; c'</csw:CqlText>" in request.body.decode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<html><title>Portal</title></html>", "html_instead_of_xml"),
        (b"<rss/>", "not_csw"),
        (b"", "empty_answer"),
        (f"<csw:GetRecordsResponse {CSW}><csw:Search".encode(), "invalid_xml"),
    ],
)
def test_what_is_no_answer_of_a_service_is_an_error(body: bytes, code: str) -> None:
    with serving(lambda _: Answer(body=body)) as server, pytest.raises(SourceError) as caught:
        list(gathered(server))
    assert caught.value.code == code


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_real_page_has_two_records(shared_data: Path, number: int) -> None:
    payload = file_payload(shared_data / f"csw/geonetwork-iso19139-page-{number}.xml")
    assert len(records(harvester_of(KIND), payload)) == 2
    for said in entries(harvester_of(KIND), payload):
        assert said.title.pick("fr")[0] == "fr"
        assert said.provider_name
        assert said.distributions


def test_real_pages_with_a_wrong_next_record_give_six(shared_data: Path) -> None:
    def respond(request: Request) -> Answer:
        path = shared_data / f"csw/geonetwork-iso19139-page-{request.query['startPosition']}.xml"
        return Answer(body=path.read_bytes()) if path.exists() else Answer(status=500)

    with serving(respond) as server:
        found = list(gathered(server, rows="2"))
    assert len(set(found)) == 6
    assert [request.query["startPosition"] for request in server.requests] == ["1", "3", "5", "7"]
