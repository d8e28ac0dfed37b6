"""Addresses of pages: the same question with another cursor, and every other part of it kept."""

from typing import Final
from urllib.parse import urlencode

from flask import Request

DEFAULT_LIMIT: Final = 20
"""Things on one page where nobody says."""

LARGEST_LIMIT: Final = 100
"""Most things on one page; there is no limit to the number of pages."""


def address_with(request: Request, **changes: str | None) -> str:
    """Return the address of this request with some parameters replaced; None takes a parameter away.

    Parameters keep their order and their repetitions, so that what a visitor chose is never lost on the way.
    """
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    added = [(name, value) for name, value in changes.items() if value is not None]
    query = urlencode(kept + added)
    return f"{request.path}?{query}" if query else request.path
