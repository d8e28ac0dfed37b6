"""Descriptions for machines inside pages: schema.org as JSON-LD."""

from typing import Final

from catalogue_app.domain.metadata import Document, EntryMetadata, Item, JsonValue
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.text import LocalizedText
from catalogue_app.services.catalogue_views import EntryView
from catalogue_app.web.context import language
from catalogue_app.web.messages import mark, say
from catalogue_app.web.portal import terms
from catalogue_app.web.portal.addresses import absolute, page
from catalogue_app.web.portal.passages import foreign_tag, plain
from catalogue_app.web.portal.ways import Way
from catalogue_app.web.portal.whose import site, site_name

_CONTEXT: Final = "https://schema.org"
_SHORTEST: Final = 50
_LONGEST: Final = 5_000
"""Characters a description of a Dataset may have."""


def of_catalogue(entries: int) -> Document:
    """Describe the whole catalogue, as its home page does."""
    target = f"{absolute(page('search'))}?q={{search_term_string}}"
    return _document(
        "DataCatalog",
        {
            "@id": absolute("/"),
            "name": site_name(),
            "url": absolute(page("home")),
            "inLanguage": language().tag,
            "description": say(
                mark("全市各机关政务信息资源的目录，现有%(entries)s个条目，写明由谁负责、多久更新一次、怎样取得。"),
                entries=entries,
            ),
            "potentialAction": {
                "@type": "SearchAction",
                "target": target,
                "query-input": "required name=search_term_string",
            },
        },
    )


def of_organ(organ: Organ) -> Document:
    """Describe an organ."""
    return _document("GovernmentOrganization", _organ(organ))


def of_crumbs(trail: list[tuple[LocalizedText | str, str]]) -> Document:
    """Describe the way to a page: names and paths from below the home page down to the page itself."""
    steps: list[JsonValue] = [
        {"@type": "ListItem", "position": number, "name": plain(name), "item": absolute(path)}
        for number, (name, path) in enumerate([(say(mark("首页")), page("home")), *trail], 1)
    ]
    return _document("BreadcrumbList", {"itemListElement": steps})


def of_entry(view: EntryView, ways: tuple[Way, ...]) -> Document:
    """Describe an entry as a Dataset: what, who, when, where to get it, and its items."""
    entry, metadata = view.entry, view.entry.metadata
    title = plain(metadata.title)
    return _document(
        "Dataset",
        {
            "@id": absolute(f"/entries/{entry.code}"),
            "url": absolute(page("entry", code=entry.code)),
            "identifier": entry.code,
            "name": title,
            "description": _description(view, title),
            "inLanguage": foreign_tag(title) or language().tag,
            "creator": {"@type": "GovernmentOrganization", **_organ(view.organ)},
            "dateModified": (metadata.updated_on or entry.changed_at).isoformat(),
            "datePublished": metadata.issued_on.isoformat() if metadata.issued_on else None,
            "license": metadata.licence or (site().licence if metadata.open_type == "open" else None),
            "isAccessibleForFree": metadata.open_type == "open" or None,
            "keywords": list[JsonValue](metadata.keywords) or None,
            "spatialCoverage": [terms.division(code) for code in metadata.spatial] or None,
            "temporalCoverage": _period(metadata),
            "distribution": [_download(way) for way in ways if way.address] or None,
            "variableMeasured": [_item(item) for item in metadata.items] or None,
            "includedInDataCatalog": {"@type": "DataCatalog", "@id": absolute("/"), "name": site_name()},
        },
    )


def _document(kind: str, members: dict[str, JsonValue]) -> Document:
    return {
        "@context": _CONTEXT,
        "@type": kind,
        **{name: value for name, value in members.items() if value is not None},
    }


def _organ(organ: Organ) -> Document:
    document: Document = {
        "@id": absolute(f"/organs/{organ.id}"),
        "name": plain(organ.name),
        "url": absolute(page("organ", organ_id=organ.id)),
    }
    others: list[JsonValue] = [name for name in organ.all_names if name != document["name"]]
    return document | ({"alternateName": others} if others else {}) | ({"identifier": organ.uscc} if organ.uscc else {})


def _description(view: EntryView, title: str) -> str:
    """Return the organ's abstract; one too short to describe anything is completed with what is known."""
    abstract = plain(view.entry.metadata.abstract) if view.entry.metadata.abstract else ""
    if len(abstract) >= _SHORTEST:
        return abstract[:_LONGEST]
    names = say(mark("、")).join(item.name for item in view.entry.metadata.items)
    more = say(
        mark("%(title)s，由%(organ)s负责，登记于%(site)s，编码%(code)s。"),
        title=title,
        organ=plain(view.organ.name),
        site=site_name(),
        code=view.entry.code,
    )
    items = say(mark("信息项：%(names)s。"), names=names) if names else ""
    return " ".join(filter(None, (abstract, more, items))).ljust(_SHORTEST, "。")[:_LONGEST]


def _period(metadata: EntryMetadata) -> str | None:
    if metadata.temporal is None:
        return None
    start, end = metadata.temporal.start, metadata.temporal.end
    return f"{start.isoformat() if start else '..'}/{end.isoformat() if end else '..'}"


def _download(way: Way) -> Document:
    document: Document = {"@type": "DataDownload", "name": way.title, "contentUrl": way.address}
    return document | ({"encodingFormat": way.format} if way.format else {})


def _item(item: Item) -> Document:
    document: Document = {"@type": "PropertyValue", "name": item.name}
    return document | ({"description": item.note} if item.note else {})
