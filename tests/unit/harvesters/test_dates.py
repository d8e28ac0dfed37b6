"""Days in the forms organs write them: read when certain, never guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvesters.dates import read_bound, read_date

MAY = date(2023, 5, 1)
READ = {
    "2023-05-01": MAY, "2023-5-1": MAY, "2023/5/1": MAY, "2023.05.01": MAY, "20230501": MAY, "20230501103000": MAY,
    "2023-05-01T10:30:00": MAY, "2023-05-01T10:30:00.123Z": MAY, "2023-05-01 10:30:00 +0800": MAY, "2023/5/1 8:05": MAY,
    "2023年5月1日": MAY, "2023年05月01号": MAY, "2023 年 5 月 1 日": MAY, "２０２３年５月１日": MAY,
    "2023年5月1日10时30分": MAY,
    "民國112年5月1日": MAY, "民国112年5月1日": MAY, "中華民國112.5.1": MAY,
    "2023050112": MAY, "202305011230": MAY, "1682870400": MAY, "1682870400000": MAY,
    "May 1, 2023": MAY, "1 May 2023": MAY, "1-May-2023": MAY, "Mon, 01 May 2023 10:00:00 GMT": MAY,
    "1er mai 2023": MAY, "1 de mayo de 2023": MAY, "2 août 2020": date(2020, 8, 2), "15 févr. 2024": date(2024, 2, 15),
    "mar, 10/12/2019 - 09:23": date(2019, 12, 10), "Date changed  mar, 10/12/2019 - 09:23": date(2019, 12, 10),
    "31/05/2023": date(2023, 5, 31), "05/31/2023": date(2023, 5, 31), "05/05/2023": date(2023, 5, 5),
    "2024-02-29": date(2024, 2, 29),
}  # fmt: skip
UNREAD = {
    "2023-02-30": "not_a_date", "2023-02-29": "not_a_date", "0000-00-00": "not_a_date", "2023-13-01": "not_a_date",
    "0001-01-01": "not_a_date", "2023-05-01T25:61:00+99:00": "not_a_date", "2023-05-01T10:30:00+19:00": "not_a_date",
    "R/P1D": "not_a_date", "P1D": "not_a_date", "2023-05-01/2023-06-01": "not_a_date", "每年": "not_a_date",
    "二〇二三年五月一日": "not_a_date", "yesterday": "not_a_date", "32/13/2023": "not_a_date",
    "99 May 2023": "not_a_date",
    "01/05/2023": "ambiguous_date", "1.5.2023": "ambiguous_date", "03-04-2023": "ambiguous_date",
    "2023": "incomplete_date", "2023-05": "incomplete_date", "202305": "incomplete_date",
    "2023年5月": "incomplete_date",
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_a_certain_day_is_read(text: str) -> None:
    assert read_date(text) == (READ[text], "")


@pytest.mark.parametrize("text", UNREAD)
def test_an_uncertain_day_is_not_guessed(text: str) -> None:
    assert read_date(text) == (None, UNREAD[text])


@pytest.mark.parametrize(("order", "day"), [("dmy", date(2023, 5, 1)), ("mdy", date(2023, 1, 5))])
def test_the_operator_may_say_how_the_source_writes_days(order: str, day: date) -> None:
    assert read_date("01/05/2023", order) == (day, "")
    assert read_date("31/05/2023", order) == (date(2023, 5, 31), "")


@pytest.mark.parametrize("text", ["9999-12-31", "2099-01-01T00:00:00Z", "99991231", "4070908800000"])
def test_a_day_for_ever_away_is_read_and_flagged(text: str) -> None:
    day, code = read_date(text)
    assert day is not None
    assert day.year >= 2099
    assert code == "far_future_date"


def test_an_instant_is_placed_in_the_citys_own_day() -> None:
    assert read_date("1672502400000")[0] == date(2023, 1, 1)  # 2022-12-31T16:00Z is midnight in Shanghai


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2021年2月", date(2021, 2, 1), date(2021, 2, 28)),
        ("2020-02-03", date(2020, 2, 3), date(2020, 2, 3)),
    ],
)
def test_a_year_or_month_is_exact_as_the_end_of_a_range(text: str, first: date, last: date) -> None:
    assert (read_bound(text, is_end=False), read_bound(text, is_end=True)) == (first, last)


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(2098, 12, 31)))
def test_every_day_survives_every_form_that_names_its_parts(day: date) -> None:
    forms = ("{:%Y-%m-%d}", "{:%Y/%m/%d}", "{:%Y%m%d}", "{:%Y年%m月%d日}", "{:%Y-%m-%dT%H:%M:%SZ}", "{:%d %b %Y}")
    padded = [form.format(day).replace(f"{day:%Y}", f"{day.year:04}") for form in forms]
    assert {read_date(text) for text in padded} == {(day, "")}


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    day, code = read_date(text)
    assert day or code
