"""A Dublin Core record as entry metadata: `oai_dc` of OAI-PMH, and `csw:Record` with its DC terms.

Every element may come any number of times, in any language, and says little by itself: what an element of the profile
can be made of is taken, the rest is kept as an extension.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Distribution, EntryMetadata, Interval, JsonValue
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import OpenType
from harvesters.dcat_values import extensions_of, links_of, places_of
from harvesters.fields import ABSTRACT_LIMIT, TITLE_LIMIT, Readings
from harvesters.languages import localized
from harvesters.port import RecordRejected
from harvesters.raw_values import NOTE_LIMIT, Notes, texts_of, unread
from harvesters.xml_tree import Node, attribute, children, first, long_value, nodes, value, values

_ABSTRACTS: Final = ("description", "abstract")
_ISSUED: Final = ("issued", "available", "dateSubmitted", "created")
_DESCRIBED: Final = frozenset({
    "title", *_ABSTRACTS, "publisher", "creator", "date", *_ISSUED, "modified", "identifier", "subject", "coverage",
    "spatial", "temporal", "rights", "license", "accessRights", "format", "URI", "references", "BoundingBox",
    "WGS84BoundingBox",
})  # fmt: skip
"""Elements that are read below; all others become extensions."""
_WEB: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_DOI: Final = re.compile(r"(?:doi:\s*|info:doi/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ACCESS: Final[Mapping[str, OpenType]] = {
    "info:eu-repo/semantics/openaccess": OpenType.OPEN,
    "info:eu-repo/semantics/restrictedaccess": OpenType.CONDITIONAL,
    "info:eu-repo/semantics/embargoedaccess": OpenType.CONDITIONAL,
    "info:eu-repo/semantics/closedaccess": OpenType.NONE,
    "http://purl.org/coar/access_right/c_abf2": OpenType.OPEN,
    "http://purl.org/coar/access_right/c_16ec": OpenType.CONDITIONAL,
    "http://purl.org/coar/access_right/c_f1cf": OpenType.CONDITIONAL,
    "http://purl.org/coar/access_right/c_14cb": OpenType.NONE,
}
"""Access rights of OpenAIRE and COAR, closed lists of theirs."""
_SEVERAL: Final = ";；、"


def read_dublin_core(identifier: str, tree: Node, readings: Readings) -> EntryMetadata:
    """Read one record.

    Args:
        identifier: of the record, for its problems.
        tree: the element that holds the Dublin Core elements.
        readings: of the source.

    Raises:
        RecordRejected: no title.
    """
    return _Record(identifier, tree, readings).read()


class _Record:
    """One record while it is read."""

    def __init__(self, identifier: str, tree: Node, readings: Readings) -> None:
        self._identifier, self._tree, self._readings, self._notes = identifier, tree, readings, Notes()

    def read(self) -> EntryMetadata:
        readings, take = self._readings, self._notes.take
        title = self._title()
        if title is None:
            raise RecordRejected(Problem(record=self._identifier, element="title", code="missing_title"))
        distributions = tuple(self._distributions())
        known = [readings.format(text) for text in values(self._tree, "format")]
        formats = [it for it in known if it and it.format_class]
        classes = {it.format_class for it in formats}
        opening, licence = self._rights()
        subjects = values(self._tree, "subject")
        metadata = EntryMetadata(
            title=title,
            abstract=self._abstract(),
            provider_name=take(readings.line("provider_name", first(self._tree, "publisher", "creator"))) or "",
            format_class=classes.pop() if len(classes) == 1 else None,
            format_types=tuple(dict.fromkeys(it.code for it in formats)),
            open_type=opening,
            issued_on=take(readings.date("issued_on", self._issued())),
            updated_on=take(readings.date("updated_on", first(self._tree, "modified"))),
            keywords=tuple(dict.fromkeys(word for text in subjects for word in texts_of(text, _SEVERAL))),
            online_urls=self._notes.take_all(links_of([self._link()], readings)),
            spatial=self._notes.take_all(places_of(self._places(), readings)),
            temporal=self._temporal(),
            licence=licence,
            distributions=distributions,
        )
        return replace(metadata, extensions=self._extensions(metadata), unread=self._notes.unread)

    def _title(self) -> LocalizedText | None:
        return self._texts("title", [(attribute(it, "lang"), value(it)) for it in nodes(self._tree, "title")])

    def _abstract(self) -> LocalizedText | None:
        """Join what is said in one language, paragraph by paragraph."""
        joined: dict[str, str] = {}
        for name in _ABSTRACTS:
            for it in nodes(self._tree, name):
                language, text = attribute(it, "lang"), long_value(it)
                if text and text not in joined.get(language, ""):
                    joined[language] = f"{joined[language]}\n\n{text}" if language in joined else text
        return self._texts("abstract", list(joined.items()))

    def _texts(self, element: str, pairs: list[tuple[str, str]]) -> LocalizedText | None:
        limit = TITLE_LIMIT if element == "title" else ABSTRACT_LIMIT
        for _, text in pairs:
            if len(text) > limit:
                self._notes.take((None, unread(element, text, "too_long")))
        return localized(((language, text[:limit].rstrip()) for language, text in pairs), self._readings.language)

    def _issued(self) -> str:
        """Return when it was issued: as a term of its own says, else the earliest whole day of its dates.

        Repositories put the days of submission, of acceptance and of publication beside each other.
        """
        said = first(self._tree, *_ISSUED)
        dates = values(self._tree, "date")
        read = [(day, text) for text in dates if (day := self._readings.date("issued_on", text)[0])]
        return said or (min(read)[1] if read else next(iter(dates), ""))

    def _link(self) -> JsonValue:
        """Return the page of the record: an identifier that is an address, else one made of its DOI."""
        identifiers = values(self._tree, "identifier")
        address = next((found[0] for text in identifiers if (found := _WEB.fullmatch(text))), "")
        doi = next((found[1] for text in identifiers if (found := _DOI.fullmatch(text))), "")
        return address or (f"https://doi.org/{doi}" if doi else None)

    def _places(self) -> Iterator[JsonValue]:
        yield from values(self._tree, "spatial")
        for text in values(self._tree, "coverage"):
            if self._readings.interval("temporal", text)[0] is None:
                yield text

    def _temporal(self) -> Interval | None:
        said = first(self._tree, "temporal")
        if said:
            return self._notes.take(self._readings.interval("temporal", said))
        spans = (self._readings.interval("temporal", text)[0] for text in values(self._tree, "coverage"))
        return next((span for span in spans if span), None)

    def _rights(self) -> tuple[OpenType | None, str]:
        """Return the opening attribute and the terms of use; of several statements an address says it best."""
        texts = [*values(self._tree, "license"), *values(self._tree, "accessRights"), *values(self._tree, "rights")]
        opening = next((_ACCESS[text.lower()] for text in texts if text.lower() in _ACCESS), None)
        terms = [text for text in texts if text.lower() not in _ACCESS]
        best = next((text for text in terms if _WEB.fullmatch(text)), next(iter(terms), ""))
        return opening, self._notes.take(self._readings.licence(best)) or ""

    def _distributions(self) -> Iterator[Distribution]:
        """Yield links to the content: `dc:URI` and `dct:references` of catalogue services."""
        for name in ("URI", "references"):
            for it in nodes(self._tree, name):
                link = value(it)
                if not _WEB.match(link):
                    continue
                protocol = attribute(it, "protocol") or attribute(it, "scheme")
                known = self._readings.format(None, protocol)
                yield Distribution(
                    url=self._notes.take(self._readings.url("distributions", link)) or "",
                    title=(attribute(it, "description") or attribute(it, "name"))[:TITLE_LIMIT],
                    format=known.code if known and known.format_class else "",
                    description=protocol[:NOTE_LIMIT],
                )

    def _extensions(self, metadata: EntryMetadata) -> tuple[tuple[str, str], ...]:
        return extensions_of(self._rest(metadata), self._readings, self._notes)

    def _rest(self, metadata: EntryMetadata) -> Iterator[tuple[str, JsonValue]]:
        """Yield what has no element: names with all their texts in one line."""
        used = {metadata.provider_name, *metadata.online_urls, metadata.licence}
        for name in ("identifier", "creator", "rights", "format"):
            left = [text for text in values(self._tree, name) if text not in used]
            yield name, "; ".join(left)
        for name in children(self._tree):
            if name not in _DESCRIBED:
                yield name, "; ".join(values(self._tree, name))
