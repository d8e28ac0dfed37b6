"""Repositories, services and folders of XML that misbehave: no entry is lost, nothing hangs, the reason is told."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import Source, SourceKind
from tests.living import add_source, codes, harvest, open_catalogue, tally
from tests.malformed import ABORTED, COMPLETE, NOTHING, entries_of
from tests.servers import Answer, Request, Responder, Server, serving
from tests.shared import shared_path

QUICK = {"harvest_deadline_s": "4", "harvest_retries": "0", "harvest_max_wait_s": "2", "harvest_max_bytes": "1000000"}
OAI, CSW, WAF = SourceKind.OAI_PMH, SourceKind.CSW, SourceKind.WAF
FILES = {
    "02-billion-laughs.rdf": {OAI: "xml_dtd_refused", CSW: "xml_dtd_refused", WAF: "xml_dtd_refused"},
    "03-xxe-file.rdf": {OAI: "xml_dtd_refused", CSW: "xml_dtd_refused", WAF: "xml_dtd_refused"},
    "29-maintenance-page-200.html": {
        OAI: "html_instead_of_xml",
        CSW: "html_instead_of_xml",
        WAF: "html_instead_of_xml",
    },
    "01-truncated.json": {OAI: "not_xml", CSW: "not_xml", WAF: "not_xml"},
    "14-relation-cycle.ttl": {OAI: "not_xml", CSW: "not_xml", WAF: "not_xml"},
}
CASES = [(name, kind, code) for name, by_kind in FILES.items() for kind, code in by_kind.items()]


def dublin(number: int) -> str:
    return (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>第{number}号名录册</dc:title></oai_dc:dc>'
    )


def repository(count: int) -> bytes:
    records = (
        f"<record><header><identifier>r-{number}</identifier></header><metadata>{dublin(number)}</metadata></record>"
        for number in range(count)
    )
    listed = f"<ListRecords>{''.join(records)}</ListRecords>"
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{listed}</OAI-PMH>'.encode()


def service(count: int) -> bytes:
    records = (
        f'<csw:Record xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier>r-{number}</dc:identifier>'
        f"<dc:title>第{number}号名录册</dc:title></csw:Record>"
        for number in range(count)
    )
    return (
        '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"><csw:SearchResults '
        f'numberOfRecordsMatched="{count}" nextRecord="0">{"".join(records)}</csw:SearchResults>'
        "</csw:GetRecordsResponse>"
    ).encode()


def folder(count: int) -> Callable[[str], bytes]:
    """Play a folder of so many FGDC records."""

    def page(path: str) -> bytes:
        if path.endswith(".xml"):
            title = path.rpartition("/")[2].removesuffix(".xml")
            cited = f"<citation><citeinfo><title>第{title}号名录册</title></citeinfo></citation>"
            return f"<metadata><idinfo>{cited}</idinfo></metadata>".encode()
        links = (f'<a href="r-{number}.xml">x</a>' for number in range(count))
        return f"<html><title>Index</title>{''.join(links)}</html>".encode()

    return page


GOOD: dict[SourceKind, Callable[[Request], bytes]] = {
    OAI: lambda _: repository(20),
    CSW: lambda _: service(20),
    WAF: lambda request: folder(20)(request.path),
}


def cut(kind: SourceKind) -> Responder:
    return lambda request: Answer(body=GOOD[kind](request)[:-30])


def typed(kind: SourceKind) -> Responder:
    head = b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>"
    return lambda request: Answer(body=head + GOOD[kind](request))


def bomb(_kind: SourceKind) -> Responder:
    body = gzip.compress(b"<r>" + b" " * 50_000_000)
    return lambda _: Answer(body=body, headers={"Content-Encoding": "gzip"})


def deep(_kind: SourceKind) -> Responder:
    return lambda _: Answer(body=b"<a>" * 100_000)


def maintenance(_kind: SourceKind) -> Responder:
    body = shared_path("data/malformed/29-maintenance-page-200.html").read_bytes()
    return lambda _: Answer(body=body, headers={"Content-Type": "text/xml"})


def failing(_kind: SourceKind) -> Responder:
    return lambda _: Answer(status=500, body=b"<html>oops</html>")


def odd_bytes(kind: SourceKind) -> Responder:
    return lambda request: Answer(body=GOOD[kind](request).replace("号".encode(), b"\xff\xfe\xff"))


TURNS: dict[str, Callable[[SourceKind], Responder]] = {
    "cut": cut,
    "typed": typed,
    "bomb": bomb,
    "deep": deep,
    "maintenance": maintenance,
    "failing": failing,
    "odd bytes": odd_bytes,
}
TOLD = {
    "cut": {"invalid_xml"},
    "typed": {"xml_dtd_refused"},
    "bomb": {"too_large"},
    "deep": {"xml_beyond_limit"},
    "maintenance": {"html_instead_of_xml"},
    "failing": {"http_status"},
    "odd bytes": {"undecodable_text"},
}
WEB = {"bomb": "too_large", "failing": "http_status", "maintenance": "empty_listing"}
"""What a folder's own page comes to; a page that is broken in any other way is still a page or none."""


class Turning:
    """A server that is honest until it turns."""

    def __init__(self, kind: SourceKind, then: Responder) -> None:
        self._kind, self._then, self.has_turned = kind, then, False

    def __call__(self, request: Request) -> Answer:
        return self._then(request) if self.has_turned else Answer(body=GOOD[self._kind](request))


