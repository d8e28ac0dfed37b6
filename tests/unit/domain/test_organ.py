"""Unified social credit codes are checked as GB 32100-2015 says."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.organ import is_valid_uscc, normalise_uscc

VALID = ("11120000XX0000019W", "12120101XX00002A5M", "51120116XXY0300094", "91120104MA0XX4Q70C", "54120119XX05GHJK30")
INVALID = ("11120000XX00000190", "11120000XI0000019W", "11102000XX0000019W", "11120000XX0000019", "1112000OXX0000019W")


@pytest.mark.parametrize("code", VALID)
def test_a_right_code_passes(code: str) -> None:
    assert is_valid_uscc(code)


@pytest.mark.parametrize("code", [*INVALID, "", "１" * 18, "11120000XX0000019W0"])
def test_a_wrong_code_fails(code: str) -> None:
    assert not is_valid_uscc(code)


@given(st.sampled_from(VALID), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_no_single_wrong_character_passes(code: str, place: int, letter: str) -> None:
    mutated = code[:place] + letter + code[place + 1 :]
    assert is_valid_uscc(mutated) == (mutated == code)


@pytest.mark.parametrize(
    "written",
    [
        "11120000xx0000019w",
        "１１１２００００ＸＸ０００００１９Ｗ",
        "111200 00XX0000019W",
        "11120000-XX0000019W",
        " 11120000XX0000019W　",
    ],
)
def test_codes_are_normalised_before_they_are_checked(written: str) -> None:
    assert normalise_uscc(written) == "11120000XX0000019W"


def test_every_organ_of_the_table_has_a_valid_code() -> None:
    with (Path(__file__).parents[3] / "config/organs/organs.csv").open(encoding="utf-8", newline="") as file:
        assert all(is_valid_uscc(row["demo_uscc"]) for row in csv.DictReader(file))
