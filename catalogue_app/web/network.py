"""The network a request came by and the address it came from, as trusted reverse proxies tell them; else the least."""

from flask import Request

from catalogue_app.domain.vocabulary import Tier
from catalogue_app.settings import Web


def network_of(request: Request, web: Web) -> Tier:
    """Return the network a request came by.

    Without `web.network_header` an instance serves one network, `web.tier`. With it a trusted proxy names the network;
    a header from anybody else, a missing, a repeated and an unknown one all mean the portal: it fails closed.
    """
    if not web.network_header:
        return web.tier
    told = request.headers.getlist(web.network_header)
    if request.remote_addr not in web.trusted_proxies or len(told) != 1:
        return Tier.PORTAL
    try:
        return Tier(told[0].strip())
    except ValueError:
        return Tier.PORTAL


def client_address(request: Request, web: Web) -> str:
    """Return the address a request came from: what the nearest trusted proxy saw, else what we see."""
    seen = request.remote_addr or ""
    if seen not in web.trusted_proxies:
        return seen
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded or seen
