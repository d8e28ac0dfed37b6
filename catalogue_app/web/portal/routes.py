"""The map of the portal: every address of a page, and the view that answers it, in both languages."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue

from catalogue_app.web.guard import Inside, remember_pages
from catalogue_app.web.language import Language
from catalogue_app.web.limits import Limits
from catalogue_app.web.messages import register_messages
from catalogue_app.web.portal import feeds, findings, releases, search, sitemap, views
from catalogue_app.web.portal.templating import register_templating

View = Callable[..., ResponseReturnValue]


def _prose(name: str) -> View:
    def show() -> str:
        return render_template(f"pages/{name}.html")

    return show


ROUTES: Final[tuple[tuple[str, str, View], ...]] = (
    ("/", "home", views.home),
    ("/search", "search", search.search),
    ("/entries/<code>", "entry", views.entry),
    ("/entries/<code>/history", "history", views.history),
    ("/organs", "organs", views.organs),
    ("/organs/<organ_id>", "organ", views.organ),
    ("/organs/<organ_id>/releases", "releases", releases.releases),
    ("/organs/<organ_id>/releases/<release_name>", "release", releases.release),
    ("/organs/<organ_id>/releases/<release_name>/<form>", "release_file", releases.release_file),
    ("/themes", "themes", views.themes),
    ("/themes/<code>", "theme", views.theme),
    ("/categories", "categories", views.categories),
    ("/categories/<code>", "category", views.category),
    ("/findings", "findings", findings.findings),
    ("/help", "help", _prose("help")),
    ("/about", "about", _prose("about")),
    ("/law", "law", _prose("law")),
    ("/accessibility", "accessibility", _prose("accessibility")),
    ("/feeds/changes.atom", "feed", feeds.changes),
    ("/feeds/search.atom", "search_feed", feeds.search),
    ("/feeds/organs/<organ_id>.atom", "organ_feed", feeds.organ),
    ("/feeds/themes/<code>.atom", "theme_feed", feeds.theme),
    ("/feeds/categories/<code>.atom", "category_feed", feeds.category),
)
"""Path, name and view of each page; English pages have the same paths below `/en`."""

_ONCE: Final[tuple[tuple[str, str, View], ...]] = (
    ("/robots.txt", "robots", sitemap.robots),
    ("/sitemap.xml", "sitemap", sitemap.index),
    ("/sitemaps/pages.xml", "sitemap_pages", sitemap.pages),
    ("/sitemaps/organs/<organ_id>.xml", "sitemap_organ", sitemap.entries),
)
"""Addresses that robots know; they have no language."""


def register_portal(app: Flask, inside: tuple[Inside, ...], limits: Limits) -> None:
    """Serve the pages from an application: those for everybody, and those inside."""
    register_messages(app)
    remember_pages(app, inside)
    register_templating(app)
    for language in Language:
        pages = Blueprint(language.value, __name__, url_prefix=language.prefix or None)
        for path, name, view in ROUTES:
            pages.add_url_rule(path, name, view)
        for each in inside:
            guarded = limits.of_sign_in(each.guarded()) if each.is_attempt else each.guarded()
            pages.add_url_rule(each.path, each.name, guarded, methods=each.methods)
        app.register_blueprint(pages)
    robots = Blueprint("robots", __name__)
    for path, name, view in _ONCE:
        robots.add_url_rule(path, name, view)
    app.register_blueprint(robots)
