"""Whatever bytes come as a table, the worst that follows is a `SourceError`."""

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import SourceError
from harvesters.pipeline import read
from harvesters.port import RawRecord
from tests.harvesting import payload_of
from tests.sheets import Rows, csv_bytes, part_of, sheet_harvester, with_part, xls_bytes, xlsx_bytes

ROWS: Rows = [
    ["信息资源代码", "信息资源名称", "发布日期", "信息项名称"],
    ["307/1", "养老机构名录", date(2026, 3, 5), "名称"],
    [None, None, None, "地址"],
    ["307/2", "停车场", 45047, "泊位"],
]
PARTS = [
    "xl/worksheets/sheet1.xml",
    "xl/workbook.xml",
    "xl/styles.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/sharedStrings.xml",
]


@cache
def written(form: str) -> bytes:
    forms: dict[str, Callable[[], bytes]] = {
        "xlsx": lambda: xlsx_bytes({"目录": ROWS}, ["A2:A3", "B2:B3"]),
        "xls": lambda: xls_bytes(ROWS, [(1, 2, 0, 0)]),
        "csv": lambda: csv_bytes(ROWS, "gb18030"),
        "utf-16": lambda: csv_bytes(ROWS, "utf-16", "\t"),
    }
    return forms[form]()


def harvest(body: bytes) -> None:
    """Read everything; what a record holds may be anything, but it stays a record or a problem."""
    harvester = sheet_harvester()
    try:
        for part in harvester.split(payload_of(body)):
            if isinstance(part, RawRecord):
                assert part.identifier
                assert getattr(read(harvester, part), "code", "") != "unreadable_record"
    except SourceError:
        pass


@given(st.binary(max_size=600))
def test_random_bytes_are_no_worse_than_a_source_error(body: bytes) -> None:
    harvest(body)


@given(
    st.sampled_from(
        [
            b"PK\x03\x04",
            b"PK\x05\x06",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"\x09\x08\x08\x00",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b'"',
        ]
    ),
    st.binary(max_size=600),
)
def test_random_bytes_after_a_known_beginning_are_no_worse(beginning: bytes, rest: bytes) -> None:
    harvest(beginning + rest)


@pytest.mark.parametrize("form", ["xlsx", "xls", "csv", "utf-16"])
@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=30),
    st.floats(0.05, 1),
)
def test_changed_and_cut_files_are_no_worse(form: str, changes: list[tuple[float, int]], share: float) -> None:
    body = bytearray(written(form))
    for place, byte in changes:
        body[int(place * len(body))] = byte
    harvest(bytes(body[: int(share * len(body))]) if share < 0.9 else bytes(body))


@given(
    st.sampled_from(PARTS),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(32, 126)), min_size=1, max_size=12),
)
def test_changed_parts_of_a_workbook_are_no_worse(part: str, changes: list[tuple[float, int]]) -> None:
    body = bytearray(part_of(written("xlsx"), part)) if part != "xl/sharedStrings.xml" else bytearray(b"<sst/>")
    for place, byte in changes:
        body[int(place * len(body))] = byte
    harvest(with_part(written("xlsx"), part, bytes(body)))


@given(
    st.sampled_from(['r="A2"', 't="n"', "<v>", 's="1"', 'ref="A2:A3"']),
    st.text(st.characters(codec="utf-8", exclude_characters='<&"'), max_size=12),
)
def test_cells_with_impossible_references_types_and_numbers_are_no_worse(where: str, text: str) -> None:
    sheet = part_of(written("xlsx"), "xl/worksheets/sheet1.xml").decode()
    changed = sheet.replace(where, where + text if where == "<v>" else f'{where.partition("=")[0]}="{text}"')
    harvest(with_part(written("xlsx"), "xl/worksheets/sheet1.xml", changed.encode()))


@given(
    st.lists(
        st.lists(
            st.one_of(
                st.sampled_from(
                    ["信息资源名称", "信息资源代码", "信息项名称", "类", "共享类型", "合计", "注：", "", "1"]
                ),
                st.text(max_size=8),
            ),
            max_size=6,
        ),
        max_size=14,
    )
)
def test_tables_of_any_cells_are_read_or_refused(rows: list[list[str]]) -> None:
    harvest(csv_bytes(rows, "utf-16"))
