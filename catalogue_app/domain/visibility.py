"""Who may see what: the one place that decides tiers (art. 8), as labels that intersect.

An entry carries labels, an audience carries labels, and an entry is seen where the two sets meet. Databases and
search engines store and intersect labels; none of them knows the rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from catalogue_app.domain.account import Account, organs_seen_by
from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.vocabulary import Tier


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who asks, as far as visibility goes.

    Attributes:
        tier: the highest tier reached: the lowest of the person's clearance, the deployment's ceiling and the network
            of the request.
        organs: organs whose unpublished entries they see too, up to `tier`.
        supervises: sees every organ's unpublished entries (art. 5), up to `tier`.
    """

    tier: Tier
    organs: frozenset[OrganId] = frozenset()
    supervises: bool = False

    @staticmethod
    def of_tier(tier: Tier) -> "Audience":
        """Make the audience of everybody on a network, with no organ of their own."""
        return Audience(tier=tier)


def audience_of(
    account: Account | None, *, network: Tier, served: Tier, ceiling: Tier, register: Mapping[OrganId, Organ]
) -> Audience:
    """Decide who somebody is as far as visibility goes: the one place (art. 8).

    Args:
        account: who signed in; None for everybody else, whose clearance is what the instance serves.
        network: the network the request came in by.
        served: the tier this instance shows to people without an account.
        ceiling: the highest tier this deployment may hold.
        register: every organ, for those whose account sees more than one.
    """
    if account is None:
        return Audience.of_tier(lowest(served, network, ceiling))
    return Audience(
        tier=lowest(account.clearance, network, ceiling),
        organs=frozenset(organs_seen_by(account, register)),
        supervises=account.role.supervises,
    )


def labels_of(*, tier: Tier, state: EntryState, organ: OrganId) -> frozenset[str]:
    """Return the labels an entry carries; none at all once it is withdrawn."""
    if state is EntryState.WITHDRAWN:
        return frozenset()
    if state.is_public:
        return frozenset({_published(tier)})
    return frozenset({_of_organ(organ, tier), _of_desk(tier)})


def labels_for(audience: Audience) -> frozenset[str]:
    """Return the labels an audience may meet."""
    tiers = [tier for tier in Tier if tier.level <= audience.tier.level]
    labels = {_published(tier) for tier in tiers}
    labels |= {_of_organ(organ, tier) for organ in audience.organs for tier in tiers}
    if audience.supervises:
        labels |= {_of_desk(tier) for tier in tiers}
    return frozenset(labels)


def may_see(audience: Audience, *, tier: Tier, state: EntryState, organ: OrganId) -> bool:
    """State the rule in words, for tests and for single decisions: same answer as the labels give."""
    if tier.level > audience.tier.level or state is EntryState.WITHDRAWN:
        return False
    return state.is_public or audience.supervises or organ in audience.organs


def lowest(*tiers: Tier) -> Tier:
    """Return the least secret of several tiers: what clearance, deployment and network allow together."""
    return min(tiers, key=lambda tier: tier.level)


def _published(tier: Tier) -> str:
    return f"published:{tier}"


def _of_organ(organ: OrganId, tier: Tier) -> str:
    return f"organ:{organ}:{tier}"


def _of_desk(tier: Tier) -> str:
    return f"desk:{tier}"
