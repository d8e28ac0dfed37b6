"""A run closes only in balance, and its gate holds what a person should see."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import UnbalancedRun
from catalogue_app.domain.harvest import Gate, HarvestRun, Outcome, RunState, gate, tier_of
from catalogue_app.domain.ids import OrganId, RunId, SourceId, new_id
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import OpenType, Tier

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def a_source(**options: str) -> Source:
    return Source(
        id=SourceId(new_id()), organ_id=OrganId("edu"), kind=SourceKind.SHEET, address="/x.xlsx", options=options
    )


def a_run(gathered: int, outcomes: dict[Outcome, int]) -> HarvestRun:
    return HarvestRun(
        id=RunId(new_id()),
        source_id=SourceId(new_id()),
        state=RunState.RUNNING,
        started_at=NOW,
        gathered=gathered,
        outcomes=outcomes,
    )


@given(st.dictionaries(st.sampled_from(Outcome), st.integers(0, 50)), st.integers(0, 300))
def test_a_run_closes_exactly_when_every_record_has_one_outcome(outcomes: dict[Outcome, int], gathered: int) -> None:
    run = a_run(gathered, outcomes)
    if sum(outcomes.values()) == gathered:
        assert run.close(RunState.COMPLETE, NOW).state is RunState.COMPLETE
    else:
        with pytest.raises(UnbalancedRun):
            run.close(RunState.COMPLETE, NOW)


@pytest.mark.parametrize(
    ("known", "seen", "gone", "new", "expected"),
    [
        (0, 100, 0, 100, Gate.OPEN),
        (100, 100, 0, 0, Gate.OPEN),
        (100, 0, 100, 0, Gate.HOLD_VANISHED),
        (0, 0, 0, 0, Gate.HOLD_VANISHED),
        (100, 90, 10, 0, Gate.OPEN),
        (100, 89, 11, 0, Gate.HOLD_VANISHED),
        (8, 3, 5, 0, Gate.OPEN),
        (8, 2, 6, 0, Gate.HOLD_VANISHED),
        (100, 100, 100, 100, Gate.HOLD_NEW),
        (100, 100, 49, 49, Gate.HOLD_VANISHED),
        (100, 200, 0, 100, Gate.OPEN),
    ],
)
def test_the_gate_holds_empty_answers_mass_vanishing_and_renaming(
    known: int, seen: int, gone: int, new: int, expected: Gate
) -> None:
    decided, problem = gate(a_source(), known=known, seen=seen, gone=gone, new=new)
    assert decided is expected
    assert (problem is None) == (expected is Gate.OPEN)


def test_a_source_may_set_its_own_limits() -> None:
    assert gate(a_source(max_vanish="0.5"), known=100, seen=60, gone=40, new=0)[0] is Gate.OPEN
    assert gate(a_source(min_records="50"), known=0, seen=49, gone=0, new=49)[0] is Gate.HOLD_VANISHED
    assert gate(a_source(min_records="0"), known=0, seen=0, gone=0, new=0)[0] is Gate.OPEN


@pytest.mark.parametrize(
    ("opening", "declared", "setting", "expected"),
    [
        (OpenType.OPEN, None, "extranet", Tier.PORTAL),
        (OpenType.CONDITIONAL, None, "extranet", Tier.PORTAL),
        (OpenType.NONE, None, "portal", Tier.EXTRANET),
        (None, None, "portal", Tier.PORTAL),
        (None, None, "extranet", Tier.EXTRANET),
        (OpenType.OPEN, Tier.INTRANET, "portal", Tier.INTRANET),
        (OpenType.NONE, Tier.PORTAL, "portal", Tier.EXTRANET),
    ],
)
def test_the_opening_attribute_decides_the_tier_and_a_higher_declaration_wins(
    opening: OpenType | None, declared: Tier | None, setting: str, expected: Tier
) -> None:
    metadata = EntryMetadata(title=LocalizedText.of("x"), open_type=opening, network_tier=declared)
    assert tier_of(metadata, a_source(tier=setting)) is expected
