"""Reads the syntax of what a person typed: quotes, fields, prefixes, `-`, `OR`, brackets; never fails.

`AND` (or nothing at all) binds closer than `OR`; brackets group. A bracket inside a word belongs to the word, and
syntax that is broken or stands for nothing is read as plain words.
"""

import re
from dataclasses import dataclass
from typing import Final, final

_TOKEN: Final = re.compile(r'([-!]?(?:[^\s:"“”()]{1,12}[:：])?)["“]([^"“”]*)["”]|(\S+)')
_OPENING: Final = re.compile(r"^[-!]?[(（]+")
_FIELD: Final = re.compile(r"^([^\s:：]{1,12})[:：](.*)$", re.DOTALL)
_EITHER: Final = frozenset({"OR", "||", "|"})
_BOTH: Final = frozenset({"AND", "&&"})
_NOT: Final = "NOT"
_BRACKETS: Final = {"(": ")", "（": "）"}


@final
@dataclass(frozen=True, slots=True)
class Words:
    """A part between blanks.

    Attributes:
        field: name written before a colon; empty where there is none.
        is_phrase: it stood in quotes, so its words belong side by side.
        is_open: a `*` stood at its end.
    """

    text: str
    field: str = ""
    is_phrase: bool = False
    is_open: bool = False


@final
@dataclass(frozen=True, slots=True)
class Both:
    """Every part is wanted."""

    parts: tuple["Wanted", ...]


@final
@dataclass(frozen=True, slots=True)
class Either:
    """One part is enough."""

    parts: tuple["Wanted", ...]


@final
@dataclass(frozen=True, slots=True)
class Not:
    """The part is not wanted."""

    part: "Wanted"


Wanted = Words | Both | Either | Not


def parse(text: str) -> Wanted:
    """Return what was typed as a tree; nothing at all gives an empty `Both`."""
    return _Parser(_tokens(text)).parse()


def _tokens(text: str) -> list[Words | str]:
    """Cut a text into parts between blanks, signs of syntax among them: `(`, `)`, `-`, `OR`."""
    tokens: list[Words | str] = []
    for before, phrase, word in _TOKEN.findall(text):
        if word:
            tokens += _word_tokens(word)
        else:
            minus, field = before[:1] in {"-", "!"}, before.lstrip("-!")
            tokens += ["-"] * minus
            tokens.append(Words(phrase, field=field.rstrip(":："), is_phrase=True))
    return tokens


def _word_tokens(word: str) -> list[Words | str]:
    if word in _EITHER:
        return ["OR"]
    if word in _BOTH:
        return []
    if word == _NOT:
        return ["-"]
    opening = _OPENING.match(word)
    signs: list[Words | str] = list((opening[0] if opening else "").translate({ord("!"): "-", ord("（"): "("}))
    rest = word[opening.end() :] if opening else word
    closing = _unmatched_closings(rest)
    rest = rest[: len(rest) - closing]
    if not opening and len(rest) > 1 and rest[0] in "-!":
        signs.append("-")
        rest = rest[1:]
    return [*signs, *([_word(rest)] if rest else []), *([")"] * closing)]


def _unmatched_closings(word: str) -> int:
    """Count the brackets at the end of a word that close none of its own."""
    opened = sum(word.count(bracket) for bracket in _BRACKETS)
    closed = sum(word.count(bracket) for bracket in _BRACKETS.values())
    at_end = len(word) - len(word.rstrip(")）"))
    return max(0, min(at_end, closed - opened))


def _word(text: str) -> Words:
    named = _FIELD.match(text)
    field, text = (named[1], named[2]) if named else ("", text)
    is_open = text.endswith("*") and len(text) > 1
    return Words(text.rstrip("*") if is_open else text, field=field, is_open=is_open)


@final
class _Parser:
    """One pass over the tokens; a group that nobody closed ends with the text."""

    def __init__(self, tokens: list[Words | str]) -> None:
        self._tokens = tokens
        self._place = 0

    def parse(self) -> Wanted:
        parts = [self._either()]
        while self._place < len(self._tokens):
            self._place += 1  # a bracket that closes nothing
            parts.append(self._either())
        return _one(Both, [part for part in parts if part != Both(())])

    def _either(self) -> Wanted:
        parts = [self._both()]
        while self._next() == "OR":
            self._place += 1
            parts.append(self._both())
        return _one(Either, [part for part in parts if part != Both(())])

    def _both(self) -> Wanted:
        parts: list[Wanted] = []
        while (token := self._next()) is not None and token not in {"OR", ")"}:
            part = self._factor()
            if part is not None:
                parts.append(part)
        return _one(Both, parts)

    def _factor(self) -> Wanted | None:
        sign = self._next()
        self._place += 1
        match sign:
            case Words():
                return sign
            case "-":
                return self._negated()
            case _:
                return self._group()

    def _negated(self) -> Wanted | None:
        if self._next() in {None, "OR", ")"}:
            return None
        part = self._factor()
        return None if part is None else Not(part)

    def _group(self) -> Wanted | None:
        part = self._either()
        if self._next() == ")":
            self._place += 1
        return None if part == Both(()) else part

    def _next(self) -> Words | str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None


def _one(kind: type[Both] | type[Either], parts: list[Wanted]) -> Wanted:
    if not parts:
        return Both(())
    return parts[0] if len(parts) == 1 else kind(tuple(parts))
