"""What every answer carries: security rules, its request id, who may keep it and how to ask whether it changed."""

import re
from typing import Final

import structlog
from flask import Flask, Response, request, session
from werkzeug.datastructures import HeaderSet
from werkzeug.exceptions import RequestURITooLarge

from catalogue_app.domain.ids import new_id
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.web.context import audience, caller, name_request, request_id
from catalogue_app.web.language import is_api

_LONGEST_ADDRESS: Final = 8_000
"""Bytes of path and query; longer ones are no question a person or program has."""

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SECURITY: Final = {
    "Content-Security-Policy": _POLICY,
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_A_YEAR: Final = "public, max-age=31536000, immutable"


def register_headers(app: Flask) -> None:
    """Dress all answers of an application."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    name_request(given if _REQUEST_ID.fullmatch(given) else str(new_id()))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id())
    if len(request.query_string) + len(request.path.encode()) > _LONGEST_ADDRESS:
        raise RequestURITooLarge


def _finish(response: Response) -> Response:
    response.headers.update(_SECURITY)
    response.headers["X-Request-Id"] = request_id()
    response.vary.add("Cookie")
    if is_api(request.path):
        response.vary.add("Authorization")
    public = audience().tier is Tier.PORTAL and caller() is None
    if not public:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    if is_api(request.path) and public:
        # Only what everybody may read anyway is open to scripts of other sites: on the extranet the browser of an
        # officer would otherwise read entries for any page that asks it to.
        response.access_control_allow_origin = "*"
        response.access_control_allow_methods = HeaderSet(("GET", "HEAD", "OPTIONS"))
        response.access_control_allow_headers = HeaderSet(("If-None-Match", "X-Request-Id"))
        response.access_control_expose_headers = HeaderSet(("ETag", "Link", "Retry-After", "X-Request-Id"))
    if response.status_code == 200 and request.method in {"GET", "HEAD"}:  # noqa: PLR2004 — HTTP's own number
        _keep(response, public=public)
    return response


def _keep(response: Response, *, public: bool) -> None:
    """Let answers be kept but asked about: files named by their content for a year, all else never unasked."""
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = _A_YEAR
        return
    if caller() is not None or session.modified:
        response.headers["Cache-Control"] = "private, no-store"
        return
    response.headers.setdefault("Cache-Control", "no-cache" if public else "private, no-cache")
    if not response.is_streamed and "ETag" not in response.headers and not response.cache_control.no_store:
        response.add_etag(weak=True)
        response.make_conditional(request)
