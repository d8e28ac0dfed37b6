"""The JSON shapes of suggestions while somebody types."""

from dataclasses import dataclass
from typing import Final, final

from marshmallow import fields, validate

from catalogue_app.web.language import Language
from catalogue_app.web.schemas.answer import Answer
from catalogue_app.web.schemas.parameters import Line, Parameters

MOST: Final = 10
"""Most suggestions worth reading."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionsAsked:
    """What somebody typed so far."""

    q: str
    limit: int
    lang: Language


class SuggestionsParameters(Parameters):
    """What suggestions are asked with."""

    q = Line(required=True, longest=100, metadata={"description": "What was typed so far: Chinese, pinyin, initials."})
    limit = fields.Integer(load_default=8, validate=validate.Range(min=1, max=MOST))


class SuggestionSchema(Answer):
    """One suggestion: what to ask for, and what it names (`title`, `organ`, `item`, `theme`)."""

    text = fields.String(required=True)
    kind = fields.String(required=True)


class SuggestionsSchema(Answer):
    """What may be meant, likeliest first."""

    items = fields.List(fields.Nested(SuggestionSchema), required=True)
