"""The terms on which this deployment fetches, from its settings: limits, pace, and how it introduces itself."""

from catalogue_app.settings import Settings
from harvesters.fetching import Manners
from harvesters.limits import FetchLimits
from harvesters.politeness import HostPacer
from harvesters.robots import Robots


def limits_of(settings: Settings) -> FetchLimits:
    """Return how much of everything one run may take."""
    harvest = settings.harvest
    return FetchLimits(
        user_agent=_user_agent(settings),
        deadline_s=harvest.deadline_s,
        run_s=harvest.run_s,
        max_bytes=harvest.max_bytes,
        max_pages=harvest.max_pages,
        retries=harvest.retries,
        host_interval_s=harvest.host_interval_s,
        max_wait_s=harvest.max_wait_s,
        allowed_private_hosts=frozenset(settings.allowed_private_hosts),
    )


def manners_of(settings: Settings) -> Manners:
    """Return how hosts are treated: at what pace, and by which of their own rules."""
    harvest = settings.harvest
    pacer = HostPacer(harvest.host_interval_s, per_minute=harvest.host_per_minute, folder=settings.data_dir / "hosts")
    return Manners(pacer=pacer, robots=Robots(harvest.user_agent))


def _user_agent(settings: Settings) -> str:
    """Return how we introduce ourselves: with the contact, where it can stand in a header."""
    contact = settings.municipality.contact.strip()
    is_sayable = contact.isascii() and contact.isprintable() and not set("()") & set(contact)
    return f"{settings.harvest.user_agent} ({contact})" if contact and is_sayable else settings.harvest.user_agent
