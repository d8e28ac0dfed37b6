"""What changed between two JSON documents, as a JSON Patch (RFC 6902): for machines that keep a copy up to date."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final, final

from catalogue_app.domain.metadata import Document, JsonValue


@unique
class Operator(StrEnum):
    """What an operation does; the three of RFC 6902 that every change can be written in."""

    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One step of a patch.

    Attributes:
        path: JSON Pointer (RFC 6901) into the document as the steps before left it.
        value: what is put there; without meaning where something is removed.
    """

    operator: Operator
    path: str
    value: JsonValue = None

    def document(self) -> Document:
        """Write the step as RFC 6902 has it."""
        value: Document = {} if self.operator is Operator.REMOVE else {"value": self.value}
        return {"op": self.operator.value, "path": self.path, **value}


def patch(before: Document, after: Document) -> tuple[Operation, ...]:
    """Return the steps that make one document of the other; none exactly when they are equal."""
    return tuple(_objects(before, after, ""))


def _values(before: JsonValue, after: JsonValue, path: str) -> Iterator[Operation]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _objects(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    elif not _is_same(before, after):
        yield Operation(operator=Operator.REPLACE, path=path, value=after)


def _objects(before: Document, after: Document, path: str) -> Iterator[Operation]:
    for name in before:
        if name not in after:
            yield Operation(operator=Operator.REMOVE, path=_below(path, name))
    for name, value in after.items():
        if name in before:
            yield from _values(before[name], value, _below(path, name))
        else:
            yield Operation(operator=Operator.ADD, path=_below(path, name), value=value)


def _lists(before: Sequence[JsonValue], after: Sequence[JsonValue], path: str) -> Iterator[Operation]:
    """Leave what both begin and end with as it is; in between change in place, then remove or add what differs."""
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if not _is_same(before[at], after[at])), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if not _is_same(before[-1 - at], after[-1 - at])), rest)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    for at, (one, other) in enumerate(zip(old, new, strict=False), start=start):
        yield from _values(one, other, f"{path}/{at}")
    for at in reversed(range(len(new), len(old))):
        yield Operation(operator=Operator.REMOVE, path=f"{path}/{start + at}")
    for at in range(len(old), len(new)):
        yield Operation(operator=Operator.ADD, path=f"{path}/{start + at}", value=new[at])


def _is_same(one: JsonValue, other: JsonValue) -> bool:
    """Compare as JSON does: `true` is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return one == other


_ESCAPED: Final = str.maketrans({"~": "~0", "/": "~1"})


def _below(path: str, name: str) -> str:
    return f"{path}/{name.translate(_ESCAPED)}"
