"""The words of problems: what is wrong and how to mend it, in Chinese and English (`config/messages`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from catalogue_app.reference_tables import read_table


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


class _Values(dict[str, object]):
    """Leaves a gap where a sentence names a value nobody gave."""

    def __missing__(self, key: str) -> str:
        return ""


def read_messages(path: Path) -> Messages:
    """Read the table of wordings.

    Raises:
        ConfigurationError: a row is broken, or a sentence's braces do not pair.
    """
    wordings = {}
    for row in read_table(path, ("code", "zh", "en", "mend_zh", "mend_en"), key="code"):
        for column in ("zh", "en", "mend_zh", "mend_en"):
            try:
                row.text(column).format_map(_Values())
            except (ValueError, IndexError):
                row.fail(column, "has braces that do not pair; write {value} for a value")
        wordings[row.text("code")] = Wording(
            zh=row.required("zh"), en=row.required("en"), mend_zh=row.text("mend_zh"), mend_en=row.text("mend_en")
        )
    return Messages(wordings=wordings)
