"""The guarded parser: what it reads, what it refuses and in which words, and that a stream of it stays flat."""

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import SourceError, SourceRefused
from harvesters.markup import (
    document,
    elements,
    guarded,
    html,
    looks_like_page,
    name_of,
    page_title,
    root_tag,
)
from harvesters.port import Payload
from tests.harvesting import file_payload, payload_of

NAME = "天津市民政局机关"


def text_of(body: bytes, charset: str = "") -> str:
    return document(payload_of(body, charset)).text or ""


def failure(body: bytes | Payload) -> SourceError:
    with pytest.raises(SourceError) as caught:
        document(payload_of(body) if isinstance(body, bytes) else body)
    return caught.value


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("gb2312", "gb18030"),
        ("GBK", "gb18030"),
        ("utf-8", "gb18030"),
        ("iso-8859-1", "gb18030"),
        ("utf-16", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-8", "utf-16"),
        ("utf-16", "utf-16-le"),
        ("utf-8", "utf-16-be"),
        ("utf-8", "utf-32"),
        ("big5", "big5"),
        ("no-such", "gb18030"),
    ],
)
def test_the_real_encoding_counts_not_the_declared_one(declared: str, codec: str) -> None:
    name = "臺北市政府" if codec == "big5" else NAME
    assert text_of(f"<?xml version='1.0' encoding='{declared}'?><a>{name}</a>".encode(codec)) == name


def test_a_charset_of_the_server_is_a_hint() -> None:
    latin = "<a>données géographiques de la côte</a>".encode("latin-1")
    assert text_of(latin, "iso-8859-1") == "données géographiques de la côte"


def test_bytes_that_no_encoding_explains_are_told_by_their_offset() -> None:
    error = failure(f"<a>{NAME * 5}".encode() + b"\xff</a>")
    assert (error.code, error.parameters["offset"]) == ("undecodable_text", 3 + 3 * 5 * len(NAME))


@pytest.mark.parametrize("before", ["\n \t\n", "\ufeff\n", "\ufeff", ""])
def test_what_stands_before_the_root_does_no_harm(before: str) -> None:
    assert text_of((before + "<?xml version='1.0'?>\n<!-- <a> -->\n<?pi <b> ?><a>x</a>").encode()) == "x"


def test_control_characters_are_taken_out() -> None:
    assert text_of(b"<a>x\x0by\x00z\x1f</a>") == "xyz"


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        (b"\n\n<?xml version='1.0'\n?>\n<a>\n<b></c></a>", 6, "tag mismatch"),
        (b"<a>\n\n<b>", 3, "Premature end"),
        (b"<a>\n&nbsp;</a>", 2, "nbsp"),
        (b"<a/>\n<b/>", 2, "Extra content"),
        (b"<a>\n<x:b/></a>", 2, "prefix x"),
        (b"<a>&#0;</a>", 1, "invalid xmlChar"),
        (b"<!-- nothing else -->", 1, ""),
    ],
)
def test_a_broken_document_is_told_by_line_and_reason(body: bytes, line: int, reason: str) -> None:
    error = failure(body)
    if error.code == "not_xml":
        assert reason == ""
        return
    assert (error.code, error.parameters["line"]) == ("invalid_xml", line)
    assert reason in str(error.parameters["reason"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_answer"),
        (b" \n\n", "empty_answer"),
        (b"\xef\xbb\xbf ", "empty_answer"),
        (b'{"a": 1}', "not_xml"),
        (b"plain", "not_xml"),
        (b"<html><head><title>x</title></head></html>", "html_instead_of_xml"),
        (b"<!DOCTYPE HTML PUBLIC 'x'><p>x", "html_instead_of_xml"),
        (b"<!doctype foo><foo/>", "xml_dtd_refused"),
        (b"<!DOCTYPE foo [<!ENTITY a 'b'>]><foo>&a;</foo>", "xml_dtd_refused"),
        (b"<!-- c --><?pi x?>\n<!DOCTYPE foo SYSTEM 'http://127.0.0.1:1/x.dtd'><foo/>", "xml_dtd_refused"),
        ("<!DOCTYPE foo [<!ENTITY a 'b'>]><foo>&a;</foo>".encode("utf-16"), "xml_dtd_refused"),
        (b"<a>" * 300 + b"</a>" * 300, "xml_beyond_limit"),
        (b"<a>" * 230 + b"</a>" * 230, "too_deep"),
        (b"<a>" * 100_000, "xml_beyond_limit"),
        (b"<a>" + b"x" * 10_500_000 + b"</a>", "xml_beyond_limit"),
        (b"<a b='" + b"x" * 10_500_000 + b"'/>", "xml_beyond_limit"),
        (b"<a" + b"".join(b" a%d='1'" % number for number in range(600)) + b"/>", "xml_beyond_limit"),
        (b"<a>" + b"<b/>" * 500_001 + b"</a>", "xml_beyond_limit"),
    ],
)
def test_what_is_refused_has_a_code_of_its_own(body: bytes, code: str) -> None:
    assert failure(body).code == code


