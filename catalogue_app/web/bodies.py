"""What a program sends with a change: a JSON body checked against its shape, and the version that it saw."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from flask import Request
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.exceptions import UnsupportedMediaType

from catalogue_app.domain.metadata import Document, JsonValue
from catalogue_app.web.problems import BadBody, Flaw, MalformedJson, VersionMissing, VersionUnknown

JSON_TYPES: Final = frozenset({"application/json", "application/merge-patch+json"})

_ETAG: Final = re.compile(r'(?:W/)?"v(\d{1,9})"')
_KEY: Final = re.compile(r"[\x21-\x7e]{8,128}")

Path = tuple[str | int, ...]


def json_body(request: Request) -> Document:
    """Read the body of a request; none at all is an empty object.

    Raises:
        UnsupportedMediaType: it is declared as something else than JSON.
        MalformedJson: it is no JSON object.
    """
    sent = request.get_data()
    if not sent:
        return {}
    if request.mimetype not in JSON_TYPES:
        raise UnsupportedMediaType
    try:
        document = orjson.loads(sent)
    except orjson.JSONDecodeError as error:
        raise MalformedJson from error
    if not isinstance(document, dict):
        raise MalformedJson
    return document


def checked(shape: type[Schema], document: Document) -> Document:
    """Return a document as its shape reads it: texts cleaned, and nothing in it that the shape does not declare.

    Raises:
        BadBody: one flaw for each member that will not do.
    """
    schema = shape()
    try:
        return schema.load(document)  # type: ignore[no-any-return]  # the shapes read JSON into JSON
    except ValidationError as error:
        found = list(_paths({"_schema": error.messages} if isinstance(error.messages, list) else error.messages, ()))
        raise BadBody(*(_flaw(schema, document, path, code) for path, code in found)) from error


def seen_version(request: Request) -> int:
    """Return the version that a request says it saw (If-Match, RFC 9110 §13.1.1).

    A tag that a proxy made weak counts: the number in it says everything.

    Raises:
        VersionMissing: the request says none, or any.
        VersionUnknown: it is no tag of ours.
    """
    sent = request.headers.get("If-Match", "").strip()
    if sent in {"", "*"}:
        raise VersionMissing
    found = _ETAG.fullmatch(sent)
    if found is None:
        raise VersionUnknown
    return int(found[1])


def tag_of(version: int) -> str:
    """Write the entity tag of a version."""
    return f'"v{version}"'


def repeat_key(request: Request) -> str:
    """Return the key by which a program may send the same request again; empty where it gave none.

    Raises:
        BadBody: the key is none.
    """
    sent = request.headers.get("Idempotency-Key", "").strip().strip('"')
    if sent and not _KEY.fullmatch(sent):
        raise BadBody(Flaw(parameter="Idempotency-Key", code="not_a_key", value=sent))
    return sent


def merged(present: JsonValue, patch: JsonValue) -> JsonValue:
    """Apply a merge patch (RFC 7396): null takes a member away, objects are merged, all else is replaced."""
    if not isinstance(patch, dict):
        return patch
    result = dict(present) if isinstance(present, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _paths(messages: Mapping[Any, Any] | Sequence[Any], path: Path) -> Sequence[tuple[Path, str]]:
    """Flatten what marshmallow says into (path, code); what it says of keys and values of a mapping counts alike."""
    if not isinstance(messages, Mapping):
        return [(path, str(messages[0]))]
    found: list[tuple[Path, str]] = []
    for name, inner in messages.items():
        is_said_of_whole = name == "_schema" or (name in {"key", "value"} and isinstance(inner, list))
        found += _paths(inner, path if is_said_of_whole else (*path, name))
    return found


def _flaw(schema: Schema, document: Document, path: Path, code: str) -> Flaw:
    pointer = "#" + "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
    value = _at(document, path)
    text = value if isinstance(value, str) else "" if value is None else orjson.dumps(value).decode()
    return Flaw(parameter=pointer[:200], code=code, value=text, allowed=_allowed(schema, path, code))


def _at(value: JsonValue, path: Path) -> JsonValue:
    for part in path:
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def _allowed(schema: Schema, path: Path, code: str) -> tuple[str, ...]:
    """Return what would do in the place of a flaw, where a list helps."""
    if code == "unknown_member":
        inside = _field_at(schema, path[:-1])
        shape = inside.schema if isinstance(inside, fields.Nested) else schema if len(path) == 1 else None
        return tuple(shape.fields) if shape is not None else ()
    found = _field_at(schema, path)
    rules = found.validators if found is not None else ()
    return next((tuple(map(str, rule.choices)) for rule in rules if isinstance(rule, validate.OneOf)), ())


def _field_at(schema: Schema, path: Path) -> fields.Field[Any] | None:
    found: fields.Field[Any] | None = None
    shape: Schema | None = schema
    for part in path:
        if isinstance(part, int):
            found = found.inner if isinstance(found, fields.List) else None
        elif isinstance(found, fields.Dict):
            found = found.value_field
        else:
            found = shape.fields.get(part) if shape is not None else None
        shape = found.schema if isinstance(found, fields.Nested) else None
    return found
