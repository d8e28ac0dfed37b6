"""What a request may send as its body: strict fields whose refusals are codes, and the base of every such shape."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from catalogue_app.domain.text import clean, clean_line

LONGEST_LINE: Final = 500
LONGEST_TEXT: Final = 5_000
MOST_PARTS: Final = 200

_CODES: Final[dict[str, str | list[Any] | dict[Any, Any]]] = {
    "required": "missing",
    "null": "wrong_type",
    "invalid": "wrong_type",
    "invalid_utf8": "wrong_type",
    "type": "wrong_type",
    "too_large": "out_of_range",
}
"""What marshmallow calls a failure, and the code we give it."""

_SAFE_SCHEMES: Final = ("http://", "https://", "ftp://", "ftps://")


class Body(Schema):
    """Base of all bodies: a member nobody declared is refused, so that nobody sets what is not theirs to set."""

    class Meta:
        """Refuse what nobody declared."""

        unknown = RAISE

    error_messages = {"unknown": "unknown_member", "type": "wrong_type"}  # noqa: RUF012 — marshmallow's own attribute


class Text(fields.String):
    """A text as it is stored: cleaned, and of a bearable length."""

    def __init__(self, *, longest: int = LONGEST_TEXT, required: bool = False, description: str = "") -> None:
        super().__init__(
            required=required,
            validate=validate.Length(max=longest, error="too_long"),
            error_messages=_CODES,
            metadata={"description": description} if description else {},
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return self.tidied(super()._deserialize(value, attr, data, **kwargs) or "")

    def tidied(self, text: str) -> str:
        """Return the text as it is stored."""
        return clean(text)


class Line(Text):
    """A text of one line."""

    def __init__(self, *, longest: int = LONGEST_LINE, required: bool = False, description: str = "") -> None:
        super().__init__(longest=longest, required=required, description=description)

    def tidied(self, text: str) -> str:
        """Return the text as it is stored."""
        return clean_line(text)


class WebAddress(Line):
    """An address that may become a link; one that would run as code is refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text and not text.lower().startswith(_SAFE_SCHEMES):
            raise ValidationError("unsafe_url")
        return text


class Day(Line):
    """A legal day, `YYYY-MM-DD`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise ValidationError("not_a_date") from error


class Translated(fields.Dict):
    """One text in one or more languages, language tag to text; the first is the organ's own."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(
            keys=fields.String(validate=validate.Regexp(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", error="not_a_language")),
            values=Text(),
            required=required,
            error_messages=_CODES,
            metadata={"description": "Language tag to text; the first is what the organ wrote."},
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        texts = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]  # marshmallow's own
        said = {tag: text for tag, text in texts.items() if text}
        if not said:
            raise ValidationError("missing")
        return said


def chosen(choices: type[StrEnum], *, required: bool = False) -> fields.String:
    """Make a field of a closed list."""
    one_of = validate.OneOf([member.value for member in choices], error="unknown_value")
    return fields.String(required=required, validate=one_of, error_messages=_CODES)


def named(names: Iterable[str], choices: type[StrEnum], description: str) -> fields.Dict:
    """Make a required field of an object: each of its members one of the names, with a value of a closed list."""
    return fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(names), error="unknown_member")),
        values=chosen(choices),
        required=True,
        error_messages=_CODES,
        metadata={"description": description},
    )


def whole(*, required: bool = False, description: str = "") -> fields.Integer:
    """Make a field of a count."""
    limits = validate.Range(min=0, max=2**53, error="out_of_range")
    words = {"description": description} if description else {}
    return fields.Integer(strict=True, required=required, validate=limits, error_messages=_CODES, metadata=words)


def truth() -> fields.Boolean:
    """Make a field of yes and no: JSON's own words alone."""
    return fields.Boolean(truthy={True}, falsy={False}, error_messages=_CODES)


def several(part: fields.Field[Any], *, most: int = MOST_PARTS) -> fields.List[Any]:
    """Make a field of several parts."""
    return fields.List(part, validate=validate.Length(max=most, error="too_many"), error_messages=_CODES)


def part(shape: type[Schema], *, required: bool = False) -> fields.Nested:
    """Make a field of an object inside."""
    return fields.Nested(shape, required=required, error_messages=_CODES)
