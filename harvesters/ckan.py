"""Source kind `ckan`: a CKAN or DKAN site read through its Action API, or an answer of it saved as a file.

The address is one of: the site (`https://data.example.cn`, with or without `/api/3/action/package_search`), which is
paged through; the address of one answer (any other under `/api/`, with a query, or ending in `.json`); a file, or a
folder of files. Answers may be a search page, a list of
packages, one package, with or without CKAN's envelope. Identity is the package's `id`, else its `name`.

With `increment=yes` and a last complete run, only packages modified since are asked for; such a run is partial.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, final

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata, JsonValue
from catalogue_app.domain.source import Source, SourceKind
from harvesters.canonical import canonical, digest
from harvesters.ckan_package import read_package
from harvesters.dcat_values import mapping
from harvesters.fields import Readings
from harvesters.files import files_of
from harvesters.json_reading import Element, elements, whole
from harvesters.port import Fetcher, Payload, RawRecord, Unreadable
from harvesters.raw_values import NOTE_LIMIT, text_of

PAGE_ROWS: Final = 100
"""Packages asked for at once; sites give fewer where they like, so pages are counted by what came."""

_ENDINGS: Final = frozenset({"", "json"})
_API: Final = re.compile(r"(/api(/3)?(/action)?(/package_search)?)?/*$")
"""What people copy behind the address of a site."""
_LISTS: Final = (("result", "results"), ("results",), ("result",), ())
_UNORDERED: Final = frozenset({"tags", "groups"})
_VOLATILE: Final = frozenset({
    "metadata_modified", "revision_id", "revision_timestamp", "index_id", "indexed_ts", "tracking_summary",
    "pageviews_last_14_days", "total_res_downloads", "is_fresh", "update_status", "due_date", "overdue_date",
    "cache_last_updated", "cache_url", "webstore_last_updated", "qa", "archiver", "batch", "score",
})  # fmt: skip
"""Bookkeeping of the site, not said by the organ."""


@final
class CkanHarvester:
    """Reads one CKAN or DKAN catalogue."""

    kind = SourceKind.CKAN
    version = 2
    options: Mapping[str, str] = {
        "increment": r"yes|no",
        "rows": r"[1-9]\d{0,2}|1000",
        "fq": r".{1,500}",
        "since": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z",
    }

    def __init__(self, source: Source, readings: Readings) -> None:
        """Decide from address and options what is asked for."""
        self._address = source.address
        self._site = _site_of(source.address)
        self._readings = readings
        self._rows = int(source.options.get("rows", str(PAGE_ROWS)))
        self._filter = source.options.get("fq", "")
        is_increment = self._site and source.options.get("increment") == "yes"
        self._since = source.options.get("since", "") if is_increment else ""
        self.is_partial = bool(self._since)

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the pages of the site, or the saved answers."""
        if self._site:
            yield from self._pages(fetcher)
            return
        yield from files_of(fetcher, self._address, _ENDINGS)

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the packages of one answer; private and deleted ones are not the catalogue's to show."""
        for place, package in _packages(payload):
            if not isinstance(package, dict):
                yield Problem(record=place, code="not_a_record", value=text_of(package)[:NOTE_LIMIT])
            elif not _is_hidden(package):
                yield _identified(place, package)

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read one package."""
        return read_package(record, self._readings)

    def _pages(self, fetcher: Fetcher) -> Iterator[Payload]:
        """Ask for page after page until one is empty, or is short and ends where the site says it ends.

        The next page starts after what came: a site may give fewer rows than asked for, and its `count` may be wrong.
        """
        seen: set[str] = set()
        start = 0
        while True:
            with fetcher.fetch(f"{self._site}/api/3/action/package_search", self._parameters(start)) as page:
                identifiers, total = _contents(page)
                if identifiers and seen.issuperset(identifiers):
                    raise SourceCutShort("paging_loop", address=self._site, start=start, records=len(seen))
                yield page
            seen.update(identifiers)
            start += len(identifiers)
            if not identifiers or (len(identifiers) < self._rows and start >= total > 0):
                return

    def _parameters(self, start: int) -> Mapping[str, str]:
        asked = {"rows": str(self._rows), "start": str(start), "sort": "id asc"}
        since = f"metadata_modified:[{self._since} TO *]" if self._since else ""
        wanted = " ".join(part for part in (self._filter, since) if part)
        return {**asked, "fq": wanted} if wanted else asked


def _site_of(address: str) -> str:
    """Return the site's own address where the source is a whole site; empty where it is one saved answer."""
    if not address.startswith(("http://", "https://")):
        return ""
    site = _API.sub("", address)
    return "" if "/api/" in site or "?" in site or site.endswith(".json") else site


def _contents(page: Payload) -> tuple[list[str], int]:
    """Return the identifiers of a page, hidden packages too, and the total the site states; 0 where it states none."""
    packages = [mapping(package) for _, package in _packages(page)]
    total = mapping(mapping(whole(page)).get("result")).get("count")
    return [text_of(it.get("id") or it.get("name")) for it in packages], total if isinstance(total, int) else 0


def _packages(payload: Payload) -> Iterator[tuple[str, JsonValue]]:
    """Yield (place, package) of an answer, whatever its envelope."""
    try:
        for element in elements(payload, _LISTS):
            yield from _flat(element)
    except SourceError as error:
        if error.code != "missing_list":
            raise
        yield "result", _single(payload)


def _flat(element: Element) -> Iterator[tuple[str, JsonValue]]:
    """DKAN puts the packages of a page into a list inside the list."""
    if isinstance(element.value, list):
        for position, part in enumerate(element.value):
            yield f"result[{element.position}][{position}]", part
    else:
        yield f"result[{element.position}]", element.value


def _single(payload: Payload) -> JsonValue:
    answer = mapping(whole(payload))
    if answer.get("success") is False:
        fault = mapping(answer.get("error")).get("message")
        raise SourceError("source_reports_error", address=payload.address, message=text_of(fault)[:NOTE_LIMIT])
    package = mapping(answer.get("result")) or answer
    if not text_of(package.get("id") or package.get("name")):
        raise SourceError("missing_list", address=payload.address, expected="result.results")
    return dict(package)


def _is_hidden(package: Mapping[str, JsonValue]) -> bool:
    is_private = text_of(package.get("private")).lower() in {"true", "1"}
    return is_private or text_of(package.get("state") or "active").lower() in {"deleted", "draft"}


def _identified(place: str, package: Mapping[str, JsonValue]) -> RawRecord | Problem:
    identifier = text_of(package.get("id")) or text_of(package.get("name"))
    if not identifier:
        return Problem(
            record=place,
            element="identifier",
            code="missing_identifier",
            value=text_of(package.get("title"))[:NOTE_LIMIT],
        )
    form = canonical(package, volatile=_VOLATILE, unordered=_UNORDERED)
    return RawRecord(identifier=identifier[:NOTE_LIMIT], place=place, digest=digest(form), raw=package)
