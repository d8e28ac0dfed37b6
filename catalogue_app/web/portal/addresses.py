"""Addresses of pages: in the language of the answer, in the other one, and as the world cites them."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, urlencode

from flask import request, url_for

from catalogue_app.web.context import language, services
from catalogue_app.web.language import Language, in_language

TONGUES: Final = tuple(Language)
"""Chinese first: it is the default."""


def page(name: str, **parts: str | None) -> str:
    """Return the path of a page of `routes.ROUTES` in the language of the answer; what is None is left out."""
    given = {key: value for key, value in parts.items() if value is not None}
    return url_for(f"{language()}.{name}", _external=False, **given)


def absolute(path: str) -> str:
    """Return an address of this catalogue as the outside world knows it."""
    root = services().settings.web.public_url or request.url_root
    return f"{root.rstrip('/')}{path}"


def in_tongue(wanted: Language) -> str:
    """Return the address of this very page in a language, with everything the visitor chose."""
    path = quote(in_language(request.path, wanted))
    query = request.query_string.decode("latin-1")
    return f"{path}?{query}" if query else path


def here() -> str:
    """Return the path of this page, without its question."""
    return quote(request.path)


def with_query(path: str, parameters: Sequence[tuple[str, str]]) -> str:
    """Return a path with parameters behind it, in their order."""
    return f"{path}?{urlencode(parameters)}" if parameters else path
