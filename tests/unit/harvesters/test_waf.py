"""Source kind `waf`: listings of three servers, folders followed so far, bad files that cost only themselves."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.source import SourceKind
from harvesters.pipeline import Fact, Failed, Gathered, run
from tests.fetchers import fetcher_for
from tests.harvesting import harvester_of
from tests.servers import Answer, Request, Server, serving

KIND = SourceKind.WAF


def fgdc(title: str) -> bytes:
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE metadata SYSTEM "http://127.0.0.1:9/fgdc.dtd">\n'
        f"<metadata><idinfo><citation><citeinfo><title>{title}</title></citeinfo></citation></idinfo></metadata>"
    ).encode()


APACHE = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN"><html><head><title>Index of /waf</title></head>
<body><h1>Index of /waf</h1><table><tr><th><a href="?C=N;O=D">Name</a></th></tr>
<tr><td><a href="/">Parent Directory</a></td></tr>
<tr><td><a href="a%20b.xml">a b.xml</a></td></tr><tr><td><a href="./c.xml">c.xml</a></td></tr>
<tr><td><a href="c.xml#top">c again</a></td></tr><tr><td><a href="readme.html">readme.html</a></td></tr>
<tr><td><a href="sub/">sub/</a></td></tr></table></body></html>"""
NGINX = """<html>\r\n<head><title>Index of /waf/</title></head>\r\n<body>\r\n<h1>Index of /waf/</h1><hr><pre>
<a href="../">../</a>\r\n<a href="sub/">sub/</a>  01-Jan-2026 00:00  -\r\n<a href="a%20b.xml">a b.xml</a>
<a href="c.xml">c.xml</a>\r\n</pre></body></html>"""
IIS = """<html><head><title>127.0.0.1 - /waf/</title></head><body><H1>/waf/</H1><hr>
<pre><A HREF="/">[To Parent Directory]</A><br> 1/1/2026 <A HREF="/waf/a b.xml">a b.xml</A><br>
<A HREF="/waf/c.XML">c.XML</A><br> &lt;dir&gt; <A HREF="/waf/sub/">sub</A><br></pre>"""
OUTWARD = """<html><body><a href="http://169.254.169.254/latest/x.xml">1</a><a href="//example.org/waf/x.xml">2</a>
<a href="/other/x.xml">3</a><a href="../x.xml">4</a><a href="https://127.0.0.1/waf/x.xml">5</a>
<a href="file:///etc/x.xml">6</a><a href="javascript:x.xml">7</a><a href="http://[bad/x.xml">8</a><a>9</a>
<a href="%2e%2e/x.xml">10</a><a href="%2E%2E%2Fx.xml">11</a><a href="c.xml">ok</a>"""


def site(pages: Mapping[str, str | bytes]) -> Callable[[Request], Answer]:
    """Play a web server with these pages; it knows no others."""

    def respond(request: Request) -> Answer:
        page = pages.get(request.path)
        if page is None:
            return Answer(status=404)
        return Answer(body=page if isinstance(page, bytes) else page.encode())

    return respond


def listing(*links: str) -> str:
    return f"<html><title>Index</title>{''.join(f'<a href={link}>x</a>' for link in links)}</html>"


def facts(server: Server, path: str = "/waf/", **options: str) -> Iterator[Fact]:
    with fetcher_for(server) as fetcher:
        yield from run(harvester_of(KIND, server.address(path), **options), fetcher)


def names(server: Server, path: str = "/waf/", **options: str) -> list[str]:
    return [fact.record.identifier for fact in facts(server, path, **options) if isinstance(fact, Gathered)]


@pytest.mark.parametrize("told", [APACHE, NGINX, IIS], ids=["Apache", "nginx", "IIS"])
def test_the_listings_of_three_servers_are_read(told: str) -> None:
    last = "c.XML" if told is IIS else "c.xml"
    pages: dict[str, str | bytes] = {
        "/waf/": told,
        "/waf/a%20b.xml": fgdc("甲图"),
        f"/waf/{last}": fgdc("乙图"),
        "/waf/sub/": listing("d.xml", "../"),
        "/waf/sub/d.xml": fgdc("丙图"),
    }
    with serving(site(pages)) as server:
        assert names(server) == ["a b.xml", last, "sub/d.xml"]
        assert len(server.requests) == 5


def test_nothing_outside_the_folder_is_followed() -> None:
    with serving(site({"/waf/": OUTWARD, "/waf/c.xml": fgdc("乙图")})) as server:
        assert names(server) == ["c.xml"]
        assert [request.path for request in server.requests] == ["/waf/", "/waf/c.xml"]


