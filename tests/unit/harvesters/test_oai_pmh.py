"""Source kind `oai_pmh`: lists followed by their tokens, deletions, errors however they come, Dublin Core."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata, Interval
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.vocabulary import OpenType
from harvesters.pipeline import Gathered, run
from harvesters.port import Harvester
from harvesters.registry import make
from tests.fetchers import fetcher_for
from tests.harvesting import entries, file_payload, harvester_of, payload_of, problems, records, source_of, tables
from tests.servers import Answer, Request, Server, serving

KIND = SourceKind.OAI_PMH
SINCE = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def header(name: str, *, deleted: bool = False) -> str:
    status = ' status="deleted"' if deleted else ""
    return f"<header{status}><identifier>oai:x:{name}</identifier><datestamp>2026-01-01</datestamp></header>"


def record(name: str, elements: str = "", *, deleted: bool = False) -> str:
    body = elements or f"<dc:title>第{name}号名录</dc:title>"
    metadata = (
        '<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dct="http://purl.org/dc/terms/">{body}</oai_dc:dc></metadata>'
    )
    return f"<record>{header(name, deleted=deleted)}{metadata}</record>"


def envelope(inner: str) -> bytes:
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{inner}</OAI-PMH>'.encode()


def listed(parts: Sequence[str], token: str = "", verb: str = "ListRecords") -> Answer:
    end = f"<resumptionToken> {token} </resumptionToken>" if token else ""
    return Answer(body=envelope(f"<{verb}>{''.join(parts)}{end}</{verb}>"))


def error(code: str, status: int = 200) -> Answer:
    return Answer(status=status, body=envelope(f'<error code="{code}">No.</error>'))


def entry(elements: str) -> EntryMetadata:
    [said] = entries(harvester_of(KIND), payload_of(envelope(f"<ListRecords>{record('1', elements)}</ListRecords>")))
    return said


def repository(pages: Sequence[Sequence[str]]) -> Callable[[Request], Answer]:
    """Play a repository of these pages; the token is the number of the page."""

    def respond(request: Request) -> Answer:
        number = int(request.query.get("resumptionToken", "0"))
        return listed([record(name) for name in pages[number]], str(number + 1) if number + 1 < len(pages) else "")

    return respond


def gathered(server: Server, harvester: Harvester) -> Iterator[str]:
    with fetcher_for(server) as fetcher:
        for fact in run(harvester, fetcher):
            if isinstance(fact, Gathered):
                yield fact.record.identifier.removeprefix("oai:x:")


def whole(server: Server, address: str = "/oai", **options: str) -> Harvester:
    return make(source_of(KIND, server.address(address), options), tables())


def partial(server: Server) -> Harvester:
    return make(source_of(KIND, server.address("/oai"), {"increment": "yes"}), tables(), since=SINCE)


def test_a_list_is_followed_from_token_to_token() -> None:
    with serving(repository([["1", "2"], ["3"], ["4"]])) as server:
        assert list(gathered(server, whole(server, set="a:b", prefix="oai_dc"))) == ["1", "2", "3", "4"]
    assert server.requests[0].query == {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "a:b"}
    assert server.requests[1].query == {"verb": "ListRecords", "resumptionToken": "1"}


def test_a_parameter_of_the_repository_itself_is_kept() -> None:
    with serving(repository([["1"]])) as server:
        list(gathered(server, whole(server, "/csw.py?mode=oaipmh")))
    assert server.requests[0].query["mode"] == "oaipmh"


def test_an_address_with_a_verb_is_one_answer() -> None:
    with serving(repository([["1"], ["2"]])) as server:
        assert list(gathered(server, whole(server, "/oai?verb=ListRecords&metadataPrefix=oai_dc"))) == ["1"]


def test_a_page_without_records_may_stand_in_the_middle() -> None:
    with serving(repository([["1"], [], [], ["2"]])) as server:
        assert list(gathered(server, whole(server))) == ["1", "2"]


def test_a_token_that_stays_the_same_leads_on_while_records_come() -> None:
    def respond(request: Request) -> Answer:
        return listed([record(str(request.number))], "session-7" if request.number < 5 else "")

    with serving(respond) as server:
        assert list(gathered(server, whole(server))) == ["1", "2", "3", "4", "5"]


LOOPS: dict[str, Callable[[Request], Answer]] = {
    "the same page for ever": lambda _: listed([record("1")], "T1"),
    "new tokens, no new records": lambda request: listed([record("1")], f"T{request.number}"),
    "two pages in a circle": lambda request: listed([record(str(request.number % 2))], f"T{request.number % 2}"),
    "empty pages for ever": lambda request: listed([record("1")] if request.number == 1 else [], f"T{request.number}"),
}


@pytest.mark.parametrize("loop", LOOPS)
def test_a_list_that_leads_nowhere_is_left_with_what_it_gave(loop: str) -> None:
    found: list[str] = []
    with serving(LOOPS[loop]) as server, pytest.raises(SourceCutShort) as caught:
        found.extend(gathered(server, whole(server)))
    assert caught.value.code == "resumption_loop"
    assert found[0] == "1"
    assert len(server.requests) < 20


def test_an_expired_token_is_answered_by_one_new_beginning() -> None:
    pages = repository([["1", "2"], ["3"], ["4"]])

    def respond(request: Request) -> Answer:
        return error("badResumptionToken") if request.number == 3 else pages(request)

    with serving(respond) as server:
        assert list(gathered(server, whole(server))) == ["1", "2", "3", "4"]
        assert len(server.requests) == 6


def test_a_token_that_expires_again_leaves_the_source_unread() -> None:
    pages = repository([["1"], ["2"]])

    def respond(request: Request) -> Answer:
        return error("badResumptionToken", 400) if "resumptionToken" in request.query else pages(request)

    with serving(respond) as server, pytest.raises(SourceCutShort, match="resumption_expired"):
        list(gathered(server, whole(server)))


@pytest.mark.parametrize("status", [200, 400, 404, 422, 503])
def test_an_error_of_the_protocol_is_told_whatever_its_status(status: int) -> None:
    with serving(lambda _: error("cannotDisseminateFormat", status)) as server, pytest.raises(SourceError) as caught:
        list(gathered(server, whole(server)))
    assert caught.value.code == "source_reports_error"
    assert caught.value.parameters["message"] == "cannotDisseminateFormat No."


@pytest.mark.parametrize("status", [200, 404, 422])
def test_nothing_matching_is_an_empty_answer(status: int) -> None:
    with serving(lambda _: error("noRecordsMatch", status)) as server:
        assert list(gathered(server, whole(server))) == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(body=b"<html><title>Portal</title></html>"), "html_instead_of_xml"),
        (Answer(body=b"<rss/>"), "not_oai_pmh"),
        (Answer(status=500, body=b"<html>oops</html>"), "http_status"),
        (Answer(status=404), "http_status"),
        (Answer(body=envelope("<ListRecords><record>")), "invalid_xml"),
        (Answer(body=envelope("<Identify/>")), "missing_list"),
    ],
)
def test_what_is_no_answer_of_a_repository_is_an_error(answer: Answer, code: str) -> None:
    with serving(lambda _: answer) as server, pytest.raises(SourceError) as caught:
        list(gathered(server, whole(server)))
    assert caught.value.code == code


def test_a_deleted_record_is_no_record_whatever_it_still_carries() -> None:
    body = envelope(f"<ListRecords>{record('1', deleted=True)}{record('2')}</ListRecords>")
    assert [it.identifier for it in records(harvester_of(KIND), payload_of(body))] == ["oai:x:2"]


def changing(granularity: str, *, is_any_deleted: bool) -> Callable[[Request], Answer]:
    """Play a repository of three records, one of which changed, and one perhaps was deleted."""

    def respond(request: Request) -> Answer:
        match request.query["verb"], "from" in request.query:
            case "Identify", _:
                return Answer(body=envelope(f"<Identify><granularity>{granularity}</granularity></Identify>"))
            case "ListIdentifiers", _:
                return listed([header("2"), header("3", deleted=is_any_deleted)], verb="ListIdentifiers")
            case _, True:
                return listed([record("2")])
        return listed([record("1"), record("2")])

    return respond


@pytest.mark.parametrize(
    ("granularity", "asked"), [("YYYY-MM-DD", "2026-11-20"), ("YYYY-MM-DDThh:mm:ssZ", "2026-11-20T07:00:00Z")]
)
def test_an_increment_asks_as_finely_as_the_repository_counts(granularity: str, asked: str) -> None:
    with serving(changing(granularity, is_any_deleted=False)) as server:
        harvester = partial(server)
        assert list(gathered(server, harvester)) == ["2"]
    assert harvester.is_partial
    assert server.requests[-1].query["from"] == asked


def test_an_increment_with_a_deletion_reads_the_whole_repository() -> None:
    with serving(changing("YYYY-MM-DD", is_any_deleted=True)) as server:
        harvester = partial(server)
        assert list(gathered(server, harvester)) == ["1", "2"]
    assert not harvester.is_partial, "the deleted one is then no longer seen"


def test_a_record_without_identity_or_metadata_is_named() -> None:
    bare = "<record><header><identifier>oai:x:9</identifier></header></record>"
    nameless = record("1").replace("<identifier>oai:x:1</identifier>", "")
    found = problems(harvester_of(KIND), payload_of(envelope(f"<ListRecords>{bare}{nameless}</ListRecords>")))
    assert [(it.record, it.code) for it in found] == [
        ("oai:x:9", "record_without_metadata"),
        ("record[1]", "missing_identifier"),
    ]


def test_a_datestamp_alone_is_no_change() -> None:
    bodies = [
        envelope(f"<ListRecords>{record('1')}</ListRecords>".replace("2026-01-01", day))
        for day in ("2026-01-01", "2026-02-02")
    ]
    one, two = (records(harvester_of(KIND), payload_of(body)) for body in bodies)
    assert [it.digest for it in one] == [it.digest for it in two]


def test_titles_and_abstracts_come_in_their_languages() -> None:
    said = entry(
        '<dc:title xml:lang="eng">Schools</dc:title><dc:title xml:lang="zh-CN">学校名录</dc:title>'
        '<dc:title xml:lang="en">Also schools</dc:title>'
        '<dc:description xml:lang="en">One.</dc:description><dc:description xml:lang="en">Two.</dc:description>'
        "<dct:abstract>三。</dct:abstract>"
    )
    assert said.title.to_mapping() == {"en": "Schools", "zh": "学校名录"}
    assert said.abstract is not None
    assert said.abstract.to_mapping() == {"en": "One.\n\nTwo.", "zh": "三。"}


@pytest.mark.parametrize(
    ("elements", "issued", "updated", "noted"),
    [
        ("<dc:date>2020-05-01</dc:date>", date(2020, 5, 1), None, ""),
        ("<dc:date>2021-01-01T10:00:00Z</dc:date><dc:date>2020-05-01</dc:date>", date(2020, 5, 1), None, ""),
        ("<dc:date>2020</dc:date>", None, None, "incomplete_date"),
        ("<dc:date>2020</dc:date><dc:date>2020-05-01</dc:date>", date(2020, 5, 1), None, ""),
        ("<dct:issued>2019-02-03</dct:issued><dc:date>2020-05-01</dc:date>", date(2019, 2, 3), None, ""),
        ("<dct:modified>2022-02-03</dct:modified>", None, date(2022, 2, 3), ""),
        ("<dc:date>soon</dc:date>", None, None, "not_a_date"),
    ],
)
def test_dates_are_read_by_what_they_are(elements: str, issued: date | None, updated: date | None, noted: str) -> None:
    said = entry(f"<dc:title>名录册</dc:title>{elements}")
    assert (said.issued_on, said.updated_on) == (issued, updated)
    assert [note.code for note in said.unread] == ([noted] if noted else [])


def test_the_page_is_the_identifier_that_is_an_address() -> None:
    said = entry(
        "<dc:title>名录册</dc:title><dc:identifier>A-1</dc:identifier><dc:identifier>https://x.cn/1</dc:identifier>"
        "<dc:identifier>doi:10.1234/ab</dc:identifier>"
    )
    assert said.online_urls == ("https://x.cn/1",)
    assert ("identifier", "A-1; doi:10.1234/ab") in said.extensions
    by_doi = entry("<dc:title>名录册</dc:title><dc:identifier>doi:10.1234/ab</dc:identifier>")
    assert by_doi.online_urls == ("https://doi.org/10.1234/ab",)


def test_rights_formats_subjects_and_coverage_find_their_elements() -> None:
    said = entry(
        "<dc:title>名录册</dc:title><dc:rights>info:eu-repo/semantics/restrictedAccess</dc:rights>"
        "<dc:rights>Some words</dc:rights><dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights>"
        "<dc:format>text/csv</dc:format><dc:format>12 p.</dc:format><dc:type>Dataset</dc:type>"
        "<dc:subject>教育；学校</dc:subject><dc:subject>幼儿</dc:subject>"
        "<dc:coverage>2019-01-01/2019-12-31</dc:coverage><dc:coverage>和平区</dc:coverage>"
        "<dc:publisher>市教委</dc:publisher><dc:creator>张三</dc:creator>"
    )
    assert said.open_type is OpenType.CONDITIONAL
    assert "creativecommons" in said.licence or said.licence.lower().startswith("cc")
    assert said.format_types == ("csv",)
    assert said.keywords == ("教育", "学校", "幼儿")
    assert said.temporal == Interval(start=date(2019, 1, 1), end=date(2019, 12, 31))
    assert said.provider_name == "市教委"
    assert len(said.spatial) == 1
    assert {"creator", "type", "rights", "format"} <= dict(said.extensions).keys()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("oai-pmh/dlme-oai-dc.xml", 100),
        ("oai-pmh/dlme-oai-dc-resumption.xml", 100),
        ("oai-pmh-pycsw/get_GetRecord_oai_dc.xml", 1),
        ("oai-pmh-pycsw/get_GetRecord_dc.xml", 1),
        ("oai-pmh-pycsw/get_GetRecord_iso.xml", 1),
        ("oai-pmh-pycsw/get_GetRecord_datacite.xml", 1),
        ("oai-pmh-pycsw/get_ListRecords_oai_dc.xml", 10),
        ("oai-pmh-pycsw/get_ListRecords_dc.xml", 10),
        ("oai-pmh-pycsw/get_ListRecords_iso19139.xml", 10),
        ("oai-pmh-pycsw/get_ListRecords_datacite.xml", 10),
        ("oai-pmh-sickle/GetRecord.xml", 1),
        ("oai-pmh-sickle/GetRecord_utf8test.xml", 1),
        ("oai-pmh-sickle/ListRecords.xml", 1),  # of two, one is deleted; so in the next three
        ("oai-pmh-sickle/ListRecords2.xml", 1),
        ("oai-pmh-sickle/ListRecords3.xml", 1),
        ("oai-pmh-sickle/ListRecords4.xml", 1),
        ("oai-pmh-sickle/noRecordsMatch.xml", 0),
    ],
)
def test_real_answers_give_their_records(shared_data: Path, path: str, expected: int) -> None:
    assert len(records(harvester_of(KIND), file_payload(shared_data / path))) == expected


REFUSED = {
    "get_GetRecord_bad_metadata_prefix": "source_reports_error",
    "get_ListIdentifiers_bad_metadata_prefix": "source_reports_error",
    "get_ListIdentifiers_missing_metadata_prefix": "source_reports_error",
    "get_ListRecords_dc_bad_metadata_prefix": "source_reports_error",
    "get_bad_verb": "source_reports_error",
    "get_empty": "source_reports_error",
    "get_empty_with_amp": "source_reports_error",
    "get_illegal_verb": "source_reports_error",
    "get_Identify": "missing_list",
    "get_ListMetadataFormats": "missing_list",
    "get_ListSets": "missing_list",
    "get_ListIdentifiers_oai_dc": "missing_list",
    "get_ListIdentifiers_dc": "missing_list",
    "get_ListIdentifiers_iso": "missing_list",
    "get_ListIdentifiers_datacite": "missing_list",
    "Identify": "missing_list",
    "ListIdentifiers": "missing_list",
    "ListIdentifiers2": "missing_list",
    "ListMetadataFormats": "missing_list",
    "ListSets": "missing_list",
    "ListRecordsBroken": "not_xml",
    "badArgument": "source_reports_error",
    "badResumptionToken": "source_reports_error",
    "cannotDisseminateFormat": "source_reports_error",
    "idDoesNotExist": "source_reports_error",
    "noSetHierarchy": "source_reports_error",
    "undefinedError": "source_reports_error",
}


@pytest.mark.parametrize("name", REFUSED)
def test_real_answers_without_records_say_why(shared_data: Path, name: str) -> None:
    folder = "oai-pmh-pycsw" if name.startswith("get_") else "oai-pmh-sickle"
    with pytest.raises(SourceError) as caught:
        records(harvester_of(KIND), file_payload(shared_data / folder / f"{name}.xml"))
    assert caught.value.code == REFUSED[name]


def test_every_real_answer_is_in_a_table_here(shared_data: Path) -> None:
    files = {
        path.stem for folder in ("oai-pmh-pycsw", "oai-pmh-sickle") for path in (shared_data / folder).glob("*.xml")
    }
    told = {path.rpartition("/")[2].removesuffix(".xml") for path, _ in _counted()}
    assert files == (set(REFUSED) | told) - {"dlme-oai-dc", "dlme-oai-dc-resumption"}


def _counted() -> list[tuple[str, int]]:
    [mark] = [it for it in test_real_answers_give_their_records.pytestmark if it.name == "parametrize"]  # type: ignore[attr-defined]
    return list(mark.args[1])


def test_a_record_in_a_format_nobody_reads_is_named(shared_data: Path) -> None:
    harvester = harvester_of(KIND)
    [found] = records(harvester, file_payload(shared_data / "oai-pmh-pycsw/get_GetRecord_datacite.xml"))
    with pytest.raises(Exception, match="unknown_record_format") as caught:
        harvester.parse(found)
    problem = getattr(caught.value, "problem", None)
    assert isinstance(problem, Problem)
    assert problem.value == "resource"
