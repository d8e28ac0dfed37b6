"""Labels meet exactly when the rule in words says so."""

from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.visibility import Audience, labels_for, labels_of, lowest, may_see
from catalogue_app.domain.vocabulary import Tier

ORGANS = st.sampled_from([OrganId("edu"), OrganId("civil"), OrganId("data")])
AUDIENCES = st.builds(Audience, tier=st.sampled_from(Tier), organs=st.frozensets(ORGANS), supervises=st.booleans())


@given(AUDIENCES, st.sampled_from(Tier), st.sampled_from(EntryState), ORGANS)
def test_labels_meet_exactly_when_the_audience_may_see(
    audience: Audience, tier: Tier, state: EntryState, organ: OrganId
) -> None:
    meet = bool(labels_for(audience) & labels_of(tier=tier, state=state, organ=organ))
    assert meet == may_see(audience, tier=tier, state=state, organ=organ)


@given(AUDIENCES, st.sampled_from(EntryState), ORGANS)
def test_nobody_sees_above_their_tier(audience: Audience, state: EntryState, organ: OrganId) -> None:
    for tier in Tier:
        if tier.level > audience.tier.level:
            assert not labels_for(audience) & labels_of(tier=tier, state=state, organ=organ)


def test_a_draft_is_for_its_organ_and_the_desk_alone() -> None:
    draft = {"tier": Tier.PORTAL, "state": EntryState.DRAFT, "organ": OrganId("edu")}
    assert not may_see(Audience.of_tier(Tier.INTRANET), **draft)  # type: ignore[arg-type]  # the three arguments by name
    assert may_see(Audience(tier=Tier.PORTAL, organs=frozenset({OrganId("edu")})), **draft)  # type: ignore[arg-type]  # as above
    assert may_see(Audience(tier=Tier.PORTAL, supervises=True), **draft)  # type: ignore[arg-type]  # as above


def test_the_lowest_of_clearance_deployment_and_network_counts() -> None:
    assert lowest(Tier.INTRANET, Tier.PORTAL, Tier.EXTRANET) is Tier.PORTAL
