"""JSON read element by element: the same values as any parser, and an answer to everything a server may send."""

import codecs
import contextlib
import json
import tracemalloc
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalogue_app.domain.errors import SourceError, SourceRefused
from catalogue_app.domain.metadata import JsonValue
from harvesters.json_reading import NESTING_LIMIT, elements, parse_element, whole
from harvesters.port import Payload
from tests.harvesting import file_payload, payload_of

PATHS = (("dataset",), ())

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


def values(body: bytes, charset: str = "") -> list[JsonValue]:
    return [element.value for element in elements(payload_of(body, charset), PATHS)]


def failure(body: bytes) -> SourceError:
    with pytest.raises(SourceError) as caught:
        values(body)
    return caught.value


@given(st.lists(json_values, max_size=6), st.dictionaries(st.text(max_size=5), json_values, max_size=3))
@example(['"', "]", "\\", '\\"}'], {"a": {"dataset": [1]}})
def test_every_element_is_what_any_parser_reads(parts: list[JsonValue], around: dict[str, JsonValue]) -> None:
    document = {**around, "dataset": parts, "end": around}
    for body in (orjson.dumps(document), json.dumps(document, indent=3).encode(), orjson.dumps(parts)):
        assert values(body) == parts


@given(st.lists(json_values, min_size=1, max_size=4), st.integers(1, 40))
def test_pieces_of_any_size_give_the_same_elements(parts: list[JsonValue], size: int) -> None:
    body = json.dumps({"x": [parts, {"y": "]}"}], "dataset": parts}, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harvesters.json_reading.CHUNK_BYTES", size)
        assert values(body) == parts


@given(st.binary(max_size=200))
@example(b"[")
@example(b'{"dataset":[{"a":"\\')
@example(b'{"dataset":[}]')
@example(b'{"dataset":[{]}]}')
@example(b'\xff\xfe"')
def test_no_bytes_raise_anything_but_a_source_error(body: bytes) -> None:
    with contextlib.suppress(SourceError):
        values(body)


@given(st.data())
def test_a_document_cut_anywhere_is_never_taken_for_a_whole_one(data: st.DataObject) -> None:
    body = '{"a":{"b":[1,2]},"dataset":[{"id":"é]"},{"id":2,"x":[{}]}],"z":"end"}'.encode()
    cut = data.draw(st.integers(0, len(body) - 1))
    assert failure(body[:cut]).code in {"invalid_json", "empty_answer", "undecodable_text"}


def test_a_cut_document_names_the_byte(shared_data: Path) -> None:
    with pytest.raises(SourceError) as caught:
        list(elements(file_payload(shared_data / "malformed" / "01-truncated.json"), PATHS))
    assert (caught.value.code, caught.value.parameters["offset"]) == ("invalid_json", 6000)


@pytest.mark.parametrize(
    ("body", "offset"),
    [
        (b'{"dataset":[{},]}', 15),
        (b'{"dataset":[{} {}]}', 15),
        (b'{"dataset":[{}],}', 16),
        (b'{"dataset":[{}]} x', 17),
        (b'{"dataset":[tru]}', 12),
        (b"{dataset:[]}", 1),
        (b'{"dataset" []}', 11),
        (b'{"dataset":[{"a":01}]}', 18),
    ],
)
def test_a_slip_in_the_syntax_names_the_byte(body: bytes, offset: int) -> None:
    error = failure(body)
    assert (error.code, error.parameters["offset"]) == ("invalid_json", offset)


def test_deep_nesting_is_refused_without_recursion(shared_data: Path) -> None:
    with pytest.raises(SourceRefused, match="too_deep"):
        list(elements(file_payload(shared_data / "malformed" / "08-deep-nesting.json"), PATHS))
    assert isinstance(failure(b'{"x":' + b"[" * 100_000), SourceRefused)
    deepest = b"[" * NESTING_LIMIT + b"]" * NESTING_LIMIT
    assert len(values(b'{"dataset":[' + deepest + b"]}")) == 1


def test_numbers_no_program_can_hold_become_the_text_that_was_written() -> None:
    huge = "9" * 5000
    body = (
        f'{{"dataset":[{{"a":{huge},"b":1e999,"c":-1E400,"d":NaN,"e":-Infinity,"f":1.5,"g":123456789012345678901}}]}}'
    )
    [value] = values(body.encode())
    assert value == {
        "a": "9" * 200,
        "b": "1e999",
        "c": "-1E400",
        "d": "NaN",
        "e": "-Infinity",
        "f": 1.5,
        "g": "123456789012345678901",
    }
    assert values(b"[18446744073709551615, -9223372036854775808]") == [2**64 - 1, -(2**63)]


def test_lone_surrogates_become_the_replacement_character(shared_data: Path) -> None:
    path = shared_data / "malformed" / "18-lone-surrogate.json"
    first, second = (element.value for element in elements(file_payload(path), PATHS))
    assert first == {"identifier": "s-1", "title": "半个\ufffd表情", "description": "\ufffd"}
    assert second == {"identifier": "s-2", "title": "正常", "description": "😀"}
    assert parse_element(b'{"\\ud800":"x"}') == {"\ufffd": "x"}


TEXT = '{"dataset":[{"title":"天津市养老机构名单","n":"数据目录 é"}]}'
ENCODED = {
    "utf-8": TEXT.encode(),
    "utf-8 with mark": codecs.BOM_UTF8 + TEXT.encode(),
    "utf-16-le": TEXT.encode("utf-16-le"),
    "utf-16-be": TEXT.encode("utf-16-be"),
    "utf-16 with mark": TEXT.encode("utf-16"),
    "utf-16-be with mark": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "utf-32 with mark": TEXT.encode("utf-32"),
    "gb18030": TEXT.replace(" é", "说明").encode("gb18030"),
}


@pytest.mark.parametrize("name", ENCODED)
def test_the_encoding_is_told_from_the_bytes(name: str) -> None:
    [value] = values(ENCODED[name])
    assert isinstance(value, dict)
    assert value["title"] == "天津市养老机构名单"


def test_bytes_of_no_encoding_are_an_error() -> None:
    error = failure(b'{"dataset":[{"a":"\xff\xfe\x80\x81"}]}')
    assert (error.code, error.parameters["offset"]) == ("undecodable_text", 18)


def test_a_page_in_place_of_json_is_told_by_its_title(shared_data: Path) -> None:
    with pytest.raises(SourceError) as caught:
        list(elements(file_payload(shared_data / "malformed" / "29-maintenance-page-200.html"), PATHS))
    assert (caught.value.code, caught.value.parameters["title"]) == ("html_instead_of_json", "系统维护")
    assert failure(b"  <p>Sorry").code == "html_instead_of_json"
    assert failure("<html><title>登录</title>".encode()).parameters["title"] == "登录"


def test_markup_inside_a_text_is_no_page() -> None:
    assert values('[{"a":"<html><title>页</title>"}]'.encode()) == [{"a": "<html><title>页</title>"}]
    assert failure("<html><title>页</title>".encode("utf-16")).code == "html_instead_of_json"


@pytest.mark.parametrize("body", [b"", b"  \n", codecs.BOM_UTF8])
def test_an_empty_answer_is_an_error(body: bytes) -> None:
    assert failure(body).code in {"empty_answer", "invalid_json"}


@pytest.mark.parametrize("body", [b"{}", b'{"dataset":{}}', b'"text"', b"3", b'{"x":{"dataset":[]}}'])
def test_a_document_without_the_list_is_an_error(body: bytes) -> None:
    assert failure(body).code == "missing_list"


def test_a_small_document_is_read_whole() -> None:
    assert whole(payload_of(b'{"a":[1]}')) == {"a": [1]}
    with pytest.raises(SourceError):
        whole(payload_of(b'{"a":[1]} 2'))


def test_an_element_beyond_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harvesters.json_reading.ELEMENT_BYTES", 1000)
    monkeypatch.setattr("harvesters.json_reading.CHUNK_BYTES", 100)
    error = failure(b'{"dataset":["' + b"x" * 5000 + b'"]}')
    assert isinstance(error, SourceRefused)
    assert error.code == "record_too_large"


def test_memory_is_that_of_one_element(tmp_path: Path) -> None:
    unit = b'{"identifier":"a","title":"t","description":"' + b"x" * 1000 + b'"}'
    path = tmp_path / "long.json"
    path.write_bytes(b'{"dataset":[' + b",".join([unit] * 8_000) + b"]}")
    payload = Payload(address="long", size_bytes=path.stat().st_size, digest="", open=lambda: path.open("rb"))
    tracemalloc.start()
    try:
        assert sum(1 for _ in elements(payload, PATHS)) == 8_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000
