"""Who acts at this machine by the name of an account."""

from catalogue_app.container import Container
from catalogue_app.domain.account import Account
from catalogue_app.domain.visibility import Audience, lowest


def audience_at_machine(container: Container, account: Account) -> Audience:
    """Return the audience of an editor or approver here: their own organ, up to clearance and ceiling."""
    organs = frozenset({account.organ_id} if account.organ_id else ())
    return Audience(tier=lowest(account.clearance, container.settings.tier_ceiling), organs=organs)
