"""Where somebody goes after signing in: back to the page they came from, and only ever to one of ours."""

from typing import Final
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from catalogue_app.web.context import routes

PARAMETER: Final = "next"
_LONGEST: Final = 2_000


def asked_for() -> str:
    """Return the page of ours that the visitor came from; empty where there is none, or it is somebody else's."""
    text = request.values.get(PARAMETER, "")
    return text if is_ours(text) else ""


def is_ours(text: str) -> bool:
    """Say whether an address is the path of a page of this application, and nothing a browser reads as another host."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or len(text) > _LONGEST or not text.isprintable():
        return False
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or "\\" in text:
        return False
    try:
        routes().match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return True
