"""What a record of a table is called, so that the next run knows it again.

1. Its resource code (信息资源代码); without one, its identifier column (编号, id …); without one, provider and title.
   By provider and title, a record whose title is changed is another record. The source option
   `identity=ELEMENT[,ELEMENT]` decides otherwise, for instance `identity=link` for titles that change.
2. Where records of one file share that name — codes dragged down, titles repeated — it is told apart by title, then
   link, then abstract, then all it says: as few of them as make it unique. Only the records that share a name get a
   longer one, and the order of rows plays no part. Records equal in everything keep one name: they are duplicates.

Names are counted in a first reading of the file, by 8-byte digests, so that memory holds no record twice.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import JsonValue
from catalogue_app.domain.text import clean_line, fold
from harvesters.canonical import canonical, digest
from harvesters.port import RawRecord
from harvesters.raw_values import NOTE_LIMIT
from harvesters.sheet_headers import Columns
from harvesters.sheet_layout import Draft
from harvesters.sheet_rows import ERROR_WORDS, NO_VALUE

SHARED_CODE: Final = "@repeated_code"
"""Key present in a record whose code other records of the file bear too."""

LONGEST: Final = 300
"""Characters of an identifier; a longer one ends in a digest of the rest."""

_SAYS_NOTHING: Final = frozenset({
    "无", "無", "暂无", "暫無", "没有", "待定", "待补充", "空",
    "-", "--", "—", "——", "/", "\\", "n/a", "na", "none", "null", "nan", "todo",
})  # fmt: skip
"""What is written into a code column instead of a code."""

Name = tuple[str, ...]

_NAMING: Final = ("resource_code", "identifier")
_TELLING: Final = ("title", "provider_name", "link", "download", "abstract")
_PARTING: Final = " | "


@final
class Identity:
    """Names the records of one file; first shown all of them, then asked for each."""

    def __init__(self, elements: Sequence[str] = ()) -> None:
        """Start with no record seen.

        Args:
            elements: elements that make the name, by the operator's choice; none: as the module says.
        """
        self._elements = tuple(elements)
        self._seen: set[bytes] = set()
        self._shared: set[bytes] = set()
        self._longer: Counter[bytes] = Counter()

    def learn(self, read: Callable[[], Iterable[tuple[Draft, Columns]]]) -> None:
        """Count the names of a whole file, and where some are shared, read it again for longer ones.

        Args:
            read: reads the drafts of the file from its start, each with the columns of its table.
        """
        for draft, columns in read():
            mark = _mark(self._name(draft, columns))
            (self._shared if mark in self._seen else self._seen).add(mark)
        self._seen.clear()
        if self._shared:
            self._learn_longer(read)

    def record(self, draft: Draft, columns: Columns) -> RawRecord | Problem:
        """Name one record that was learnt; a `Problem` where nothing names it."""
        name = self._name(draft, columns)
        if problem := self._problem(name, draft, columns):
            return problem
        if _mark(name) in self._shared:
            levels = self._levels(draft, columns)
            longer = next((level for level in levels if self._longer[_mark(level)] == 1), name)
            if longer != name and name == (draft.text(columns.name_of("resource_code")),):
                draft.raw[SHARED_CODE] = True
            name = longer
        return RawRecord(
            identifier=_fit(_PARTING.join(name)),
            place=draft.place,
            digest=digest(_content(draft, columns)),
            raw=draft.raw,
        )

    def _learn_longer(self, read: Callable[[], Iterable[tuple[Draft, Columns]]]) -> None:
        alike = set[bytes]()
        for draft, columns in read():
            if _mark(self._name(draft, columns)) in self._shared:
                levels = [_mark(level) for level in self._levels(draft, columns)]
                if levels[-1] not in alike:
                    alike.add(levels[-1])
                    self._longer.update(levels)

    def _name(self, draft: Draft, columns: Columns) -> Name:
        """Return the shortest name of a record; empty where it has none."""
        if self._elements:
            texts = (_said(draft.text(columns.name_of(element))) for element in self._elements)
            return tuple(text for text in texts if text)
        for element in _NAMING:
            if text := _said(draft.text(columns.name_of(element))):
                return (text,)
        title, provider = (fold(draft.text(columns.name_of(element))) for element in ("title", "provider_name"))
        return tuple(filter(None, (provider, title))) if title else ()

    def _problem(self, name: Name, draft: Draft, columns: Columns) -> Problem | None:
        title = draft.text(columns.name_of("title"))[:NOTE_LIMIT]
        if not name:
            return Problem(record=draft.place, element="identifier", code="missing_identifier", value=title)
        broken = next((part for part in name if part.upper() == NO_VALUE or part.upper() in ERROR_WORDS), None)
        if broken is None:
            return None
        code = "formula_without_value" if broken.upper() == NO_VALUE else "formula_error"
        return Problem(record=draft.place, element="identifier", code=code, value=title)

    def _levels(self, draft: Draft, columns: Columns) -> list[Name]:
        """Return ever longer names, the last one made of all the record says."""
        parts = self._name(draft, columns)
        levels = [parts]
        for element in _TELLING:
            text = fold(draft.text(columns.name_of(element)))
            if text and text not in parts:
                parts = (*parts, digest(text.encode())[:12] if element == "abstract" else text)
                levels.append(parts)
        return [*levels, (*parts, digest(_content(draft, columns))[:12])]


def named(identity: Identity, read: Callable[[], Iterable[tuple[Draft, Columns]]]) -> Iterator[RawRecord | Problem]:
    """Yield the named records of a whole file, which is read twice, or three times where names are shared."""
    identity.learn(read)
    for draft, columns in read():
        yield identity.record(draft, columns)


def _said(text: str) -> str:
    """Return the text of a naming cell on one line, empty where it only says that there is none."""
    line = clean_line(text)
    return "" if line.casefold() in _SAYS_NOTHING else line


def _content(draft: Draft, columns: Columns) -> bytes:
    """Write what a record says in canonical form: blank cells and its running number say nothing."""
    silent = {*columns.chosen.get("number", ()), SHARED_CODE}
    said: dict[str, JsonValue] = {name: value for name, value in draft.raw.items() if value and name not in silent}
    return canonical(said)


def _mark(name: Name) -> bytes:
    return hashlib.blake2b("\x1f".join(name).encode(), digest_size=8).digest()


def _fit(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 13].rstrip()}…{digest(name.encode())[:12]}"
