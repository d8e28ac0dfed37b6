"""What a request may ask with: fields of query parameters, and the reading of a query string by a schema of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar, final

from marshmallow import RAISE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from catalogue_app.domain.text import clean_line
from catalogue_app.web.language import Language
from catalogue_app.web.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from catalogue_app.web.problems import BadParameters, Flaw

LONGEST_TEXT: Final = 500
"""Characters of a search text or cursor."""

_LONGEST_VALUE: Final = 100
_MOST_VALUES: Final = 100

Asked = TypeVar("Asked")


class Line(fields.String):
    """One line of free text: no control characters, no outer blanks."""

    def __init__(self, *, longest: int = LONGEST_TEXT, **options: Any) -> None:
        super().__init__(validate=validate.Length(max=longest), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return clean_line(super()._deserialize(value, attr, data, **kwargs) or "")


class Instant(fields.String):
    """An instant with its zone (RFC 3339)."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs) or ""
        try:
            # A plus sign that nobody escaped arrives as a blank.
            found = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else "")
            if found.tzinfo is None:
                raise ValidationError("no zone")
            return found.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValidationError("not an instant") from error


class Several(fields.List[Any]):
    """Several values of one parameter, given by repeating it or with commas between; doubles do not matter."""

    def __init__(
        self,
        choices: type[StrEnum] | tuple[str, ...] = (),
        *,
        description: str,
        data_key: str | None = None,
    ) -> None:
        super().__init__(
            _one_value(choices),
            load_default=list,
            data_key=data_key,
            validate=validate.Length(max=_MOST_VALUES),
            metadata={"description": f"{description} Repeat the parameter or put commas between values."},
        )
        self.choices = tuple(str(choice) for choice in choices)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        parts = [part.strip() for text in value for part in str(text).split(",")]
        return list(dict.fromkeys(super()._deserialize([part for part in parts if part], attr, data, **kwargs)))


def _one_value(choices: type[StrEnum] | tuple[str, ...]) -> fields.Field[Any]:
    if not choices:
        return Line(longest=_LONGEST_VALUE)
    if isinstance(choices, tuple):
        return fields.String(validate=validate.OneOf(choices))
    return fields.Enum(choices, by_value=fields.String)


class Parameters(Schema):
    """Base of all query schemas: an unknown parameter is an error, and every answer can be had in both languages."""

    class Meta:
        """Refuse what nobody declared: a misspelt filter must not answer with everything."""

        unknown = RAISE

    lang = fields.Enum(
        Language,
        by_value=fields.String,
        load_default=Language.ZH,
        metadata={"description": "Language of names and messages."},
    )


class Paged(Parameters):
    """Parameters of lists."""

    limit = fields.Integer(
        load_default=DEFAULT_LIMIT,
        validate=validate.Range(min=1, max=LARGEST_LIMIT),
        metadata={"description": "Most items of one page."},
    )
    cursor = Line(
        load_default=None,
        metadata={"description": "`next` of the page before; leave it out for the first page."},
    )


@final
class Reader(Generic[Asked]):
    """Reads query strings: a schema checks them, a value class holds what they ask."""

    def __init__(self, schema: type[Parameters], asked: type[Asked]) -> None:
        """Build the schema once; its fields are the attributes of the value class."""
        self._schema = schema()
        self._fields = {field.data_key or name: field for name, field in self._schema.fields.items()}
        self._asked = asked

    def read(self, sent: MultiDict[str, str]) -> Asked:
        """Return what the parameters ask.

        Raises:
            BadParameters: one flaw for each parameter that cannot be understood.
        """
        values = {name: self._values(name, sent.getlist(name)) for name in sent}
        try:
            return self._asked(**self._schema.load(values))
        except ValidationError as error:
            raise BadParameters(*(self._flaw(str(name), sent) for name in error.messages_dict)) from error

    def _values(self, name: str, sent: list[str]) -> str | list[str]:
        field = self._fields.get(name)
        if isinstance(field, fields.List):
            return sent
        if len(sent) > 1 and field is not None:
            raise BadParameters(Flaw(parameter=name, code="given_twice", value=", ".join(sent)))
        return sent[0]

    def _flaw(self, name: str, sent: MultiDict[str, str]) -> Flaw:
        value = ", ".join(sent.getlist(name))
        field = self._fields.get(name)
        if field is None:
            allowed = tuple(self._fields)
            return Flaw(parameter=name[:_LONGEST_VALUE], code="unknown_parameter", value=value, allowed=allowed)
        code, allowed = _limits(field) if name in sent else ("missing", ())
        return Flaw(parameter=name, code=code, value=value, allowed=allowed)


def _limits(field: fields.Field[Any]) -> tuple[str, tuple[str, ...]]:
    """Say what kind of limit a field has, and which values would do."""
    match field:
        case fields.Integer():
            return "out_of_range", (f"1–{LARGEST_LIMIT}",)
        case fields.Enum():
            return "unknown_value", tuple(str(member.value) for member in field.enum)
        case Several() if field.choices:
            return "unknown_value", field.choices
        case fields.Boolean():
            return "unknown_value", ("true", "false")
        case Instant():
            return "not_an_instant", ()
    return "too_long", ()
