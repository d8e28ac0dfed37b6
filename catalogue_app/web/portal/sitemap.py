"""What search engines are told: robots.txt, and sitemaps of public pages, one an organ (sitemaps.org protocol)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from flask import Response, render_template

from catalogue_app.domain.errors import NotFound
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.selection import EntryFilter
from catalogue_app.web.context import audience, services
from catalogue_app.web.portal.addresses import TONGUES, absolute, page
from catalogue_app.web.portal.whose import is_public

_XML: Final = "application/xml; charset=utf-8"
_MOST: Final = 50_000 // len(TONGUES)
"""Entries of one file: each stands there once for every language."""

_BATCH: Final = 1_000
_FIXED: Final = ("home", "organs", "themes", "categories", "help", "about", "law", "accessibility")

Rows = list[tuple[str, datetime | None]]


def robots() -> Response:
    """Say what robots may visit: on the public instance all but the endless combinations of filters."""
    lines = ["User-agent: *", "Disallow: /"]
    if is_public():
        lines = ["User-agent: *", "Disallow: /api/", "Disallow: /*?*cursor=", f"Sitemap: {absolute('/sitemap.xml')}"]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def index() -> Response:
    """List the sitemaps.

    Raises:
        NotFound: this instance is not for everybody.
    """
    _for_everybody()
    organs = [summary.organ.id for summary in services().catalogue.organs(audience()) if summary.entries]
    addresses = ["/sitemaps/pages.xml", *(f"/sitemaps/organs/{organ}.xml" for organ in organs)]
    return Response(render_template("feeds/sitemap_index.xml", addresses=addresses), content_type=_XML)


def pages() -> Response:
    """List the pages that are no entries.

    Raises:
        NotFound: this instance is not for everybody.
    """
    _for_everybody()
    overview = services().catalogue.overview(audience())
    rows: Rows = [(page(name), None) for name in _FIXED]
    rows += [(page("theme", code=code), None) for code in overview.themes]
    rows += [(page("category", code=code), None) for code in overview.categories]
    summaries = services().catalogue.organs(audience())
    rows += [(page("organ", organ_id=summary.organ.id), summary.changed_at) for summary in summaries]
    return _sitemap(rows)


def entries(organ_id: str) -> Response:
    """List the entries of an organ, those that changed last first.

    Raises:
        NotFound: no such organ, or this instance is not for everybody.
    """
    _for_everybody()
    services().catalogue.organ(organ_id, audience())
    return _sitemap(list(_entry_rows(organ_id)))


def _entry_rows(organ_id: str) -> Iterator[tuple[str, datetime]]:
    wanted, cursor, left = EntryFilter(organs=frozenset({OrganId(organ_id)})), None, _MOST
    while left > 0:
        found = services().catalogue.entries(wanted, audience(), cursor, min(_BATCH, left))
        yield from ((page("entry", code=card.entry.code), card.entry.changed_at) for card in found.cards)
        cursor, left = found.next_cursor, left - len(found.cards)
        if cursor is None:
            return


def _sitemap(rows: Rows) -> Response:
    return Response(render_template("feeds/sitemap.xml", rows=rows), content_type=_XML)


def _for_everybody() -> None:
    if not is_public():
        raise NotFound
