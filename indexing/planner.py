"""Reads what a person typed and plans what to look for; never fails, whatever was typed.

Parts between blanks must all be met; `OR` between them gives alternatives, `-` leaves out, quotes keep words side by
side, `title:` and its like name a field, a trailing `*` leaves the end open. Inside a part, organs, districts and
synonyms are recognised by the longest run of words; what remains is plain text. Adding a word never widens an answer,
except where nothing meets all of them: then what meets one is offered, and said so.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, final

from indexing import pinyin
from indexing.analysis import Analyser, characters, has_han
from indexing.concepts import Concept, Concepts
from indexing.fields import FacetField
from indexing.plan import All, Clause, Near, Plan, Prefix, Some, Term, TextField, Value, Without

_PART: Final = re.compile(r'(-)?(?:([^\s:"：“”]{1,12})[:：])?(?:["“]([^"“”]*)["”]|(\S+))')
_FIELDS: Final = {
    **dict.fromkeys(("title", "标题", "名称"), (TextField.TITLE, TextField.CHARS)),
    **dict.fromkeys(("organ", "机关", "部门", "单位", "提供方"), (TextField.ORGAN,)),
    **dict.fromkeys(("item", "信息项", "数据项", "字段"), (TextField.ITEMS,)),
    **dict.fromkeys(("code", "代码", "编码"), (TextField.CODE,)),
}
_WEIGHTS: Final = ((TextField.TITLE, 4.0), (TextField.ORGAN, 1.5), (TextField.ITEMS, 1.0), (TextField.BODY, 0.5))
_MOST_CHARACTERS: Final = 200
"""Of what was typed; the rest says no more."""
_SKIP: Final = 8
"""Moves an abbreviation may take between its characters, such as 律所 in 律师事务所."""
_LONGEST_SKIPPED: Final = 6
"""Characters of a text that may be such an abbreviation."""


@final
@dataclass(frozen=True, slots=True)
class _Unit:
    """One thing asked for: plain words, or a concept."""

    text: str
    concept: Concept | None


@final
class Planner:
    """Plans queries by one analyser and its concepts."""

    def __init__(self, analyser: Analyser, concepts: Concepts) -> None:
        self._analyser = analyser
        self._concepts = concepts

    def plan(self, text: str) -> Plan:
        """Plan what to look for."""
        wholes = [self._alternative(part) for part in _alternatives(text[:_MOST_CHARACTERS])]
        wholes = [whole for whole in wholes if whole.strict is not None]
        if len(wholes) < 2:  # noqa: PLR2004 — one alternative is no alternative
            return wholes[0] if wholes else Plan(strict=None)
        return Plan(
            strict=Some(tuple(whole.strict for whole in wholes if whole.strict is not None)),
            terms=tuple(dict.fromkeys(term for whole in wholes for term in whole.terms)),
        )

    def _alternative(self, text: str) -> Plan:
        wanted: list[Clause] = []
        sounds: list[Clause] = []
        unwanted: list[Clause] = []
        units: list[_Unit] = []
        for minus, field, phrase, word in _PART.findall(text):
            clause = self._special(field, phrase, word)
            if clause is not None:
                (unwanted if minus else wanted).append(clause)
                continue
            found = self._units(self._analyser.normalise(_plain(field, phrase, word)))
            if minus:
                unwanted += [self._meet(unit) for unit in found]
            else:
                units += found
        units = self._telling(units)
        wanted += [self._meet(unit) for unit in units]
        sounds = [*wanted[: len(wanted) - len(units)], *(self._sound(unit) for unit in units)]
        return self._assembled(wanted, sounds, unwanted, units)

    def _assembled(
        self, wanted: list[Clause], sounds: list[Clause], unwanted: list[Clause], units: list[_Unit]
    ) -> Plan:
        strict = _all(wanted)
        if unwanted:
            strict = Without(strict, Some(tuple(unwanted)))
        whole = "".join(unit.text for unit in units)
        names_district = any(unit.concept and unit.concept.district for unit in units)
        preferred: list[Clause] = [Term(TextField.EXACT, whole, 20.0)] if whole else []
        if not names_district:
            preferred.append(Value(FacetField.DISTRICT, self._concepts.city, 1.0))
        return Plan(
            strict=strict,
            by_sound=_all(sounds) if units and not unwanted else None,
            relaxed=Some(tuple(wanted)) if len(wanted) > 1 and not unwanted else None,
            preferred=tuple(preferred),
            terms=tuple(self._terms(units)),
        )

    def _special(self, field: str, phrase: str, word: str) -> Clause | None:
        """Return the clause of a part with syntax of its own; None for plain words."""
        fields = _FIELDS.get(field.casefold(), ())
        normalise = self._analyser.normalise
        if word.endswith("*") and len(word) > 1:
            return self._open_ended(normalise(word.rstrip("*")), fields)
        if fields == (TextField.CODE,):
            return Term(TextField.CODE, normalise(word or phrase))
        if fields and (word or phrase):
            return self._in_fields(normalise(word or phrase), fields)
        if phrase and characters(normalise(phrase)):
            texts = tuple(characters(normalise(phrase)))
            return Some((Near(TextField.CHARS, texts, 0, 4.0), Near(TextField.BODY_CHARS, texts, 0)))
        return None

    def _open_ended(self, text: str, fields: tuple[TextField, ...]) -> Clause | None:
        if not characters(text):
            return None
        targets = fields or tuple(field for field, _ in _WEIGHTS)
        ends: tuple[Clause, ...] = tuple(Prefix(field, text) for field in targets)
        near = characters(text)
        whole: tuple[Clause, ...] = (Near(TextField.CHARS, tuple(near), 0),) if len(near) > 1 else ()
        return Some((*ends, *whole))

    def _in_fields(self, text: str, fields: tuple[TextField, ...]) -> Clause | None:
        words = self._analyser.cut(text)
        concept = self._concepts.find(text)
        clauses: list[Clause] = [All(tuple(Term(field, word) for word in words)) for field in fields if words]
        if TextField.CHARS in fields and len(characters(text)) > 1:
            clauses.append(Near(TextField.CHARS, tuple(characters(text)), 0))
        if TextField.ORGAN in fields:
            organs = {*(concept.organs if concept else ()), text}
            clauses += [Value(FacetField.ORGAN, str(organ)) for organ in sorted(organs)]
        return Some(tuple(clauses)) if clauses else None

    def _units(self, text: str) -> list[_Unit]:
        """Cut a part into concepts, by the longest run of whole words, and the plain text between them."""
        whole = self._concepts.find(text) or (self._concepts.find_by_sound(text) if text.isascii() else None)
        if whole is not None:
            return [_Unit(text, whole)]
        words = self._analyser.cut(text)
        units: list[_Unit] = []
        place = 0
        while place < len(words):
            length, concept = self._longest_concept(words[place:])
            units.append(_Unit("".join(words[place : place + length]), concept))
            place += length
        return list(self._joined(units))

    def _longest_concept(self, words: list[str]) -> tuple[int, Concept | None]:
        for length in range(len(words), 0, -1):
            run = "".join(words[:length])
            if len(run) <= self._concepts.longest and (concept := self._concepts.find(run)):
                return length, concept
            if self._concepts.is_noise(run):
                return length, None
        return 1, None

    def _joined(self, units: list[_Unit]) -> Iterator[_Unit]:
        """Join neighbouring plain words again: they were one text; noise words stay apart so that they can go."""
        run = ""
        for unit in units:
            if unit.concept is None and not self._concepts.is_noise(unit.text):
                run += unit.text
                continue
            if run:
                yield _Unit(run, None)
                run = ""
            yield unit
        if run:
            yield _Unit(run, None)

    def _telling(self, units: list[_Unit]) -> list[_Unit]:
        """Drop what carries no information, unless nothing else was said."""
        telling = [unit for unit in units if not self._concepts.is_noise(unit.text)]
        return list(dict.fromkeys(telling or units))

    def _meet(self, unit: _Unit) -> Clause:
        """Return what meets one unit, as written or by what it stands for."""
        clauses = list(self._written(unit.text, 1.0))
        concept = unit.concept
        if concept is not None:
            clauses += [Value(FacetField.ORGAN, organ, 6.0) for organ in sorted(concept.organs)]
            if concept.district:
                clauses.append(Value(FacetField.DISTRICT, concept.district, 6.0))
            for other in concept.alternatives:
                clauses += self._written(self._analyser.normalise(other), 0.9)
        return Some(tuple(clauses))

    def _written(self, text: str, boost: float) -> Iterator[Clause]:
        """Yield the ways in which a text may stand in an entry: its words, its pairs, its characters in order."""
        words = self._analyser.cut(text)
        yield Term(TextField.EXACT, text, 20.0 * boost)
        yield Term(TextField.CODE, text, 10.0)
        if words:
            yield All(tuple(_word(word, boost) for word in words))
        if pairs := self._analyser.pairs(text):
            yield All(tuple(Term(TextField.PAIRS, pair, boost) for pair in dict.fromkeys(pairs)))
        parts = characters(text)
        if has_han(text) and 1 < len(parts) <= _LONGEST_SKIPPED:
            yield Near(TextField.CHARS, tuple(parts), _SKIP, 0.5 * boost)
        if text.isascii() and text.isalpha():
            yield Term(TextField.INITIALS, text, 1.0)
            for way in pinyin.split(text):
                yield _sound_clause(way)

    def _sound(self, unit: _Unit) -> Clause:
        """Return what meets one unit by its sound, beside what meets it as written."""
        syllables = self._analyser.sounds(unit.text)
        written = self._meet(unit)
        if unit.concept is not None or not has_han(unit.text) or len(syllables) < 2:  # noqa: PLR2004 — a pair is two
            return written
        return Some((written, _sound_clause(syllables)))

    def _terms(self, units: Iterable[_Unit]) -> Iterator[str]:
        for unit in units:
            yield unit.text
            yield from (word for word in self._analyser.cut(unit.text) if len(word) > 1)
            if unit.concept is not None:
                yield from map(self._analyser.normalise, unit.concept.alternatives)


def _alternatives(text: str) -> list[str]:
    return re.split(r"\s+OR\s+|\s*\|\|\s*", text)


def _plain(field: str, phrase: str, word: str) -> str:
    return " ".join(filter(None, (field, phrase or word)))


def _all(clauses: list[Clause]) -> Clause | None:
    if not clauses:
        return None
    return clauses[0] if len(clauses) == 1 else All(tuple(clauses))


def _word(word: str, boost: float) -> Clause:
    if len(word) == 1 and has_han(word):
        return Some((Term(TextField.CHARS, word, boost), Term(TextField.BODY_CHARS, word, 0.3 * boost)))
    return Some(tuple(Term(field, word, weight * boost) for field, weight in _WEIGHTS))


def _sound_clause(syllables: Iterable[str]) -> Clause:
    parts = list(syllables)
    pairs = [f"{one}_{other}" for one, other in pairwise(parts)]
    return All(tuple(Term(TextField.SOUNDS, pair, 1.0) for pair in dict.fromkeys(pairs)))
