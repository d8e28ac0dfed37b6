"""The shared readings: what is understood, what is noted, and that nothing is lost or guessed."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.metadata import Interval, JsonValue, SharingMethod
from catalogue_app.domain.vocabulary import DisclosureCategory, FormatClass, OpenType, SharingType, Tier, UpdateCycle
from harvesters.fields import ABSTRACT_LIMIT, TITLE_LIMIT, Cycle, Format, Readings
from harvesters.raw_values import Notes, Reading, says_something, text_of, texts_of
from tests.harvesting import readings, tables

READ = readings()

CYCLES = {
    "每月": UpdateCycle.MONTHLY, "按月": UpdateCycle.MONTHLY, "每季": UpdateCycle.QUARTERLY,
    "即時": UpdateCycle.REALTIME,
    "每週": UpdateCycle.WEEKLY, "每半年": UpdateCycle.HALF_YEARLY, "不定期": UpdateCycle.IRREGULAR,
    "一次性": UpdateCycle.ONCE,
    "Monthly": UpdateCycle.MONTHLY, "annually": UpdateCycle.YEARLY, "irregular": UpdateCycle.IRREGULAR,
    "R/P1M": UpdateCycle.MONTHLY, "P1Y": UpdateCycle.YEARLY, "R/P3M": UpdateCycle.QUARTERLY, "r/p1d": UpdateCycle.DAILY,
    "R/PT1S": UpdateCycle.REALTIME, "R/P7D": UpdateCycle.WEEKLY, "R3/P6M": UpdateCycle.HALF_YEARLY,
    "http://publications.europa.eu/resource/authority/frequency/MONTHLY": UpdateCycle.MONTHLY,
    "http://publications.europa.eu/resource/authority/frequency/ANNUAL": UpdateCycle.YEARLY,
    "http://purl.org/cld/freq/quarterly": UpdateCycle.QUARTERLY, "https://purl.org/cld/freq/daily/": UpdateCycle.DAILY,
    "4.每月": UpdateCycle.MONTHLY, "４．每月": UpdateCycle.MONTHLY, "4 每月": UpdateCycle.MONTHLY,
    "6-每年": UpdateCycle.YEARLY, "06 - 每年": UpdateCycle.YEARLY, "6 yearly": UpdateCycle.YEARLY,
}  # fmt: skip


@pytest.mark.parametrize("text", CYCLES)
def test_a_cycle_is_read_from_words_periods_and_addresses(text: str) -> None:
    assert READ.cycle(text) == (Cycle(code=CYCLES[text]), None)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("R/P2W", "P2W"),
        ("R/P10Y", "P10Y"),
        ("biennial", "P2Y"),
        ("BIMONTHLY", "P2M"),
        ("R/P0.5M", "P0.5M"),
    ],
)
def test_a_cycle_without_a_code_keeps_its_period(text: str, period: str) -> None:
    assert READ.cycle(text) == (Cycle(code=UpdateCycle.OTHER, period=period), None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7", "code_without_map"),
        ("有空就更新", "unknown_value"),
        ("每两周", "unknown_value"),
        ("每旬", "unknown_value"),
        *((text, "unknown_value") for text in ("2 年", "2 - 年", "10 年", "3-年", "3 月", "2 周", "5 日")),
        ("P", "unknown_value"),
        ("R/PxM", "unknown_value"),
    ],
)
def test_a_cycle_that_is_not_known_is_noted(text: str, code: str) -> None:
    value, note = READ.cycle(text)
    assert value is None
    assert note is not None
    assert (note.element, note.value, note.code) == ("update_cycle", text, code)


def test_a_bare_number_means_only_what_its_source_says_it_means() -> None:
    for number in ("1", "2", "3", "1.0"):
        assert READ.sharing_type(number)[0] is None
    mapped = readings(**{"code.sharing_type.1": "conditional", "code.update_cycle.9": "other"})
    assert mapped.sharing_type("1") == (SharingType.CONDITIONAL, None)
    assert mapped.sharing_type(1) == (SharingType.CONDITIONAL, None)
    assert mapped.sharing_type("2")[0] is None
    assert mapped.cycle("9")[0] == Cycle(code=UpdateCycle.OTHER)


def test_a_sources_own_map_wins_over_the_words() -> None:
    mapped = readings(**{"code.open_type.是": "conditional"})
    assert mapped.open_type("是") == (OpenType.CONDITIONAL, None)
    assert READ.open_type("是") == (OpenType.OPEN, None)


def test_a_code_with_its_name_is_read_by_its_name() -> None:
    assert READ.sharing_type("2.无条件共享")[0] is SharingType.UNCONDITIONAL
    assert READ.sharing_type("1 有条件共享")[0] is SharingType.CONDITIONAL
    assert READ.open_type("１、不予开放")[0] is OpenType.NONE


def test_other_vocabularies_are_read_by_code_and_name() -> None:
    assert READ.network_tier("政务外网")[0] is Tier.EXTRANET
    assert READ.disclosure_category("a")[0] is DisclosureCategory.A
    assert READ.format_class("电子表格")[0] is FormatClass.SPREADSHEET
    assert READ.theme("教育文化") == ("T05", None)
    assert READ.theme("T13") == ("T13", None)
    assert READ.data_type("字符型 C") == "C"
    assert READ.data_type("什么型") == "什么型"
    assert READ.place("120101")[0] == "120101"
    assert READ.place("和平区")[0] == "120101"
    assert READ.place("雄安新区")[0] == "雄安新区"


def test_a_way_of_sharing_is_read_from_class_and_type() -> None:
    assert READ.sharing_method("共享平台方式", "接口")[0] == SharingMethod(method="platform", type="api")
    assert READ.sharing_method("", "接口")[0] == SharingMethod(method="platform", type="api")
    assert READ.sharing_method("邮件方式")[0] == SharingMethod(method="mail")
    assert READ.sharing_method("飞鸽传书")[0] is None


@pytest.mark.parametrize(
    ("name", "media", "expected"),
    [
        ("CSV", "", Format(code="csv", format_class=FormatClass.SPREADSHEET)),
        (".CSV", "", Format(code="csv", format_class=FormatClass.SPREADSHEET)),
        ("", "text/csv; charset=gbk", Format(code="csv", format_class=FormatClass.SPREADSHEET)),
        ("Web page", "text/html", Format(code="html", format_class=FormatClass.DOCUMENT)),
        ("Whatever", "application/pdf", Format(code="pdf", format_class=FormatClass.DOCUMENT)),
        (
            "",
            "https://www.iana.org/assignments/media-types/application/json",
            Format(code="json", format_class=FormatClass.SERVICE),
        ),
        (
            "http://publications.europa.eu/resource/authority/file-type/XLSX",
            "",
            Format(code="xlsx", format_class=FormatClass.SPREADSHEET),
        ),
        ("QGIS", "", Format(code="qgis")),
        ("", "", None),
    ],
)
def test_a_format_is_read_from_its_name_or_media_type(name: str, media: str, expected: Format | None) -> None:
    assert READ.format(name, media) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("是", True), ("否", False), (True, True), ("No", False), ("TRUE", True)]
)
def test_a_yes_or_no_is_read(value: JsonValue, expected: bool) -> None:  # noqa: FBT001 — a table of cases
    assert READ.is_true("personal_information", value) == (expected, None)


@pytest.mark.parametrize(("value", "code"), [("1", "code_without_map"), ("部分", "unknown_value")])
def test_a_perhaps_is_noted(value: str, code: str) -> None:
    reading, note = READ.is_true("personal_information", value)
    assert reading is None
    assert note is not None
    assert note.code == code


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1,234", 1234),
        ("1，234，567", 1234567),
        ("1,5", None),
        ("12,34", None),
        ("1,,234", None),
        (12, 12),
        (12.0, 12),
        ("0", 0),
        ("12 KB", None),
        (-1, None),
        ("1e999", None),
        (1.5, None),
    ],
)
def test_a_count_is_a_whole_number(value: JsonValue, expected: int | None) -> None:
    count, note = READ.count("record_count", value)
    assert count == expected
    assert (note is None) == (expected is not None)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_must_never_be_a_link_is_kept_as_text_and_noted(address: str) -> None:
    text, note = READ.url("distributions", address)
    assert text
    assert note is not None
    assert note.code == "unsafe_url"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_no_text(value: str) -> None:
    for read in (READ.title, READ.abstract, partial(READ.url, "online_urls")):
        found, note = read(value)
        assert found is None
        assert note is not None
        assert note.code == "number_out_of_range"


def test_an_ordinary_address_is_trimmed() -> None:
    assert READ.url("distributions", " https://example.org/ok.csv ") == ("https://example.org/ok.csv", None)
    assert READ.url("distributions", "") == (None, None)


def test_a_title_is_cut_at_its_limit_with_a_note() -> None:
    title, note = READ.title("长" * 3_500_000)
    assert title is not None
    assert len(title.original) == TITLE_LIMIT
    assert note is not None
    assert (note.code, len(note.value)) == ("too_long", 200)


def test_an_abstract_keeps_its_lines_and_is_cut_at_its_limit() -> None:
    abstract, note = READ.abstract("一\n二\x00")
    assert abstract is not None
    assert (abstract.original, note) == ("一\n二", None)
    cut, note = READ.abstract("x" * (ABSTRACT_LIMIT + 1))
    assert cut is not None
    assert len(cut.original) == ABSTRACT_LIMIT
    assert note is not None


def test_the_language_of_a_text_is_its_sources_or_its_characters() -> None:
    assert READ.title("Budget")[0] == READ.title(" Budget ")[0]
    title, _ = readings(language="fr").title("Budget")
    assert title is not None
    assert title.texts == (("fr", "Budget"),)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2014-01-01/2025-12-31", None, Interval(start=date(2014, 1, 1), end=date(2025, 12, 31))),
        ("2014-01-01", "2025", Interval(start=date(2014, 1, 1), end=date(2025, 12, 31))),
        (
            "[1970-01-01T00:00:00 TO 2019-12-31T23:59:59]",
            None,
            Interval(start=date(1970, 1, 1), end=date(2019, 12, 31)),
        ),
        ("2019 to 2020", None, Interval(start=date(2019, 1, 1), end=date(2020, 12, 31))),
        ("2019-2020", None, Interval(start=date(2019, 1, 1), end=date(2020, 12, 31))),
        ("2019年至2020年", None, Interval(start=date(2019, 1, 1), end=date(2020, 12, 31))),
        ("2019", None, Interval(start=date(2019, 1, 1), end=date(2019, 12, 31))),
        ("2020-01-01", "", Interval(start=date(2020, 1, 1))),
        ("2019-2020", "", Interval(start=date(2019, 1, 1), end=date(2020, 12, 31))),
        ("", "2020", Interval(end=date(2020, 12, 31))),
        ("202005", None, Interval(start=date(2020, 5, 1), end=date(2020, 5, 31))),
        ("2019-01-01/..", None, Interval(start=date(2019, 1, 1))),
    ],
)
def test_a_time_range_is_read(start: str, end: str | None, expected: Interval) -> None:
    assert READ.interval("temporal", start, end) == (expected, None)


@pytest.mark.parametrize("text", ["long ago", "2019-01-01/P1Y", "2019/2020/2021", "45047", "12023"])
def test_a_time_range_that_is_none_is_noted(text: str) -> None:
    _, note = READ.interval("temporal", text)
    assert note is not None
    assert note.code == "not_an_interval"


def test_notes_are_kept_once_and_in_order() -> None:
    notes = Notes()
    notes.take(READ.theme("x"))
    notes.take(READ.theme("y"))
    notes.take(READ.theme("x"))
    assert [note.value for note in notes.unread] == ["x", "y"]


def test_any_value_has_a_text() -> None:
    values: list[JsonValue] = [None, True, 3, 3.0, 1.5, " a\n b ", [], {"a": 1}]
    assert [text_of(value) for value in values] == ["", "true", "3", "3", "1.5", "a b", "", '{"a":1}']
    assert texts_of("a；b; a", ";；") == ("a", "b")
    assert texts_of(["a", "", "b", "a"]) == ("a", "b")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(json_values)
def test_no_value_breaks_a_reading_and_none_is_lost(value: JsonValue) -> None:
    read = Readings(tables(), {})
    readings: list[Callable[[JsonValue], Reading[object]]] = [
        read.cycle, read.sharing_type, read.open_type, read.theme, read.place, read.licence, read.network_tier,
        partial(read.date, "e"), partial(read.count, "e"), partial(read.is_true, "e"), partial(read.url, "e"),
        partial(read.line, "e"), partial(read.interval, "e"),
    ]  # fmt: skip
    for reading in readings:
        understood, note = reading(value)
        assert understood is not None or note is not None or not text_of(value)


@given(json_values)
def test_a_value_says_something_when_it_is_written_as_any_text(value: JsonValue) -> None:
    assert says_something(value) is (text_of(value) != "")
