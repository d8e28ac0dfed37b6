"""Source kind `bundle`: the entries that a trusted deployment of a lower tier handed up in a verified file.

The fetcher gives the parts of the bundle that was let in last, and nothing else. Identity is the catalogue code below,
which stays the code here; organ and tier stay as they were decided there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, final

import orjson

from catalogue_app.domain.bundle import BUNDLE_KIND, CODE, ENTRIES, Carried
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.ids import CatalogueCode, OrganId
from catalogue_app.domain.metadata import EntryMetadata, JsonValue, UnreadValue
from catalogue_app.domain.source import Source
from catalogue_app.domain.vocabulary import Tier
from harvesters.canonical import canonical, digest
from harvesters.catalogue_entry import read_entry
from harvesters.dcat_values import mapping
from harvesters.fields import Readings
from harvesters.port import Fetcher, Payload, RawRecord, Unreadable
from harvesters.raw_values import NOTE_LIMIT, text_of

_VOLATILE: Final = frozenset({"changed_at", "revision"})
"""Members of a line that say nothing of the entry."""


@final
class BundleHarvester:
    """Reads the entries of one bundle."""

    kind = BUNDLE_KIND
    version = 1
    options: Mapping[str, str] = {}
    is_partial = False

    def __init__(self, source: Source, readings: Readings) -> None:
        """Keep the highest tier that the sender may hold: the `tier` of its source."""
        self._highest = source.tier
        self._readings = readings

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the parts that hold entries."""
        for name in fetcher.expand(ENTRIES):
            with fetcher.fetch(name) as part:
                yield part

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the entries of one part."""
        with payload.open() as body:
            for number, line in enumerate(body, start=1):
                yield self._record(orjson.loads(line), f"line {number}")

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read one entry; what was unread below is unread here."""
        said = mapping(record.raw.get("metadata"))
        metadata = read_entry(replace(record, raw={"metadata": dict(said)}), self._readings)
        return replace(metadata, unread=tuple(dict.fromkeys((*_unread(said.get("unread")), *metadata.unread))))

    def _record(self, raw: JsonValue, place: str) -> RawRecord | Problem:
        if not isinstance(raw, dict):
            return Problem(record=place, code="not_a_record", value=text_of(raw)[:NOTE_LIMIT])
        code, tier = text_of(raw.get("code")), text_of(raw.get("tier"))
        if not CODE.fullmatch(code):
            return Problem(record=place, element="identifier", code="missing_identifier")
        if tier not in set(Tier) or Tier(tier).level > self._highest.level:
            return Problem(record=code, element="network_tier", code="above_ceiling")
        carried = Carried(
            code=CatalogueCode(code),
            tier=Tier(tier),
            organ_id=OrganId(text_of(raw.get("organ"))),
            organ_name=text_of(raw.get("organ_name")),
        )
        form = canonical(raw, volatile=_VOLATILE)
        return RawRecord(identifier=code, place=place, digest=digest(form), raw=raw, carried=carried)


def _unread(said: JsonValue) -> Iterator[UnreadValue]:
    for note in said if isinstance(said, list) else ():
        parts = mapping(note)
        element, value, code = (text_of(parts.get(name))[:NOTE_LIMIT] for name in ("element", "value", "code"))
        if element and code:
            yield UnreadValue(element=element, value=value, code=code)
