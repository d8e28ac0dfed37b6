"""JSON shapes of the feed of changes, and what it can be asked with."""

from dataclasses import dataclass
from datetime import datetime
from typing import final

from marshmallow import fields, validate

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.web.language import Language
from catalogue_app.web.paging import DEFAULT_LIMIT
from catalogue_app.web.schemas.answer import Answer
from catalogue_app.web.schemas.metadata import MetadataSchema, instant
from catalogue_app.web.schemas.parameters import Instant, Paged


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesAsked:
    """Which changes are asked for; attributes are those of `ChangesParameters`."""

    since: datetime | None = None
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    lang: Language = Language.ZH


class ChangeItemSchema(Answer):
    """One entry that changed, as it is now; of one that is gone only code and instant are said."""

    code = fields.String(required=True)
    change = fields.String(
        required=True,
        validate=validate.OneOf(["present", "gone"]),
        metadata={"description": "`gone`: it was published within this network's reach, and is not any more."},
    )
    changed_at = instant("When it last changed, or went out of sight.", required=True)
    organ = fields.String(allow_none=True)
    organ_name = fields.String(allow_none=True)
    state = fields.String(allow_none=True, validate=validate.OneOf([*EntryState, None]))
    tier = fields.String(allow_none=True, validate=validate.OneOf([*Tier, None]))
    revision = fields.Integer(allow_none=True)
    metadata = fields.Nested(MetadataSchema, allow_none=True)


class ChangesSchema(Answer):
    """A page of changes, oldest first."""

    items = fields.List(fields.Nested(ChangeItemSchema), required=True)
    gone = fields.Integer(
        required=True, metadata={"description": "Entries gone since the instant asked for, on all pages together."}
    )
    next = fields.String(
        required=True, allow_none=True, metadata={"description": "Cursor of the next page; null on the last."}
    )


class ChangesParameters(Paged):
    """What the feed can be asked with."""

    since = Instant(
        load_default=None,
        metadata={
            "format": "date-time",
            "description": "Only what changed at this instant or later, such as 2026-05-01T08:00:00Z; else everything.",
        },
    )
