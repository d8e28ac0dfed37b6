"""One small catalogue as a source of every kind offers it: page by page on a loopback server, a table in a folder."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from catalogue_app.domain.source import SourceKind
from tests.servers import Answer, Request

Item = tuple[int, str]
"""Number and title of one record."""
Pages = Sequence[Sequence[Item]]

FIRST: Final[Pages] = (((1, "甲类名录"), (2, "乙类名录"), (3, "丙类名录")), ((4, "丁类名录"), (5, "戊类名录")))
"""What is offered at first."""
LATER: Final[Pages] = (((1, "甲类名录修订"), (2, "乙类名录"), (3, "丙类名录")), ((4, "丁类名录"), (6, "己类名录")))
"""What is offered afterwards: the first changed, the fifth gone, the sixth new."""
ROWS: Final = 3
"""Records of a full page."""

_MAPPED: Final = {"list": "items", "field.identifier": "id", "field.title": "title"}
_PAGED: Final = {"paging": "page", "size_parameter": "size", "page_size": str(ROWS), "total": "total"}
_DCAT: Final = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
<https://example.cn/catalogue> a dcat:Catalog .
"""
_OAI: Final = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<ListRecords>{}{}</ListRecords></OAI-PMH>"""
_OAI_RECORD: Final = """<record><header><identifier>r-{}</identifier><datestamp>2026-01-01</datestamp></header>
<metadata><dc><dc:title>{}</dc:title></dc></metadata></record>"""
_CSW: Final = """<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"><csw:SearchResults
numberOfRecordsMatched="{}" numberOfRecordsReturned="{}" nextRecord="{}">{}</csw:SearchResults>
</csw:GetRecordsResponse>"""
_ISO: Final = """<MD_Metadata xmlns="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco">
<fileIdentifier><gco:CharacterString>r-{}</gco:CharacterString></fileIdentifier><identificationInfo>
<MD_DataIdentification><citation><CI_Citation><title><gco:CharacterString>{}</gco:CharacterString></title></CI_Citation>
</citation></MD_DataIdentification></identificationInfo></MD_Metadata>"""

Play = Callable[[Pages, Request], str | None]
"""Answers one request with what the catalogue has now; None where nothing stands."""


@dataclass(frozen=True, kw_only=True)
class Player:
    """How sources of one kind offer the catalogue.

    Attributes:
        path: where the source is, on the server or in the folder.
        play: on the server; none for a source in the folder.
        write: writes the files of the folder.
        options: of the source.
    """

    path: str = "/"
    play: Play | None = None
    write: Callable[[Path, Pages], None] = lambda _, __: None
    options: Mapping[str, str] = field(default_factory=dict)


class Stage:
    """The catalogue as it is offered now; a server that tells whether a page has changed."""

    def __init__(self, player: Player, folder: Path) -> None:
        self.player, self._folder = player, folder
        self._pages = FIRST

    def offer(self, pages: Pages) -> None:
        """Let the source be as it is now."""
        self._pages = pages
        self.player.write(self._folder, pages)

    def respond(self, request: Request) -> Answer:
        said = self.player.play(self._pages, request) if self.player.play else None
        if said is None:
            return Answer(status=404)
        tag = f'"{hashlib.sha256(said.encode()).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Answer(status=304, headers={"ETag": tag})
        return Answer(body=said.encode(), headers={"ETag": tag})


def expected(pages: Pages) -> dict[int, str]:
    """Return the title of each record by its number."""
    return {number: title for page in pages for number, title in page}


def _at(pages: Pages, asked: str, first: int = 0) -> Sequence[Item]:
    """Return the page that begins at a position; empty behind the last."""
    items = [item for page in pages for item in page]
    return items[int(asked) - first : int(asked) - first + ROWS]


def _sheets(folder: Path, pages: Pages) -> None:
    for number, page in enumerate(pages):
        rows = [f"r-{item},{title}" for item, title in page]
        (folder / f"{number}.csv").write_text("\n".join(["信息资源代码,信息资源名称", *rows, ""]), encoding="utf-8")


def _ckan(pages: Pages, request: Request) -> str | None:
    if request.path != "/api/3/action/package_search":
        return None
    results = [{"id": f"r-{it}", "title": title} for it, title in _at(pages, request.query["start"])]
    return json.dumps({"success": True, "result": {"count": len(expected(pages)), "results": results}})


def _data_json(pages: Pages, request: Request) -> str | None:
    if request.path != "/data.json":
        return None
    return json.dumps({"dataset": [{"identifier": f"r-{it}", "title": title} for page in pages for it, title in page]})


def _dcat(pages: Pages, request: Request) -> str | None:
    numbers = {"/catalog.ttl": 0, "/catalog-2.ttl": 1}
    if request.path not in numbers:
        return None
    said = [f'<https://example.cn/{it}> a dcat:Dataset ; dct:title "{title}" .' for it, title in
            pages[numbers[request.path]]]  # fmt: skip
    onward = (
        "<> a hydra:PartialCollectionView ; hydra:next </catalog-2.ttl> ." if request.path == "/catalog.ttl" else ""
    )
    return _DCAT + "\n".join([*said, onward])


def _oai(pages: Pages, request: Request) -> str | None:
    number = 1 if request.query.get("resumptionToken") == "second" else 0
    records = "".join(_OAI_RECORD.format(*item) for item in pages[number])
    return _OAI.format(records, "" if number else "<resumptionToken>second</resumptionToken>")


def _csw(pages: Pages, request: Request) -> str | None:
    start = request.query["startPosition"]
    page, total = _at(pages, start, 1), len(expected(pages))
    after = int(start) + len(page)
    return _CSW.format(total, len(page), after if after <= total else 0, "".join(_ISO.format(*it) for it in page))


def _waf(pages: Pages, request: Request) -> str | None:
    titles = expected(pages)
    if request.path == "/waf/":
        links = "".join(f'<a href="{it}.xml">{it}.xml</a>' for it in titles)
        return f"<html><title>Index of /waf</title>{links}</html>"
    name = request.path.removeprefix("/waf/").removesuffix(".xml")
    return _ISO.format(name, titles[int(name)]) if name.isdecimal() and int(name) in titles else None


def _schema_org(pages: Pages, request: Request) -> str | None:
    if request.path == "/sitemap.xml":
        places = "".join(f"<url><loc>http://{request.headers['host']}/{it}.html</loc></url>" for it in (0, 1))
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'
    name = request.path.removeprefix("/").removesuffix(".html")
    if name not in {"0", "1"}:
        return None
    nodes = [{"@type": "Dataset", "identifier": f"r-{it}", "name": title} for it, title in pages[int(name)]]
    return f'<html><script type="application/ld+json">{json.dumps(nodes)}</script></html>'


def _json_api(pages: Pages, request: Request) -> str | None:
    page = _at(pages, str((int(request.query["page"]) - 1) * ROWS))
    items = [{"id": f"r-{it}", "title": title} for it, title in page]
    return json.dumps({"items": items, "total": len(expected(pages))})


def _catalogue(pages: Pages, request: Request) -> str | None:
    if request.path != "/api/v1/changes":
        return None
    number = int(request.query.get("cursor", "0"))
    items = [{"code": f"r-{it}", "change": "present", "tier": "portal", "metadata": {"title": {"zh": title}}}
             for it, title in pages[number]]  # fmt: skip
    return json.dumps({"items": items, "next": None if number else "1"})


PLAYERS: Final[Mapping[SourceKind, Player]] = {
    SourceKind.SHEET: Player(path="", write=_sheets),
    SourceKind.CKAN: Player(play=_ckan, options={"rows": str(ROWS)}),
    SourceKind.DATA_JSON: Player(path="/data.json", play=_data_json),
    SourceKind.DCAT: Player(path="/catalog.ttl", play=_dcat),
    SourceKind.JSON_API: Player(path="/list", play=_json_api, options=_MAPPED | _PAGED),
    SourceKind.SCHEMA_ORG: Player(play=_schema_org),
    SourceKind.CATALOGUE: Player(play=_catalogue),
    SourceKind.OAI_PMH: Player(path="/oai", play=_oai),
    SourceKind.CSW: Player(path="/csw", play=_csw, options={"rows": str(ROWS)}),
    SourceKind.WAF: Player(path="/waf/", play=_waf),
}
"""Every kind of the house."""
