"""Encodings of tables are told by the text they give."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import SourceError
from harvesters.sheet_encoding import SAMPLE_BYTES, detect, known_codec, undecodable_at
from tests.sheets import csv_bytes, read_all

SIMPLIFIED = [
    "养老机构名录",
    "公共停车场分布",
    "排污许可证核发情况",
    "市场主体登记注册统计",
    "道路运输经营许可",
    "残疾人证发放信息",
]
TRADITIONAL = ["養老機構名冊", "公有停車場分布", "空氣品質監測資料", "工廠登記統計", "公車動態資訊", "土地公告現值"]


def found(body: bytes, declared: str = "") -> str:
    return detect(lambda: io.BytesIO(body), declared)


def first_fault(body: bytes, encoding: str) -> int:
    try:
        body.decode(encoding)
    except UnicodeDecodeError as fault:
        return fault.start
    return len(body)


def reads_back(text: str, encoding: str) -> bool:
    body = text.encode(encoding)
    return body.decode(found(body)) == text


@given(
    st.lists(st.sampled_from(SIMPLIFIED), min_size=1, max_size=8),
    st.sampled_from(["utf-8", "gb18030", "utf-16-le", "utf-16-be"]),
)
def test_simplified_titles_are_read_in_the_encoding_they_were_written_in(titles: list[str], encoding: str) -> None:
    assert reads_back("\r\n".join(f"{number},{title}" for number, title in enumerate(titles)), encoding)


@given(
    st.lists(st.sampled_from(TRADITIONAL), min_size=1, max_size=8),
    st.sampled_from(["utf-8", "big5", "utf-16-le", "utf-16-be"]),
)
def test_traditional_titles_are_read_in_the_encoding_they_were_written_in(titles: list[str], encoding: str) -> None:
    assert reads_back("\r\n".join(f"{number},{title}" for number, title in enumerate(titles)), encoding)


@given(st.text(st.characters(codec="gb2312", min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=40, max_size=200))
def test_even_rare_characters_of_the_simplified_set_are_not_taken_for_another_encoding(text: str) -> None:
    assert reads_back(f"信息资源名称,摘要\n{text},x\n", "gb18030")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_decides_and_is_no_part_of_the_first_header(encoding: str) -> None:
    [entry] = read_all(csv_bytes([["信息资源名称", "信息资源代码"], ["宠物登记", "1"]], encoding))
    assert (entry.title.original, entry.resource_code) == ("宠物登记", "1")


def test_a_declared_charset_is_no_proof() -> None:
    body = "信息资源名称,更新周期\n养老机构名录,每月\n".encode("gb18030")
    assert found(body, "utf-8") == found(body, "big5") == found(body, "latin-1") == "gb18030"


def test_a_long_ascii_beginning_hides_nothing() -> None:
    body = b"id,title\n" + b"1,plain\n" * SAMPLE_BYTES + "2,养老机构名录\n".encode("gb18030")
    assert found(body) == "gb18030"


def test_latin_letters_with_accents_stay_utf_8() -> None:
    assert found("título,descripción\nEstadística de población,año 2025\n".encode()) == "utf-8"


def test_an_option_overrides_what_is_found() -> None:
    body = "title,abstract\nCafé,déjà vu\n".encode("cp1252")
    [entry] = read_all(body, encoding="cp1252")
    assert entry.title.original == "Café"


def test_undecodable_bytes_name_their_offset() -> None:
    body = "信息资源名称,更新周期\n".encode() + "养老机构名录,每月\n".encode() * 2000
    cut = len(body) // 2 // 25 * 25
    broken = body[:cut] + b"\xff\xff" + body[cut:]
    with pytest.raises(SourceError) as caught:
        read_all(broken)
    offset = caught.value.parameters["byte"]
    assert caught.value.code == "undecodable_bytes"
    assert isinstance(offset, int)
    assert broken[offset : offset + 1] != b""
    assert cut - 3 <= offset <= cut


@given(st.binary(max_size=300), st.sampled_from(["utf-8", "gb18030", "big5hkscs", "utf-16-le"]))
def test_the_offset_is_the_first_byte_that_cannot_be_read(body: bytes, encoding: str) -> None:
    assert undecodable_at(lambda: io.BytesIO(body), encoding) == first_fault(body, encoding)


@pytest.mark.parametrize("name", ["klingon", "base64", "zip", "nul\x00"])
def test_what_is_no_text_encoding_is_refused(name: str) -> None:
    with pytest.raises(SourceError):
        known_codec(name)
