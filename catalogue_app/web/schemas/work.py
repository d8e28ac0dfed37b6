"""The JSON shapes of long work: what goes on and how far it has come."""

from dataclasses import dataclass
from typing import final

from marshmallow import fields, validate

from catalogue_app.domain.long_work import WorkKind, WorkState
from catalogue_app.web.language import Language
from catalogue_app.web.schemas.answer import Answer
from catalogue_app.web.schemas.metadata import instant, one_of
from catalogue_app.web.schemas.parameters import Parameters


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WorkAsked:
    """How much is asked for."""

    limit: int
    lang: Language


class WorkParameters(Parameters):
    """What the list of work can be asked with."""

    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=100))


class WorkSchema(Answer):
    """One piece of long work."""

    id = fields.UUID(required=True)
    kind = one_of(WorkKind, required=True)
    subject = fields.String(required=True, metadata={"description": "`source:UUID` of a harvest, else empty."})
    stage = fields.String(required=True, metadata={"description": "Part of the work that is counted now."})
    state = one_of(WorkState, required=True)
    holder = fields.String(required=True, metadata={"description": "The process at work: host, number, beginning."})
    started_at = instant(required=True)
    updated_at = instant(required=True)
    ended_at = instant(required=True, allow_none=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True, allow_none=True, metadata={"description": "Null where nobody knows."})
    rate = fields.Float(required=True, metadata={"description": "Done per second in this stage."})
    left_s = fields.Float(required=True, allow_none=True, metadata={"description": "Seconds this stage takes still."})


class WorksSchema(Answer):
    """The work that began last, newest first."""

    items = fields.List(fields.Nested(WorkSchema), required=True)
