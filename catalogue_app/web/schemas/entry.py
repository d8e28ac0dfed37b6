"""The JSON shapes of entries: as items of a list, whole, and their revisions."""

from dataclasses import dataclass
from typing import final

from marshmallow import fields, validate

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.flagging.stale import FreshnessState
from catalogue_app.domain.vocabulary import DisclosureCategory, OpenType, SharingType, Tier, UpdateCycle
from catalogue_app.web.language import Language
from catalogue_app.web.paging import DEFAULT_LIMIT
from catalogue_app.web.schemas.answer import Answer
from catalogue_app.web.schemas.metadata import MetadataSchema, day, instant, one_of, texts
from catalogue_app.web.schemas.parameters import Line, Paged, Parameters, Several
from indexing.fields import FacetField, Sort


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageAsked:
    """A question with no parameter but its language."""

    lang: Language = Language.ZH


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesAsked:
    """Which entries are asked for; attributes are those of `EntriesParameters`."""

    q: str
    organ: list[str]
    category: list[DisclosureCategory]
    theme: list[str]
    cycle: list[UpdateCycle]
    state: list[EntryState]
    tier: list[Tier]
    format: list[str]
    sharing: list[SharingType]
    open: list[OpenType]
    district: list[str]
    facets: list[FacetField]
    sort: Sort | None
    members: list[str]
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    lang: Language = Language.ZH


class FreshnessSchema(Answer):
    """How the content stands against its declared cycle today (art. 13)."""

    state = one_of(FreshnessState, required=True)
    due_on = day("When new content is due.", required=True, allow_none=True)
    stale_from = day("First day it counts as stale if nothing new comes.", required=True, allow_none=True)


class EntryLinksSchema(Answer):
    """Addresses of the same entry, relative to this server."""

    self = fields.String(required=True)
    page = fields.String(required=True)
    revisions = fields.String(required=True)
    history = fields.String(required=True)
    organ = fields.String(required=True)


class EntryItemSchema(Answer):
    """One entry in a list. With `fields`, only the members asked for."""

    code = fields.String(metadata={"description": "Permanent public code."})
    title = fields.String()
    organ = fields.String(metadata={"description": "Id of the organ that answers for it."})
    organ_name = fields.String()
    abstract = fields.String(allow_none=True)
    state = one_of(EntryState)
    tier = one_of(Tier)
    themes = texts()
    disclosure_categories = fields.List(one_of(DisclosureCategory))
    format_types = texts()
    sharing_type = fields.String(allow_none=True, validate=validate.OneOf([*SharingType, None]))
    open_type = fields.String(allow_none=True, validate=validate.OneOf([*OpenType, None]))
    update_cycle = fields.String(allow_none=True, validate=validate.OneOf([*UpdateCycle, None]))
    issued_on = day(allow_none=True)
    updated_on = day(allow_none=True)
    freshness = fields.Nested(FreshnessSchema)
    violations = fields.Integer(metadata={"description": "How many departures from the profile it has."})
    revision = fields.Integer()
    changed_at = instant("When its present revision was stored.")
    links = fields.Nested(EntryLinksSchema)


class FacetCountSchema(Answer):
    """One value of a facet."""

    value = fields.String(required=True)
    label = fields.String(required=True, metadata={"description": "Its name in the language asked for."})
    count = fields.Integer(required=True)


class EntriesSchema(Answer):
    """One page of entries."""

    total = fields.Integer(required=True, metadata={"description": "Entries that meet the question, of all pages."})
    items = fields.List(fields.Nested(EntryItemSchema), required=True)
    facets = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Nested(FacetCountSchema)),
        required=True,
        metadata={"description": "Facet to values; each facet leaves its own filter aside."},
    )
    next = fields.String(required=True, allow_none=True, metadata={"description": "`cursor` of the next page."})
    relaxed = fields.Boolean(
        required=True, metadata={"description": "No entry has all parts of the text; these have some."}
    )
    did_you_mean = fields.String(required=True, allow_none=True)


class SourceSchema(Answer):
    """Where an entry was harvested from."""

    kind = fields.String(required=True, metadata={"description": "Kind of the source, such as `sheet` or `ckan`."})
    checked_at = instant("When its source was last read whole.", required=True, allow_none=True)


class ViolationSchema(Answer):
    """One departure from the metadata profile, with words in the language asked for."""

    element = fields.String(required=True)
    code = fields.String(required=True)
    value = fields.String(required=True)
    message = fields.String(required=True)
    mend = fields.String(required=True)
    rule = fields.String(required=True)


