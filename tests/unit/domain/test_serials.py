"""Running numbers: a series for each tier, none of them within another, and one order of all."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.ids import catalogue_code
from catalogue_app.domain.serials import SERIES, place_in_series
from catalogue_app.domain.vocabulary import Tier
from indexing.keys import SERIAL_BITS

A_NUMBER = st.sampled_from(list(SERIES.values())).flatmap(st.sampled_from)


def test_each_tier_has_numbers_of_its_own_and_codes_of_eight_digits() -> None:
    assert list(SERIES) == list(Tier)
    for lower, higher in pairwise(SERIES.values()):
        assert lower.stop == higher.start
    assert {len(catalogue_code("TJ", numbers[at])) for numbers in SERIES.values() for at in (0, -1)} == {10}


@given(A_NUMBER, A_NUMBER)
def test_places_are_unlike_and_keep_the_order_of_a_series(one: int, other: int) -> None:
    places = (place_in_series(one), place_in_series(other))
    assert (places[0] == places[1]) == (one == other)
    assert 0 < min(places) <= max(places) < 1 << SERIAL_BITS
    if any(one in numbers and other in numbers for numbers in SERIES.values()):
        assert (places[0] < places[1]) == (one < other)