def test_a_file_that_moved_to_another_host_is_named_and_not_read() -> None:
    with serving(site({"/x.xml": fgdc("别处")})) as other:

        def respond(request: Request) -> Answer:
            if request.path == "/waf/":
                return Answer(body=listing("a.xml", "b.xml").encode())
            if request.path == "/waf/a.xml":
                return Answer(status=302, headers={"Location": other.address("/x.xml")})
            return Answer(body=fgdc("乙图"))

        with serving(respond) as server, fetcher_for(server, other) as fetcher:
            told, problems = _until_cut(run(harvester_of(KIND, server.address("/waf/")), fetcher))
    assert told == ["b.xml"]
    assert [(it.record, it.code) for it in problems] == [("a.xml", "link_elsewhere")]


def _until_cut(found: Iterator[Fact]) -> tuple[list[str], list[Problem]]:
    told: list[str] = []
    problems: list[Problem] = []
    with pytest.raises(SourceCutShort, match="parts_unread"):
        _sort(found, told, problems)
    return told, problems


def _sort(found: Iterator[Fact], told: list[str], problems: list[Problem]) -> None:
    for fact in found:
        if isinstance(fact, Gathered):
            told.append(fact.record.identifier)
        elif isinstance(fact, Failed):
            problems.append(fact.problem)


@pytest.mark.parametrize(("depth", "expected"), [("0", 1), ("1", 2), ("2", 3), ("9", 4)])
def test_folders_are_followed_to_a_depth(depth: str, expected: int) -> None:
    pages: dict[str, str | bytes] = {}
    folder = "/waf/"
    for level in range(4):
        pages |= {folder: listing("f.xml", f"s{level}/", "./", "../"), f"{folder}f.xml": fgdc(f"第{level}层图")}
        folder += f"s{level}/"
    with serving(site({**pages, folder: listing("../")})) as server:
        assert len(names(server, depth=depth)) == expected


def test_folders_in_a_circle_end() -> None:
    def respond(request: Request) -> Answer:
        if request.path.endswith(".xml"):
            return Answer(body=fgdc("图册"))
        return Answer(body=listing("deeper/", "f.xml").encode())

    with serving(respond) as server:
        assert len(names(server, depth="3")) == 4


def test_bad_files_are_named_and_cost_the_others_nothing() -> None:
    pages: dict[str, str | bytes] = {
        "/waf/": listing("a.xml", "b.xml", "c.xml", "d.xml", "e.xml", "gone.xml", "lost/"),
        "/waf/a.xml": fgdc("甲图"),
        "/waf/b.xml": b"<root><data>caf\xe9 \xff</data></root>",
        "/waf/c.xml": b"not xml",
        "/waf/d.xml": b"<!DOCTYPE metadata [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><metadata>&x;</metadata>",
        "/waf/e.xml": b"<other/>",
    }
    with serving(site(pages)) as server:
        told, problems = _until_cut(facts(server))
    assert told == ["a.xml"]
    assert {it.record: it.code for it in problems} == {
        "b.xml": "undecodable_text",
        "c.xml": "not_xml",
        "d.xml": "xml_dtd_refused",
        "e.xml": "no_record_in_file",
        "gone.xml": "http_status",
        "lost/": "http_status",
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<html><title>系统维护</title><a href='/help'>help</a></html>", "empty_listing"),
        ("<rss/>", "not_a_page"),
        ("", "empty_answer"),
    ],
)
def test_what_is_no_listing_is_an_error(text: str, code: str) -> None:
    with serving(site({"/waf/": text})) as server, pytest.raises(SourceError) as caught:
        names(server)
    assert caught.value.code == code
    assert caught.value.parameters.get("title", "系统维护") == "系统维护"


def test_a_folder_on_this_machine_is_read_the_same(shared_data: Path) -> None:
    told: list[str] = []
    problems: list[Problem] = []
    folder = shared_data / "iso19139-pycsw"
    with fetcher_for() as fetcher:
        _sort(run(harvester_of(KIND, folder), fetcher), told, problems)
    assert (len(told), len(set(told))) == (18, 18)
    assert [(it.record, it.code) for it in problems] == [("SOURCE.md", "foreign_file")]


def test_a_real_folder_gives_eleven_records_and_names_two_bad_files(shared_data: Path) -> None:
    with fetcher_for() as fetcher:
        told, problems = _until_cut(run(harvester_of(KIND, shared_data / "iso19139"), fetcher))
    assert len(set(told)) == 11, "four ISO records and seven of FGDC"
    assert {it.record: it.code for it in problems} == {
        "SOURCE.md": "foreign_file",
        "iso_2_waf-decode_error.xml": "undecodable_text",
        "iso_2_waf-to_be_filtered_by_datetime.xml": "not_xml",
    }