class EntrySchema(Answer):
    """One entry, whole."""

    code = fields.String(required=True)
    title = fields.String(required=True)
    organ = fields.String(required=True)
    organ_name = fields.String(required=True)
    state = one_of(EntryState, required=True)
    tier = one_of(Tier, required=True)
    revision = fields.Integer(required=True)
    created_at = instant(required=True)
    changed_at = instant(required=True)
    missing_since = instant("Since when its source no longer has it.", required=True, allow_none=True)
    confirmed_on = day("When its organ last confirmed it unchanged.", required=True, allow_none=True)
    freshness = fields.Nested(FreshnessSchema, required=True)
    source = fields.Nested(SourceSchema, required=True, allow_none=True)
    metadata = fields.Nested(MetadataSchema, required=True)
    violations = fields.List(fields.Nested(ViolationSchema), required=True)
    links = fields.Nested(EntryLinksSchema, required=True)


class ChangeSchema(Answer):
    """One element that a revision changed; null where it said nothing."""

    element = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class RevisionSchema(Answer):
    """One revision, with what it said and what it changed."""

    number = fields.Integer(required=True)
    recorded_at = instant(required=True)
    cause = fields.String(required=True)
    run = fields.String(required=True, allow_none=True, metadata={"description": "Harvest run that led to it."})
    changes = fields.List(fields.Nested(ChangeSchema), required=True)
    metadata = fields.Nested(MetadataSchema, required=True)


class RevisionsSchema(Answer):
    """The revisions of an entry that this network may read, newest first."""

    code = fields.String(required=True)
    total = fields.Integer(required=True)
    items = fields.List(fields.Nested(RevisionSchema), required=True)


class OperationSchema(Answer):
    """One step of a JSON Patch (RFC 6902)."""

    op = fields.String(required=True, validate=validate.OneOf(["add", "remove", "replace"]))
    path = fields.String(required=True, metadata={"description": "JSON Pointer (RFC 6901)."})
    value = fields.Raw(allow_none=True)


class HistoryStepSchema(Answer):
    """What one revision changed."""

    number = fields.Integer(required=True)
    recorded_at = instant(required=True)
    cause = fields.String(required=True)
    run = fields.String(required=True, allow_none=True, metadata={"description": "Harvest run that led to it."})
    tier = one_of(Tier, required=True)
    changes = fields.List(fields.Nested(ChangeSchema), required=True)
    patch = fields.List(fields.Nested(OperationSchema), required=True)


class CurationSchema(Answer):
    """One element that the department in charge let say something else than the source does."""

    element = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    source_value = fields.Raw(required=True, allow_none=True, metadata={"description": "What the source said last."})
    reason = fields.String(required=True)
    since = instant(required=True)
    until = instant("When it ceased to hold.", required=True, allow_none=True)
    note = fields.String(
        required=True, allow_none=True, metadata={"description": "`same_as_source`: the source came to say the same."}
    )


class HistorySchema(Answer):
    """The changes of an entry that this network may read, newest first."""

    code = fields.String(required=True)
    total = fields.Integer(required=True)
    items = fields.List(fields.Nested(HistoryStepSchema), required=True)
    curations = fields.List(fields.Nested(CurationSchema), required=True)


ITEM_FIELDS = tuple(EntryItemSchema().fields)
"""Members of an item that a request may ask for."""


class EntriesParameters(Paged):
    """What lists of entries can be asked with; values of one parameter are alternatives, parameters narrow."""

    q = Line(load_default="", metadata={"description": "Words, pinyin, a code; quotes for an exact phrase."})
    organ = Several(description="Organ ids.")
    category = Several(DisclosureCategory, description="Disclosure categories (art. 14).")
    theme = Several(description="Theme codes.")
    cycle = Several(UpdateCycle, description="Update cycles.")
    state = Several(EntryState, description="States of an entry's life.")
    tier = Several(Tier, description="Network tiers, as far as this server shows them.")
    format = Several(description="Formats.")
    sharing = Several(SharingType, description="Sharing between organs.")
    open = Several(OpenType, description="Opening to the public.")
    district = Several(description="Division codes (GB/T 2260).")
    facets = Several(FacetField, description="Facets to count.")
    sort = fields.Enum(
        Sort,
        by_value=fields.String,
        load_default=None,
        metadata={"description": "Order; relevance where there is a text, else last changed first."},
    )
    members = Several(ITEM_FIELDS, description="Members of an item; all where none is named.", data_key="fields")


LANGUAGE_ONLY = (Parameters, LanguageAsked)
"""What endpoints without parameters of their own ask with."""
