"""Source kind `catalogue`: another instance of this catalogue, read through its feed of changes.

The address is that of the instance (`https://catalogue.example.cn`), with or without `/api/v1/changes`; or a file, or
a folder or archive of files, of such answers. Identity is the catalogue code over there. Options:

- `increment=yes` asks, once the instance was read whole, only for what changed since. As soon as something went away
  since then, everything is asked for, so that what is gone is concluded from a whole reading and passes the gate.
- `organ=ID` takes the entries of one organ over there; others are left out.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, final

from catalogue_app.domain.errors import SourceCutShort
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import Source, SourceKind
from harvesters.canonical import canonical, digest
from harvesters.catalogue_entry import read_entry
from harvesters.dcat_values import mapping
from harvesters.fields import Readings
from harvesters.files import files_of
from harvesters.json_reading import elements, whole
from harvesters.port import Fetcher, Payload, RawRecord, Unreadable
from harvesters.raw_values import NOTE_LIMIT, text_of

PAGE_ITEMS: Final = 100
"""Items asked for at once; an instance gives no more."""

_FEED: Final = "/api/v1/changes"
_API: Final = re.compile(r"(/api(/v1(/changes)?)?)?/*$")
_ENDINGS: Final = frozenset({"", "json"})
_VOLATILE: Final = frozenset({"changed_at", "revision", "organ_name"})
"""Members of an item that say nothing of the entry, or say it in the language asked for."""


@final
class CatalogueHarvester:
    """Reads one instance."""

    kind = SourceKind.CATALOGUE
    version = 1
    options: Mapping[str, str] = {
        "increment": r"yes|no",
        "organ": r"\S{1,100}",
        "since": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z",
    }

    def __init__(self, source: Source, readings: Readings) -> None:
        """Decide from address and options what is asked for."""
        self._address = source.address
        self._is_web = source.address.startswith(("http://", "https://"))
        self._organ = source.options.get("organ", "")
        self._readings = readings
        is_increment = self._is_web and source.options.get("increment") == "yes"
        self._since = source.options.get("since", "") if is_increment else ""
        self.is_partial = bool(self._since)

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the pages of the feed, or the files."""
        if not self._is_web:
            yield from files_of(fetcher, self._address, _ENDINGS)
            return
        feed = _API.sub("", self._address) + _FEED
        if self._since and self._is_any_gone(fetcher, feed):
            self._since, self.is_partial = "", False
        yield from self._pages(fetcher, feed)

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the entries of one page; those that are gone are left out."""
        for element in elements(payload, (("items",),)):
            place, raw = f"items[{element.position}]", element.value
            if not isinstance(raw, dict):
                yield Problem(record=place, code="not_a_record", value=text_of(raw)[:NOTE_LIMIT])
            elif not text_of(raw.get("code")):
                yield Problem(record=place, element="identifier", code="missing_identifier")
            elif raw.get("change") != "gone" and self._organ in {"", text_of(raw.get("organ"))}:
                form = canonical(raw, volatile=_VOLATILE)
                code = text_of(raw["code"])[:NOTE_LIMIT]
                yield RawRecord(identifier=code, place=place, digest=digest(form), raw=raw)

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read one entry."""
        return read_entry(record, self._readings)

    def _is_any_gone(self, fetcher: Fetcher, feed: str) -> bool:
        with fetcher.fetch(feed, {"limit": "1", "since": self._since}) as page:
            gone = mapping(whole(page)).get("gone")
            return not isinstance(gone, int) or gone > 0

    def _pages(self, fetcher: Fetcher, feed: str) -> Iterator[Payload]:
        """Follow the cursors to the last page.

        Raises:
            SourceCutShort: a cursor came twice.
        """
        asked = {"limit": str(PAGE_ITEMS), **({"since": self._since} if self._since else {})}
        seen: set[str] = set()
        cursor = ""
        while True:
            with fetcher.fetch(feed, {**asked, "cursor": cursor} if cursor else asked) as page:
                yield page
                cursor = text_of(mapping(whole(page)).get("next"))
            if not cursor:
                return
            if cursor in seen:
                raise SourceCutShort("paging_loop", address=feed, records=len(seen) * PAGE_ITEMS)
            seen.add(cursor)
