"""Plans what to look for from what a person typed; never fails, whatever was typed.

Every part between blanks is cut into wishes: organs, districts and synonyms are recognised by the longest run of words,
and what remains is plain text. How strictly the wishes are read is decided later, by `ladder.py`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final, final

from indexing import pinyin
from indexing.analysis import Analyser, characters, has_han
from indexing.concepts import Concept, Concepts
from indexing.fields import FacetField
from indexing.plan import All, Clause, Plan, Prefix, Some, Term, TextField, Value, Wish, Without
from indexing.syntax import Both, Either, Not, Wanted, Words, parse
from indexing.ways import in_title, phrase, skipping, sounding, standing_out, written_word
from indexing.weights import AS_TYPED, BY_SYNONYM, CODE, NAMED, PAIR, SOUND_BELOW, SOUND_IN_TITLE, WHOLE_CITY, Written

_FIELDS: Final = {
    **dict.fromkeys(("title", "标题", "名称"), (TextField.TITLE, TextField.CHARS)),
    **dict.fromkeys(("organ", "机关", "部门", "单位", "提供方"), (TextField.ORGAN,)),
    **dict.fromkeys(("item", "信息项", "数据项", "字段"), (TextField.ITEMS,)),
    **dict.fromkeys(("code", "代码", "编码"), (TextField.CODE,)),
}
_PARTED_CODE: Final = re.compile(r"[0-9a-z]*[0-9][0-9a-z]*(/[0-9a-z]*[0-9][0-9a-z]*)+")
"""A folded code with a stroke, such as a resource code; words are cut at the stroke, codes are found whole."""

_MOST_CHARACTERS: Final = 200
"""Of what was typed; the rest says no more."""
_SPLIT_FROM: Final = 3
"""Characters of a word that may hide a known one, such as 暖气 in 暖气费."""


@final
@dataclass(frozen=True, slots=True)
class _Unit:
    """One thing asked for: plain words, or a concept; and the part between blanks that it comes from."""

    text: str
    concept: Concept | None
    part: int = 0


@final
class Planner:
    """Plans queries by one analyser and its concepts."""

    def __init__(self, analyser: Analyser, concepts: Concepts) -> None:
        self._analyser = analyser
        self._concepts = concepts

    def plan(self, text: str) -> Plan:
        """Plan what to look for."""
        tree = parse(text[:_MOST_CHARACTERS])
        draft = _Draft(self)
        clause = draft.clause(tree)
        if clause is None:  # nothing but noise: then the noise is what was meant
            draft = _Draft(self, keeps_noise=True)
            clause = draft.clause(tree)
        if clause is None and text.strip():
            clause = Some(())  # signs without a word: nothing can meet them
        return Plan(clause=clause, preferred=tuple(self._preferred(draft.units)), terms=self._terms(draft))

    def special(self, words: Words) -> Clause | None:
        """Return the clause of a part with syntax of its own; None for plain words."""
        fields = _FIELDS.get(words.field.casefold(), ())
        text = self._analyser.normalise(words.text)
        if words.is_open:
            return self._open_ended(text, fields)
        if fields == (TextField.CODE,):
            return Term(TextField.CODE, text)
        if fields:
            return self._in_fields(text, fields)
        if _PARTED_CODE.fullmatch(text) and not words.field:
            return Some((Term(TextField.CODE, text, CODE), phrase(text)))
        if words.is_phrase and characters(text):
            return phrase(text)
        return None

    def _open_ended(self, text: str, fields: tuple[TextField, ...]) -> Clause | None:
        near = characters(text)
        if not near:
            return None
        text, known = "".join(near), dict(AS_TYPED.fields)
        ends: tuple[Clause, ...] = tuple(Prefix(field, text, known.get(field, 1)) for field in fields or known)
        whole = tuple(in_title(text, AS_TYPED))
        return Some((*ends, *whole))

    def _in_fields(self, text: str, fields: tuple[TextField, ...]) -> Clause | None:
        words = self._analyser.cut(text)
        concept = self._concepts.find(text)
        clauses: list[Clause] = [All(tuple(Term(field, word) for word in words)) for field in fields if words]
        if TextField.CHARS in fields:
            clauses += in_title(text, AS_TYPED)
        if TextField.ORGAN in fields:
            organs = {*(concept.organs if concept else ()), text}
            clauses += [Value(FacetField.ORGAN, str(organ)) for organ in sorted(organs)]
        return Some(tuple(clauses)) if clauses else None

    def units(self, words: Words, *, part: int, keeps_noise: bool) -> Iterator[_Unit]:
        """Yield what a part of plain words asks for; words that carry no information are left out."""
        text = self._analyser.normalise(f"{words.field} {words.text}".strip())
        whole = self._concepts.find(text) or (self._concepts.find_by_sound(text) if text.isascii() else None)
        if whole is not None:
            yield _Unit(text, whole, part)
            return
        for run, concept in self._joined(self._runs(self._analyser.cut(text))):
            if keeps_noise or not self._concepts.is_noise(run):
                yield _Unit(run, concept, part)

    def _runs(self, words: list[str]) -> Iterator[tuple[str, Concept | None]]:
        """Yield the longest runs of words that stand for something, and single words between them."""
        place = 0
        while place < len(words):
            length, concept = self._longest_concept(words[place:])
            yield _glued(words[place : place + length]), concept
            place += length

    def _longest_concept(self, words: list[str]) -> tuple[int, Concept | None]:
        for length in range(len(words), 0, -1):
            run = _glued(words[:length])
            if len(run) <= self._concepts.longest and (concept := self._concepts.find(run)):
                return length, concept
            if self._concepts.is_noise(run):
                return length, None
        return 1, None

    def _joined(self, runs: Iterable[tuple[str, Concept | None]]) -> Iterator[tuple[str, Concept | None]]:
        """Join neighbouring plain words again: they were one text; noise words stay apart so that they can go."""
        plain: list[str] = []
        for run, concept in runs:
            if concept is None and not self._concepts.is_noise(run):
                plain.append(run)
                continue
            if plain:
                yield _glued(plain), None
                plain = []
            yield run, concept
        if plain:
            yield _glued(plain), None

    def wish(self, unit: _Unit) -> Wish:
        """Return the ways to read one unit."""
        strict = self._meet(unit)
        looser = tuple(self._by_ear_and_parts(unit))
        district = unit.concept.district if unit.concept else ""
        return Wish(
            strict,
            generous=Some((strict, *looser)) if looser else None,
            wider=Value(FacetField.DISTRICT, self._concepts.city) if district else None,
            text=unit.text,
            part=unit.part,
        )

    def _meet(self, unit: _Unit) -> Clause:
        """Return what meets one unit, as written or by what it stands for."""
        clauses = list(self._written(unit.text, AS_TYPED))
        concept = unit.concept
        if concept is not None:
            clauses += [Value(FacetField.ORGAN, organ, NAMED) for organ in sorted(concept.organs)]
            if concept.district:
                clauses.append(Value(FacetField.DISTRICT, concept.district, NAMED))
            for other in concept.alternatives:
                clauses += self._written(self._analyser.normalise(other), BY_SYNONYM)
        return Some(tuple(clauses))

    def _written(self, text: str, how: Written) -> Iterator[Clause]:
        """Yield the ways in which a text may stand in an entry: words, pairs, a code, letters of its sound."""
        words = self._analyser.cut(text)
        yield Term(TextField.CODE, text, CODE)
        if words:
            yield All(tuple(written_word(word, how) for word in words))
        if pairs := self._analyser.pairs(text):
            yield All(tuple(Term(TextField.PAIRS, pair, PAIR) for pair in dict.fromkeys(pairs)))
        if len(words) > 1:  # a word that the dictionary knows is no abbreviation
            yield from skipping(text)
        if text.isascii() and text.isalpha():
            yield Term(TextField.INITIALS, text, SOUND_IN_TITLE)
            yield Term(TextField.ORGAN_INITIALS, text, SOUND_BELOW)
            for way in pinyin.split(text):
                yield sounding(way)

    def _by_ear_and_parts(self, unit: _Unit) -> Iterator[Clause]:
        """Yield looser ways to read one unit: skipped characters, its sound, known words hidden in its words."""
        yield from skipping(unit.text)
        if unit.concept is not None or not has_han(unit.text):
            return
        syllables = self._analyser.sounds(unit.text)
        if len(syllables) > 1:
            yield sounding(syllables)
        words = self._analyser.cut(unit.text)
        parts = [self._hidden(word) for word in words]
        if any(parts):
            yield All(tuple(part or written_word(word, AS_TYPED) for word, part in zip(words, parts, strict=True)))

    def _hidden(self, word: str) -> Clause | None:
        """Return what meets a word by a known one that it begins or ends with; None where there is none."""
        if len(word) < _SPLIT_FROM or not has_han(word):
            return None
        for end in range(len(word) - 1, 1, -1):
            for known, rest in ((word[:end], word[end:]), (word[-end:], word[:-end])):
                if concept := self._concepts.find(known):
                    return All((self._meet(_Unit(known, concept)), written_word(rest, AS_TYPED)))
        return None

    def _preferred(self, units: list[_Unit]) -> Iterator[Clause]:
        """Yield what lifts an entry: texts that stand in its title in one piece, and the whole city."""
        if units:
            whole = "".join(character for unit in units for character in characters(unit.text))
            yield Term(TextField.EXACT, whole, AS_TYPED.whole)
        for unit in units:
            yield from standing_out(unit.text, AS_TYPED)
            for other in unit.concept.alternatives if unit.concept else ():
                yield from standing_out(self._analyser.normalise(other), BY_SYNONYM)
        if not any(unit.concept and unit.concept.district for unit in units):
            yield Value(FacetField.DISTRICT, self._concepts.city, WHOLE_CITY)

    def _terms(self, draft: "_Draft") -> tuple[str, ...]:
        terms = list(draft.phrases)
        for unit in draft.units:
            terms.append(unit.text)
            terms += (word for word in self._analyser.cut(unit.text) if len(word) > 1)
            if unit.concept is not None:
                terms += map(self._analyser.normalise, unit.concept.alternatives)
        return tuple(dict.fromkeys(terms))

    def fold(self, text: str) -> str:
        """Fold a text as the index was."""
        return self._analyser.normalise(text)


@final
class _Draft:
    """The making of one plan: turns the tree into clauses and remembers what was wanted on the way.

    Attributes:
        units: things asked for, in order.
        phrases: folded texts of parts with syntax of their own.
    """

    def __init__(self, planner: Planner, *, keeps_noise: bool = False) -> None:
        self.units: list[_Unit] = []
        self.phrases: list[str] = []
        self._planner = planner
        self._keeps_noise = keeps_noise
        self._numbers = count()

    def clause(self, tree: Wanted) -> Clause | None:
        """Return what a tree asks for; None where it asks for nothing."""
        match tree:
            case Words():
                return _all(_distinct(self._wishes(tree)))
            case Both():
                return self._both(tree)
            case Either():
                parts = [clause for part in tree.parts if (clause := self.clause(part)) is not None]
                return Some(tuple(parts)) if len(parts) > 1 else (parts[0] if parts else None)
            case Not():
                return self._both(Both((tree,)))

    def _both(self, tree: Both) -> Clause | None:
        wanted: list[Clause] = []
        unwanted: list[Clause] = []
        for part in tree.parts:
            match part:
                case Words():
                    wanted += self._wishes(part)
                case Not():
                    clause = _Draft(self._planner, keeps_noise=True).clause(part.part)
                    unwanted += [clause] if clause is not None else []
                case _:
                    clause = self.clause(part)
                    wanted += [clause] if clause is not None else []
        every = _all(_distinct(wanted))
        return Without(every, Some(tuple(unwanted))) if unwanted else every

    def _wishes(self, words: Words) -> list[Clause]:
        number = next(self._numbers)
        special = self._planner.special(words)
        if special is not None:
            text = self._planner.fold(words.text)
            self.phrases.append(text)
            return [Wish(special, text=text, part=number)]
        units = list(self._planner.units(words, part=number, keeps_noise=self._keeps_noise))
        self.units += units
        return [self._planner.wish(unit) for unit in units]


def _glued(words: list[str]) -> str:
    """Write words as one text again: only between two words of letters or digits stands a blank."""
    text = ""
    for word in words:
        gap = " " if text and not has_han(text[-1]) and not has_han(word[0]) else ""
        text += gap + word
    return text


def _distinct(clauses: list[Clause]) -> list[Clause]:
    """Leave out what was asked for before: a word said twice asks for no more."""
    return list(
        {clause.strict if isinstance(clause, Wish) else clause: clause for clause in reversed(clauses)}.values()
    )[::-1]


def _all(clauses: list[Clause]) -> Clause | None:
    if not clauses:
        return None
    return clauses[0] if len(clauses) == 1 else All(tuple(clauses))