@pytest.mark.parametrize("name", ["02-billion-laughs.rdf", "03-xxe-file.rdf"])
def test_entities_are_refused_before_they_unfold(shared_data: Path, name: str) -> None:
    payload = file_payload(shared_data / "malformed" / name)
    tracemalloc.start()
    try:
        error = failure(payload)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (error.code, type(error)) == ("xml_dtd_refused", SourceRefused)
    assert peak < 50_000_000
    assert "root:" not in str(error)
    with pytest.raises(SourceRefused):
        guarded(payload)


def test_a_maintenance_page_is_told_by_its_title(shared_data: Path) -> None:
    error = failure(file_payload(shared_data / "malformed" / "29-maintenance-page-200.html"))
    assert (error.code, error.parameters["title"]) == ("html_instead_of_xml", "系统维护")


def test_a_page_without_title_is_told_by_its_heading() -> None:
    assert failure(b"<html><body><h1>Service\n down</h1>").parameters["title"] == "Service down"


def test_wanted_elements_come_one_by_one_and_the_rest_is_passed_over() -> None:
    body = b"<r n='2'><junk><rec>1</rec></junk><rec><rec>in</rec>2</rec>x<other/><rec>3</rec></r>"
    found = [
        (name_of(element), element.get("n"), name_of(element) == "rec" and "".join(map(str, element.itertext())))
        for element in elements(payload_of(body), frozenset({"rec"}), opened=frozenset({"r"}))
    ]
    assert found == [("r", "2", False), ("rec", None, "1"), ("rec", None, "in2"), ("rec", None, "3")]


def test_a_stream_stays_flat() -> None:
    def peak(count: int) -> int:
        payload = payload_of(b"<r>" + b"<rec><x>%s</x></rec>\n<junk/>" % (b"y" * 50) * count + b"</r>")
        tracemalloc.start()
        try:
            assert sum(1 for element in elements(payload, frozenset({"rec"})) if element.find("x") is not None) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(20_000) < 1.5 * peak(2_000)


def test_a_record_has_a_largest_size() -> None:
    body = b"<r><rec>" + (b"<x>" + b"y" * 1_000_000 + b"</x>") * 40 + b"</rec></r>"
    with pytest.raises(SourceRefused, match="record_too_large"):
        list(elements(payload_of(body), frozenset({"rec"})))
    assert len(list(elements(payload_of(body), frozenset({"x"})))) == 40


def test_the_root_is_told_without_reading_on() -> None:
    assert root_tag(payload_of(b"<?xml version='1.0'?><a xmlns='urn:x'>" + b"<b/>" * 50_000 + b"</c>")) == "{urn:x}a"


def test_another_parser_gets_a_clean_document() -> None:
    body = f"<?xml version='1.0' encoding='gbk'?>\n<a>{NAME}</a>".encode("gbk")
    assert guarded(payload_of(body)) == f"\n<a>{NAME}</a>".encode()
    with pytest.raises(SourceError, match="invalid_xml"):
        guarded(payload_of(b"<a><b></a>"))


def test_a_web_page_is_read_whatever_its_faults() -> None:
    page = f"<HTML><meta charset=gbk><Title>{NAME}</title><A HREF='x'>a<script type='y'>{{}}</script>".encode("gbk")
    root = html(payload_of(page))
    assert [element.tag for element in root.iter()] == ["html", "head", "meta", "title", "body", "a", "script"]
    assert [link.get("href") for link in root.iter("a")] == ["x"]
    assert page_title(payload_of(page)) == NAME
    assert looks_like_page(payload_of(page))
    assert not looks_like_page(payload_of(b"<a/>"))


@given(st.binary(max_size=200) | st.text(alphabet="<>/!?-[]&;#x='\"a \n", max_size=80).map(str.encode))
def test_no_bytes_raise_anything_but_a_source_error(body: bytes) -> None:
    payload = payload_of(body)
    for attempt in (document, guarded, root_tag, html, looks_like_page, page_title):
        try:
            attempt(payload)
        except SourceError:
            continue


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE metadata>",
        '<!DOCTYPE metadata SYSTEM "http://127.0.0.1:1/x.dtd">',
        "<!DOCTYPE m:d PUBLIC '-//X//Y' 'x.dtd' >",
    ],
)
def test_a_document_type_that_declares_nothing_may_be_passed_over(doctype: str) -> None:
    body = f"<?xml version='1.0' encoding='gbk'?>\n<!-- x -->\n{doctype}\n<metadata>{NAME}</b>".encode("gbk")
    wanted = frozenset({"metadata"})
    with pytest.raises(SourceError) as caught:
        list(elements(payload_of(body), wanted, passes_doctype=True))
    assert caught.value.parameters["line"] == 4, "lines count as in the file"
    good = body.replace(b"</b>", b"</metadata>")
    assert [element.text for element in elements(payload_of(good), wanted, passes_doctype=True)] == [NAME]
    with pytest.raises(SourceRefused, match="xml_dtd_refused"):
        list(elements(payload_of(good), wanted))


@pytest.mark.parametrize("inner", ["[<!ENTITY a 'b'>]", "SYSTEM 'x' [<!ENTITY a 'b'>]", "[%x;]"])
def test_a_document_type_that_declares_anything_never_is(inner: str) -> None:
    body = f"<!DOCTYPE metadata {inner}><metadata/>".encode()
    with pytest.raises(SourceRefused, match="xml_dtd_refused"):
        list(elements(payload_of(body), frozenset({"metadata"}), passes_doctype=True))
