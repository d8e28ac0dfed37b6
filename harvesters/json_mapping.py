"""The mapping of a JSON API: which member of a record means which element, as the options of its source say it.

A path is names parted by dots, such as `organization.name`; a list on the way is entered, so that `resources.url`
means the address of each, and `resources.0.url` that of the first. Paths parted by `|` are tried in turn until one
has a value.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.metadata import JsonValue
from catalogue_app.domain.source import SourceKind
from harvesters.profile_elements import PROFILE_ELEMENTS
from harvesters.raw_values import text_of

PATH: Final = r"[^\s.|][^.|]*(?:\.[^.|]+)*"
PATHS: Final = rf"{PATH}(?:\|{PATH})*"
"""Patterns of one path and of several to be tried in turn."""

LOCALIZED: Final = ("title", "abstract")
"""Elements that may have a path for each language: `field.title.en`."""
_OWN: Final = (
    "identifier", *LOCALIZED, "provider_name", "keywords", "online_urls", "spatial", "temporal", "contact_name",
    "contact_telephone", "contact_email", "licence", "distributions",
)  # fmt: skip
ELEMENTS: Final = frozenset({*_OWN, *PROFILE_ELEMENTS})
"""What a record may say: elements of the profile, and parts of those that are objects."""
FILE_MEMBERS: Final = frozenset({"url", "title", "format", "media_type", "size_bytes", "modified_on", "description"})
"""What is said of one distribution."""

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_REQUIRED: Final = ("field.identifier", "field.title")
_NEEDS: Final[Mapping[str, str]] = {"cursor": "cursor", "next": "next"}
"""Style of paging to the option without which it leads nowhere."""

Step = tuple[str, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class JsonMapping:
    """One mapping, read from options.

    Attributes:
        fields: element (or `title.LANGUAGE`) to the paths that are tried.
        files: member of a distribution to the paths that are tried in it.
        extensions: name of an extension to the paths that are tried.
    """

    fields: Mapping[str, tuple[Step, ...]]
    files: Mapping[str, tuple[Step, ...]]
    extensions: Mapping[str, tuple[Step, ...]]

    @staticmethod
    def of(options: Mapping[str, str]) -> "JsonMapping":
        """Read the options of a source."""
        return JsonMapping(
            fields=_below("field.", options), files=_below("file.", options), extensions=_below("extension.", options)
        )

    def values(self, element: str, record: JsonValue) -> list[JsonValue]:
        """Return what a record says of an element; nothing where it is not mapped."""
        return first_found(self.fields.get(element, ()), record)

    def texts(self, element: str, record: JsonValue) -> Iterator[tuple[str, JsonValue]]:
        """Yield (language tag, text) for an element with languages; an empty tag where nothing says which."""
        yield from spoken(self.values(element, record))
        for name in self.fields:
            own, dot, language = name.partition(".")
            if dot and own == element:
                yield from ((language, value) for value in self.values(name, record))


def check_mapping(options: Mapping[str, str]) -> None:
    """Refuse a mapping that names no identity or title, an element there is not, or half a way of paging.

    Raises:
        InvalidInput: names the option and what is allowed.
    """
    for required in _REQUIRED:
        if required not in options and not any(name.startswith(f"{required}.") for name in options):
            raise InvalidInput("missing_option", option=required, kind=SourceKind.JSON_API.value)
    for name, value in options.items():
        prefix, _, rest = name.partition(".")
        allowed = {"field": ELEMENTS, "file": FILE_MEMBERS}.get(prefix)
        if allowed is not None and not _is_allowed(rest, allowed):
            raise InvalidInput("invalid_option", option=name, value=value, allowed=", ".join(sorted(allowed)))
    needed = _NEEDS.get(options.get("paging", ""))
    if needed and needed not in options:
        raise InvalidInput("missing_option", option=needed, kind=SourceKind.JSON_API.value)


def first_found(paths: Iterable[Step], record: JsonValue) -> list[JsonValue]:
    """Return the values at the first path that has any."""
    return next((found for path in paths if (found := list(_at(path, record)))), [])


def steps_of(written: str) -> Step:
    """Read one path."""
    return tuple(part.strip() for part in written.split("."))


def spoken(values: Iterable[JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Yield (language tag, text) of values, where an object with languages for keys is a text in each of them."""
    for value in values:
        if isinstance(value, dict) and _is_spoken(value):
            yield from ((tag, text) for tag, text in value.items() if text_of(text))
        else:
            yield "", value


def _is_spoken(value: Mapping[str, JsonValue]) -> bool:
    """Tell languages from other short names, such as `id` and `url`: Chinese or English is among them."""
    primaries = {name.replace("_", "-").partition("-")[0] for name in value}
    return bool(primaries & {"zh", "en"}) and all(map(_LANGUAGE.fullmatch, value))


def _below(prefix: str, options: Mapping[str, str]) -> dict[str, tuple[Step, ...]]:
    mapped = {name.removeprefix(prefix): value for name, value in options.items() if name.startswith(prefix)}
    return {name: tuple(map(steps_of, value.split("|"))) for name, value in mapped.items()}


def _is_allowed(name: str, allowed: frozenset[str]) -> bool:
    element, dot, language = name.partition(".")
    return name in allowed or bool(dot and element in LOCALIZED and _LANGUAGE.fullmatch(language))


def _at(path: Step, value: JsonValue) -> Iterator[JsonValue]:
    match value:
        case list() if path and path[0].isdecimal() and len(path[0]) < 10:  # noqa: PLR2004 — an index, not a number
            place = int(path[0])
            yield from _at(path[1:], value[place]) if place < len(value) else ()
        case list():
            yield from (found for part in value for found in _at(path, part))
        case dict() if path:
            yield from _at(path[1:], value.get(path[0]))
        case _ if not path and text_of(value):
            yield value
