"""Types of information items guessed: from values of a sample, from a column's type in SQL, from a JSON schema.

Codes are those of `config/vocabularies/field_type.csv`; a guess is shown to its editor, never taken for granted.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Final

from catalogue_app.domain.metadata import Item, JsonValue
from catalogue_app.domain.text import clean_line

MOST_ITEMS: Final = 200
_LONG_TEXT: Final = 500
"""Characters from which a text is a memo and no short field."""

_LOGICAL: Final = frozenset({"true", "false", "是", "否", "yes", "no"})
_WHOLE: Final = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})")
_DECIMAL: Final = re.compile(r"[+-]?(?P<whole>\d{1,18})\.(?P<part>\d{1,12})")
_SQL_COLUMN: Final = re.compile(
    r'[`"\[]?(?P<name>[^\s`"\]]+)[`"\]]?\s+(?P<type>[a-z_]+(?:\s+(?:precision|varying|unsigned))?)\s*'
    r"(?:\(\s*(?P<size>[\d\s,]+|max)\s*(?:char|byte)?\))?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SQL_TABLE: Final = re.compile(r"create\s+(?:\w+\s+)*?table\s+(?:if\s+not\s+exists\s+)?[^\s(]+\s*\(", re.IGNORECASE)
_SQL_RULES: Final = re.compile(
    r"(?:primary|foreign|unique|constraint|key|index|check|exclude|fulltext|like|partition)\b", re.IGNORECASE
)
_SQL_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_SQL_NOTE: Final = re.compile(r"comment\s+'((?:[^']|'')*)'", re.IGNORECASE)
_SQL_KEY: Final = re.compile(r"primary\s+key\s*\(([^)]*)\)", re.IGNORECASE)
_SQL_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("char", "varchar", "varchar2", "nvarchar", "nvarchar2", "nchar", "character", "character varying",
                     "string", "uuid", "bpchar"), "C"),
    **dict.fromkeys(("text", "clob", "nclob", "longtext", "mediumtext", "tinytext", "ntext", "json", "jsonb"), "M"),
    **dict.fromkeys(("int", "integer", "bigint", "smallint", "tinyint", "mediumint", "serial", "bigserial",
                     "int unsigned", "bigint unsigned", "int2", "int4", "int8"), "I"),
    **dict.fromkeys(("numeric", "decimal", "number", "dec"), "N"),
    **dict.fromkeys(("float", "real", "float4"), "F"),
    **dict.fromkeys(("double", "double precision", "float8"), "B"),
    **dict.fromkeys(("money", "smallmoney"), "Y"),
    "date": "D",
    **dict.fromkeys(("datetime", "datetime2", "timestamp", "timestamptz", "time", "smalldatetime"), "T"),
    **dict.fromkeys(("boolean", "bool", "bit"), "L"),
    **dict.fromkeys(("blob", "bytea", "longblob", "binary", "varbinary", "image", "raw", "geometry", "geography"), "G"),
}  # fmt: skip


def item_of_values(name: str, values: Iterable[str]) -> Item:
    """Guess an item from what stands in its column of a sample; without any value it is a short text."""
    texts = [text for value in values if (text := clean_line(value))]
    kind, length = _of_texts(texts)
    return Item(name=clean_line(name), data_type=kind, length=length)


def items_of_sql(text: str) -> tuple[Item, ...]:
    """Read the columns of the first CREATE TABLE of a script; other statements and constraints are passed over."""
    plain = _SQL_COMMENT.sub(" ", text)
    begin = _SQL_TABLE.search(plain)
    if begin is None:
        return ()
    parts = list(_parts(plain[begin.end() :]))
    keys = {name for part in parts if (found := _SQL_KEY.search(part)) for name in re.split(r'[\s,`"\[\]]+', found[1])}
    items = (_of_column(part, keys) for part in parts if not _SQL_RULES.match(part))
    return tuple(item for item in items if item)[:MOST_ITEMS]


def items_of_schema(schema: Mapping[str, JsonValue]) -> tuple[Item, ...]:
    """Read the properties of a JSON schema of an object, or of a list of such objects."""
    properties = schema.get("properties")
    inner = schema.get("items")
    if not isinstance(properties, dict) and isinstance(inner, dict):
        return items_of_schema(inner)
    found = properties.items() if isinstance(properties, dict) else ()
    items = (_of_property(name, said) for name, said in found if isinstance(said, dict) and clean_line(name))
    return tuple(items)[:MOST_ITEMS]


def _of_texts(texts: list[str]) -> tuple[str, str]:
    """Return (type, length) of texts: the narrowest type that holds all of them."""
    if not texts:
        return "C", ""
    for kind, fits in _NARROWEST_FIRST:
        if all(map(fits, texts)):
            return kind, _precision(texts) if kind == "N" else ""
    longest = max(map(len, texts))
    return ("M", "") if longest > _LONG_TEXT else ("C", str(_rounded(longest)))


def _precision(texts: list[str]) -> str:
    found = [match for text in texts if (match := _DECIMAL.fullmatch(text))]
    scale = max(len(match["part"]) for match in found)
    whole = max(len(text.lstrip("+-").partition(".")[0]) for text in texts)
    return f"{whole + scale},{scale}"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return "-" in text


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return ":" in text


def _rounded(length: int) -> int:
    """Round a length up: a sample seldom holds the longest value there is."""
    return next((size for size in (10, 20, 50, 100, 200) if length <= size), _LONG_TEXT)


def _parts(text: str) -> Iterable[str]:
    """Yield what stands between the commas of a list in brackets, up to its closing bracket."""
    depth, start, quote = 0, 0, ""
    for place, letter in enumerate(text):
        if quote or letter == "'":
            quote = "" if quote == letter else quote or letter
        elif letter == "(":
            depth += 1
        elif (letter == "," and depth == 0) or (letter == ")" and depth == 0):
            yield text[start:place].strip()
            start = place + 1
            if letter == ")":
                return
        elif letter == ")":
            depth -= 1


def _of_column(part: str, keys: set[str]) -> Item | None:
    found = _SQL_COLUMN.match(part)
    if found is None:
        return None
    kind = _SQL_TYPES.get(" ".join(found["type"].lower().split()), "C")
    size = "".join((found["size"] or "").split())
    note = _SQL_NOTE.search(found["rest"])
    said = clean_line(note[1].replace("''", "'")) if note else ""
    is_key = found["name"] in keys or re.search(r"primary\s+key", found["rest"], re.IGNORECASE) is not None
    return Item(
        name=said or found["name"],
        code=found["name"],
        data_type=kind,
        length=size if kind in {"C", "N"} and size != "max" else "",
        primary_key=True if is_key else None,
    )


def _of_property(name: str, said: Mapping[str, JsonValue]) -> Item:
    title, form, longest = said.get("title"), said.get("format"), said.get("maxLength")
    stated = said.get("type")
    kinds = [kind for kind in (stated if isinstance(stated, list) else [stated]) if kind != "null"]
    kind = {"integer": "I", "number": "B", "boolean": "L"}.get(str(kinds[0]) if kinds else "", "C")
    kind = {"date": "D", "date-time": "T", "byte": "G"}.get(str(form), kind) if kind == "C" else kind
    length = str(longest) if kind == "C" and isinstance(longest, int) else ""
    code = clean_line(name)
    called = clean_line(title) if isinstance(title, str) else ""
    return Item(name=called or code, code=code, data_type=kind, length=length)


_NARROWEST_FIRST: Final[tuple[tuple[str, Callable[[str], object]], ...]] = (
    ("L", lambda text: text.casefold() in _LOGICAL),
    ("I", _WHOLE.fullmatch),
    ("N", lambda text: _WHOLE.fullmatch(text) or _DECIMAL.fullmatch(text)),
    ("D", _is_day),
    ("T", _is_instant),
)
"""Type to whether a text is one of its values."""