@contextmanager
def standing(place: Path, kind: SourceKind, respond: Responder) -> Iterator[tuple[Container, Source, Server]]:
    with serving(respond) as server:
        container = open_catalogue(place / "var", allowed_private_hosts=server.host, **QUICK)
        yield container, add_source(container, kind, server.address("/records/"), tier="portal"), server


@pytest.mark.parametrize(("name", "kind", "code"), CASES, ids=[f"{name} as {kind}" for name, kind, _ in CASES])
def test_a_bad_file_is_refused_in_words(name: str, kind: SourceKind, code: str, tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var")
    source = add_source(container, kind, shared_path(f"data/malformed/{name}"))
    first, second = harvest(container, source.id), harvest(container, source.id)
    for report in (first, second):
        assert (report.state, tally(report), codes(report)) == (ABORTED, NOTHING, [code])
    document: Any = first.document(container.reference.messages)
    [problem] = document["problems"]
    assert all(problem[words] for words in ("message", "mend", "message_zh", "mend_zh"))
    assert "root:" not in str(document)


@pytest.mark.parametrize("kind", [OAI, CSW])
@pytest.mark.parametrize("turn", TURNS)
def test_a_list_that_turns_bad_costs_no_entry(turn: str, kind: SourceKind, tmp_path: Path) -> None:
    server_side = Turning(kind, TURNS[turn](kind))
    with standing(tmp_path, kind, server_side) as (container, source, _):
        assert tally(harvest(container, source.id)) == (20, 20, 0, 0, 0, 0, 0)
        before = entries_of(container, source.id)
        server_side.has_turned = True
        failed = harvest(container, source.id)
        assert (failed.state, tally(failed)) == (ABORTED, NOTHING)
        assert set(codes(failed)) == TOLD[turn]
        assert entries_of(container, source.id) == before
        server_side.has_turned = False
        assert tally(harvest(container, source.id)) == (20, 0, 0, 20, 0, 0, 0)


@pytest.mark.parametrize("turn", ["bomb", "failing", "maintenance"])
def test_a_folder_whose_page_turns_bad_costs_no_entry(turn: str, tmp_path: Path) -> None:
    server_side = Turning(WAF, TURNS[turn](WAF))
    with standing(tmp_path, WAF, server_side) as (container, source, _):
        assert tally(harvest(container, source.id))[:2] == (20, 20)
        before = entries_of(container, source.id)
        server_side.has_turned = True
        failed = harvest(container, source.id)
        assert (failed.state, codes(failed)) == (ABORTED, [WEB[turn]])
        assert entries_of(container, source.id) == before


def test_a_folder_with_one_bad_file_keeps_the_entry_of_that_file(tmp_path: Path) -> None:
    server_side = Turning(WAF, lambda request: Answer(body=_worse(request)))
    with standing(tmp_path, WAF, server_side) as (container, source, _):
        harvest(container, source.id)
        server_side.has_turned = True
        second = harvest(container, source.id)
        assert (second.state, tally(second)[6]) == (ABORTED, 0)
        assert set(codes(second)) >= {"invalid_xml", "parts_unread"}
        assert len(entries_of(container, source.id)) == 20


def _worse(request: Request) -> bytes:
    body = GOOD[WAF](request)
    return body[:-10] if request.path.endswith("r-7.xml") else body


@pytest.mark.parametrize("kind", [OAI, CSW])
def test_a_list_that_is_suddenly_empty_is_held(kind: SourceKind, tmp_path: Path) -> None:
    empty = {
        OAI: repository(0).replace(b"<ListRecords></ListRecords>", b'<error code="noRecordsMatch"/>'),
        CSW: service(0),
    }
    server_side = Turning(kind, lambda _: Answer(body=empty[kind]))
    with standing(tmp_path, kind, server_side) as (container, source, _):
        harvest(container, source.id)
        before = entries_of(container, source.id)
        server_side.has_turned = True
        held = harvest(container, source.id)
        assert (held.state, codes(held)) == (RunState.HELD, ["too_few_records"])
        assert entries_of(container, source.id) == before


def test_a_token_that_leads_in_a_circle_is_left_with_what_it_gave(tmp_path: Path) -> None:
    script = json.loads(shared_path("data/malformed/27-resumption-token-loop.server.json").read_bytes())
    always = Answer(body=script["steps"][0]["body"].encode())  # the second step is the same, for ever
    with standing(tmp_path, OAI, lambda _: always) as (container, source, server):
        first, second = harvest(container, source.id), harvest(container, source.id)
        assert (first.state, tally(first)) == (ABORTED, (1, 1, 0, 0, 0, 0, 0))
        assert (second.state, tally(second)) == (ABORTED, (1, 0, 0, 1, 0, 0, 0))
        assert codes(first)[0] == codes(second)[0] == "resumption_loop"
        assert [entry.metadata.title.original for entry in entries_of(container, source.id).values()] == ["循环"]
        assert len(server.requests) == 4, "each run sees the token again once, and stops"


def test_a_deletion_that_a_repository_tells_leads_to_a_vanished_entry(tmp_path: Path) -> None:
    told = repository(20).replace(b"<header><identifier>r-3<", b'<header status="deleted"><identifier>r-3<')
    server_side = Turning(OAI, lambda _: Answer(body=told))
    with standing(tmp_path, OAI, server_side) as (container, source, _):
        harvest(container, source.id)
        server_side.has_turned = True
        second = harvest(container, source.id)
        assert (second.state, tally(second)) == (COMPLETE, (19, 0, 0, 19, 0, 0, 1))
        server_side.has_turned = False
        assert harvest(container, source.id).run.restored == 1
