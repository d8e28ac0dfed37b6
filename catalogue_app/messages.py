"""The words of problems: what is wrong and how to mend it, in Chinese and English (`config/messages`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from catalogue_app.reference_tables import Row, read_table, table_name


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The sentences of one code; `{name}` stands for a value."""

    zh: str
    en: str
    mend_zh: str
    mend_en: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Every wording by its code."""

    wordings: Mapping[str, Wording]

    def problem(self, code: str, language: str, **values: object) -> tuple[str, str]:
        """Return (what is wrong, how to mend it) in `zh` or `en`.

        A code without words gives the code and its values, so that nothing is hidden.
        """
        wording = self.wordings.get(code)
        if wording is None:
            return " ".join([code, *(f"{name}={value}" for name, value in values.items() if value)]), ""
        filled = _Values(values)
        if language == "zh":
            return wording.zh.format_map(filled), wording.mend_zh.format_map(filled)
        return wording.en.format_map(filled), wording.mend_en.format_map(filled)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWordings:
    """Subject and text of each letter, state and language to both; `{name}` stands for a value."""

    wordings: Mapping[tuple[str, str], tuple[str, str]]

    def filled(self, state: str, language: str, values: Mapping[str, object]) -> tuple[str, str]:
        """Return (subject, text) of a letter in `zh` or `en`."""
        subject, text = self.wordings[state, language]
        filled = _Values(values)
        return subject.format_map(filled), text.format_map(filled)


class _Values(dict[str, object]):
    """Leaves a gap where a sentence names a value nobody gave."""

    def __missing__(self, key: str) -> str:
        return ""


SourceWords = Mapping[tuple[str, str], tuple[str, str]]
"""(kind of source, option) to (Chinese, English); no option: the kind itself; no kind: an option of every kind."""


def read_source_words(path: Path) -> SourceWords:
    """Read what kinds of sources and their options are called.

    Raises:
        ConfigurationError: a row is broken.
    """
    rows = read_table(path, ("kind", "option", "zh", "en"))
    return {(row.text("kind"), row.text("option")): (row.required("zh"), row.required("en")) for row in rows}


def read_letters(path: Path, states: Iterable[str]) -> LetterWordings:
    """Read the table of letters.

    Raises:
        ConfigurationError: a row is broken, a sentence's braces do not pair, or a state has no row.
    """
    columns = ("subject_zh", "subject_en", "text_zh", "text_en")
    rows = read_table(path, ("state", *columns), key="state")
    wordings = {}
    for row in rows:
        for column in columns:
            _check_braces(row, column)
        for language in ("zh", "en"):
            words = row.required(f"subject_{language}"), row.required(f"text_{language}")
            wordings[row.text("state"), language] = words
    if lost := [state for state in states if (state, "zh") not in wordings]:
        (rows[-1] if rows else Row(file=table_name(path), number=1, cells={})).fail(
            "state", f"is not followed by rows for {', '.join(lost)}"
        )
    return LetterWordings(wordings=wordings)


def _check_braces(row: Row, column: str) -> None:
    try:
        row.text(column).format_map(_Values())
    except (ValueError, IndexError):
        row.fail(column, "has braces that do not pair; write {value} for a value")


def read_messages(path: Path) -> Messages:
    """Read the table of wordings.

    Raises:
        ConfigurationError: a row is broken, or a sentence's braces do not pair.
    """
    wordings = {}
    for row in read_table(path, ("code", "zh", "en", "mend_zh", "mend_en"), key="code"):
        for column in ("zh", "en", "mend_zh", "mend_en"):
            _check_braces(row, column)
        wordings[row.text("code")] = Wording(
            zh=row.required("zh"), en=row.required("en"), mend_zh=row.text("mend_zh"), mend_en=row.text("mend_en")
        )
    return Messages(wordings=wordings)
