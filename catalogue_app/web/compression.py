"""Compress text on its way out (RFC 9110 §12.5.3), where the reader takes gzip and it is worth the while.

Pages hold nothing secret beside what a visitor wrote, so that their compressed length tells nobody anything.
"""

import gzip
from typing import Final

from flask import Flask, Response, request

_SMALLEST: Final = 600
"""Bytes below which a packet is a packet."""

_LARGEST: Final = 8 << 20
"""Bytes above which an answer is sent as it is rather than held in memory."""

_LEVEL: Final = 6
_TEXT: Final = ("text/", "application/json", "application/problem+json", "application/atom+xml", "application/xml")
_ALSO: Final = frozenset({"image/svg+xml", "application/javascript", "application/manifest+json"})


def register_compression(app: Flask) -> None:
    """Compress the answers of an application; register it first, since the last hook registered runs first."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not _is_text(response):
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code == 206 or not _fits(response) or not request.accept_encodings["gzip"]:  # noqa: PLR2004 — Partial Content
        return response
    response.direct_passthrough = False
    response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
    response.content_encoding = "gzip"
    response.headers.pop("Accept-Ranges", None)
    etag, _ = response.get_etag()
    if etag is not None:
        response.set_etag(etag, weak=True)
    return response


def _is_text(response: Response) -> bool:
    kind = response.mimetype or ""
    return kind.startswith(_TEXT) or kind in _ALSO


def _fits(response: Response) -> bool:
    if response.content_encoding or (response.is_streamed and not response.direct_passthrough):
        return False
    return _SMALLEST <= (response.content_length or response.calculate_content_length() or 0) <= _LARGEST
