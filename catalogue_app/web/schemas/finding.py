"""The JSON shapes of findings: duties that are not met."""

from dataclasses import dataclass
from typing import final

from marshmallow import fields

from catalogue_app.domain.finding import FindingKind, FindingState
from catalogue_app.web.language import Language
from catalogue_app.web.schemas.answer import Answer
from catalogue_app.web.schemas.metadata import day, instant, one_of
from catalogue_app.web.schemas.parameters import Paged, Several


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsAsked:
    """Which findings are asked for."""

    kind: list[FindingKind]
    organ: list[str]
    state: list[FindingState]
    entry: list[str]
    limit: int
    cursor: str | None
    lang: Language


class FindingsParameters(Paged):
    """What lists of findings can be asked with; values of one parameter are alternatives, parameters narrow."""

    kind = Several(FindingKind, description="Kinds of finding.")
    organ = Several(description="Ids of the organs that must act.")
    state = Several(FindingState, description="States; open ones where none is named.")
    entry = Several(description="Codes of entries.")


class EvidenceSchema(Answer):
    """One reason for a finding; a name may stand more than once, such as an element with two departures."""

    name = fields.String(required=True)
    value = fields.String(required=True)


class FindingSchema(Answer):
    """One finding."""

    id = fields.UUID(required=True)
    kind = one_of(FindingKind, required=True)
    name = fields.String(required=True, metadata={"description": "The kind in words."})
    state = one_of(FindingState, required=True)
    subject = fields.String(required=True, metadata={"description": "What it is about, such as `entry:TJ00000047`."})
    organ = fields.String(required=True)
    organ_name = fields.String(required=True)
    entry = fields.String(required=True, allow_none=True)
    rule = fields.String(required=True, metadata={"description": "Rule that is not met."})
    law = fields.String(required=True, metadata={"description": "Where the rule stands."})
    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)
    due_on = day(required=True, allow_none=True)
    opened_at = instant(required=True)
    updated_at = instant(required=True)
    closed_at = instant(required=True, allow_none=True)
    cause = fields.String(required=True, allow_none=True, metadata={"description": "Why it was closed."})


class FindingsSchema(Answer):
    """One page of findings, those opened last first."""

    total = fields.Integer(required=True)
    items = fields.List(fields.Nested(FindingSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "`cursor` of the next page."})
