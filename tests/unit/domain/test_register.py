"""Rules of the register as a whole: who stands where, who took whose place, what may not be said of an organ."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import Conflict, InvalidInput
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.register import below, demand_open, faults, heirs, succeeded
from tests.builders import an_organ

TODAY = date(2026, 11, 26)
PLACES = frozenset({"120000"})
CODE = "11120000XX0000019W"


def a_register(*organs: Organ) -> dict[OrganId, Organ]:
    return {organ.id: organ for organ in organs}


def codes(organ: Organ, *others: Organ) -> list[tuple[str, str]]:
    found = faults(organ, a_register(*others), divisions=PLACES, today=TODAY)
    return [(fault.field, fault.code) for fault in found]


def succession(old: Organ, new: Organ, *others: Organ, on: date = TODAY) -> dict[OrganId, Organ]:
    return a_register(*succeeded(old, new, a_register(old, new, *others), on=on, today=TODAY))


def test_an_ordinary_organ_has_no_fault() -> None:
    gov = an_organ("gov")
    assert codes(an_organ("a", parent=gov.id, district_code="120000", uscc=CODE, valid_from=TODAY), gov) == []


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"district_code": "999999"}, ("district_code", "organ_place_unknown")),
        ({"uscc": CODE[:-1] + "X"}, ("uscc", "organ_code_wrong")),
        ({"uscc": CODE}, ("uscc", "organ_code_taken")),
        ({"parent": "nobody"}, ("parent", "organ_parent_unknown")),
        ({"parent": "a"}, ("parent", "organ_parent_below")),
        ({"parent": "child"}, ("parent", "organ_parent_below")),
        ({"parent": "closed"}, ("parent", "organ_parent_closed")),
        ({"valid_from": TODAY, "valid_to": date(2026, 1, 1)}, ("valid_to", "organ_ends_before_it_begins")),
        ({"short_name": "长" * 201}, ("short_name", "organ_text_too_long")),
        ({"aliases": ("长" * 201,)}, ("aliases", "organ_aliases_too_many")),
        ({"contact": "长" * 501}, ("contact", "organ_text_too_long")),
    ],
)
def test_what_may_not_be_said_of_an_organ(said: dict[str, Any], fault: tuple[str, str]) -> None:
    others = (an_organ("b", uscc=CODE), an_organ("child", parent="a"), an_organ("closed", valid_to=TODAY))
    assert codes(an_organ("a", **said), *others) == [fault]


def test_a_successor_closes_the_old_organ_and_answers_to_its_names_and_code() -> None:
    old = an_organ("old", "天津市甲局", short_name="甲局", aliases=("老甲局",), uscc=CODE, former_usccs=("X",))
    after = succession(old, an_organ("new", "天津市乙局", aliases=("甲局",)))
    assert (after[old.id].valid_to, after[old.id].successor) == (TODAY, "new")
    assert after[OrganId("new")].aliases == ("甲局", "天津市甲局", "老甲局")
    assert after[OrganId("new")].former_usccs == (CODE, "X")


def test_what_stood_below_the_old_one_stands_below_the_new_one() -> None:
    old, child, grandchild = (
        an_organ("old", parent="gov"),
        an_organ("child", parent="old"),
        an_organ("x", parent="child"),
    )
    after = succession(old, an_organ("new"), child, grandchild, an_organ("gov"))
    assert after[child.id].parent == "new"
    assert grandchild.id not in after


def test_a_successor_from_below_takes_the_place_of_the_old_one_first() -> None:
    old, child, new = an_organ("old", parent="gov"), an_organ("child", parent="old"), an_organ("new", parent="child")
    after = succession(old, new, child, an_organ("gov"))
    assert (after[new.id].parent, after[child.id].parent) == ("gov", "new")


@pytest.mark.parametrize(
    ("old", "new", "on", "code"),
    [
        (an_organ("a"), an_organ("a"), TODAY, "organ_succeeds_itself"),
        (an_organ("a", successor="b"), an_organ("c"), TODAY, "organ_succeeded_before"),
        (an_organ("a"), an_organ("b", successor="a"), TODAY, "organ_closed"),
        (an_organ("a"), an_organ("b", valid_to=TODAY), TODAY, "organ_closed"),
        (an_organ("a"), an_organ("b"), date(2026, 11, 27), "organ_succession_ahead"),
        (an_organ("a", valid_from=TODAY), an_organ("b"), date(2026, 11, 25), "organ_ends_before_it_begins"),
    ],
)
def test_what_may_not_succeed(old: Organ, new: Organ, on: date, code: str) -> None:
    with pytest.raises((InvalidInput, Conflict)) as refused:
        succession(old, new, on=on)
    assert refused.value.code == code


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_however_organs_merge_each_has_one_heir_that_is_open(pairs: list[tuple[int, int]]) -> None:
    register = a_register(*(an_organ(str(number), parent=str(number - 1) if number else None) for number in range(6)))
    for old, new in pairs:
        try:
            changed = succeeded(
                register[OrganId(str(old))], register[OrganId(str(new))], register, on=TODAY, today=TODAY
            )
        except (InvalidInput, Conflict):
            continue
        register |= a_register(*changed)
    now = heirs(register.values())
    assert all(register[heir].successor is None for heir in now.values())
    for organ in register.values():
        assert not organ.parent or organ.is_closed(TODAY) or not register[organ.parent].is_closed(TODAY)
        assert organ.parent is None or organ.is_closed(TODAY) or organ.parent not in below(organ.id, register.values())


def test_an_organ_that_is_closed_takes_nothing_new() -> None:
    demand_open(an_organ("a", valid_to=date(2026, 11, 27)), TODAY)
    for closed in (an_organ("a", valid_to=TODAY), replace(an_organ("a"), successor=OrganId("b"))):
        with pytest.raises(Conflict):
            demand_open(closed, TODAY)
