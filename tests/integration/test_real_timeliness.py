"""A real city's list on a day of its time: the rule of timeliness gives what an independent count found."""

from collections import Counter
from datetime import date
from typing import Final

import pytest

from catalogue_app.domain.flagging.stale import FreshnessState, content_day, freshness
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.vocabulary import UpdateCycle
from catalogue_app.reference import load_reference
from tests.harvesting import entries, file_payload, harvester_of
from tests.shared import ROOT, shared_path

DAY: Final = date(2018, 4, 1)
RULES: Final = load_reference(ROOT / "config").cycles


@pytest.fixture(scope="module")
def taoyuan() -> list[EntryMetadata]:
    path = shared_path("data/tw-taoyuan/taoyuan-open-data-supply-list-2018.xls")
    return list(entries(harvester_of(SourceKind.SHEET, path), file_payload(path)))


def test_the_cycles_in_words_are_all_understood(taoyuan: list[EntryMetadata]) -> None:
    assert Counter(said.update_cycle for said in taoyuan) == {
        UpdateCycle.IRREGULAR: 876,
        UpdateCycle.YEARLY: 318,
        UpdateCycle.MONTHLY: 74,
        UpdateCycle.QUARTERLY: 57,
        UpdateCycle.REALTIME: 48,
        UpdateCycle.HALF_YEARLY: 27,
        UpdateCycle.DAILY: 27,
        UpdateCycle.WEEKLY: 2,
    }


def test_what_was_past_its_due_day_is_found(taoyuan: list[EntryMetadata]) -> None:
    late = Counter[UpdateCycle | None]()
    for said in taoyuan:
        judged = freshness(said.update_cycle, content_day(said.updated_on, said.issued_on), None, DAY, RULES)
        late[said.update_cycle] += judged.state in {FreshnessState.DUE, FreshnessState.STALE}
    # The independent count set no day for content that changes at any time or all the time.
    without_a_day = (UpdateCycle.IRREGULAR, UpdateCycle.REALTIME)
    assert late.total() - sum(late[cycle] for cycle in without_a_day) == 147


def test_irregular_content_is_never_stale(taoyuan: list[EntryMetadata]) -> None:
    irregular = [said for said in taoyuan if said.update_cycle is UpdateCycle.IRREGULAR]
    states = {freshness(said.update_cycle, said.updated_on, None, DAY, RULES).state for said in irregular}
    assert states == {FreshnessState.FRESH, FreshnessState.DUE, FreshnessState.UNCONFIRMED}
