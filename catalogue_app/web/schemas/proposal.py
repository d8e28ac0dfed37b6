"""The JSON shapes of proposals: what an organ may write of an entry, and how a proposal is answered."""

from dataclasses import dataclass
from typing import Final, final

from marshmallow import fields

from catalogue_app.domain.merge import TIER, Side
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.proposal import ProposalKind, ProposalState
from catalogue_app.domain.vocabulary import DisclosureCategory, FormatClass, OpenType, SharingType, Tier, UpdateCycle
from catalogue_app.web.language import Language
from catalogue_app.web.schemas.answer import Answer
from catalogue_app.web.schemas.body import (
    Body,
    Day,
    Line,
    Text,
    Translated,
    WebAddress,
    chosen,
    named,
    part,
    several,
    truth,
    whole,
)
from catalogue_app.web.schemas.entry import ViolationSchema
from catalogue_app.web.schemas.metadata import MetadataSchema, instant, one_of
from catalogue_app.web.schemas.parameters import Parameters, Several

MOST_ITEMS: Final = 2_000
OF_CATALOGUE: Final = ("resource_code", "provider_name", "provider_uscc", "network_tier", "extensions", "unread")
"""Elements that somebody may send back as they read them, and not change: what the catalogue says itself."""
MERGED: Final = (*EntryMetadata.__dataclass_fields__, TIER)
"""Of what an entry and its change may differ in."""


class WrittenItemSchema(Body):
    """One information item."""

    name = Line(required=True)
    data_type = Line(longest=40)
    length = Line(longest=40)
    code = Line(longest=200)
    primary_key = truth()
    sensitive = truth()
    sharing_type = chosen(SharingType)
    note = Text()


class WrittenClassificationSchema(Body):
    """Class codes, from the broadest to the finest."""

    lei = Line(longest=1, required=True)
    xiang = Line(longest=2)
    mu = Line(longest=3)
    ximu = Line(longest=20)


class WrittenSharingMethodSchema(Body):
    """One way organs get it."""

    method = Line(longest=40, required=True)
    type = Line(longest=40)


class WrittenDistributionSchema(Body):
    """One file or service."""

    url = WebAddress(longest=2_000)
    title = Line()
    format = Line(longest=40)
    media_type = Line(longest=200)
    size_bytes = whole()
    modified_on = Day()
    description = Text()


class WrittenContactSchema(Body):
    """Whom to ask."""

    name = Line(longest=200)
    telephone = Line(longest=100)
    email = Line(longest=200)


class WrittenIntervalSchema(Body):
    """A time range; a side left out is open."""

    start = Day()
    end = Day()


class WrittenMetadataSchema(Body):
    """What an organ may say about its resource; what the catalogue itself says of it is not among it."""

    title = Translated(required=True)
    abstract = Translated()
    provider_division = Line(longest=20)
    classification = part(WrittenClassificationSchema)
    format_class = chosen(FormatClass)
    format_types = several(Line(longest=40))
    format_note = Line()
    items = several(part(WrittenItemSchema), most=MOST_ITEMS)
    sharing_type = chosen(SharingType)
    sharing_condition = Text()
    sharing_methods = several(part(WrittenSharingMethodSchema))
    non_sharing_basis = Text()
    open_type = chosen(OpenType)
    open_condition = Text()
    update_cycle = chosen(UpdateCycle)
    update_period = Line(longest=40)
    issued_on = Day()
    updated_on = Day()
    related_resource_codes = several(Line(longest=100))
    keywords = several(Line(longest=100))
    online_urls = several(WebAddress(longest=2_000))
    themes = several(Line(longest=40))
    disclosure_categories = several(chosen(DisclosureCategory))
    spatial = several(Line(longest=100))
    temporal = part(WrittenIntervalSchema)
    data_range = Text()
    contact = part(WrittenContactSchema)
    licence = Line()
    source_systems = several(Line(longest=200))
    legal_bases = several(Text())
    data_grade = Line(longest=40)
    personal_information = truth()
    authoritative_source = Line()
    record_count = whole()
    distributions = several(part(WrittenDistributionSchema))


class WrittenProposalSchema(Body):
    """An entry as its organ proposes it."""

    metadata = part(WrittenMetadataSchema, required=True)
    tier = chosen(Tier)


class StatementSchema(Body):
    """What an organ says with what it hands in."""

    statement = Text(longest=1_000, description="Why it is no duplicate, where something like it exists (art. 9).")


class ReasonSchema(Body):
    """Why."""

    reason = Text(longest=1_000, required=True, description="The other side goes by it.")


class ChoicesSchema(Body):
    """Whose word is taken, element by element, of a change that its entry overtook."""

    revision = whole(required=True, description="Of the entry, as it was read; over another one it is refused (412).")
    choices = named(MERGED, Side, "Each element that differs, to the side taken.")


class NothingSchema(Body):
    """An empty object, or no body at all."""


class ProposalLinksSchema(Answer):
    """Addresses of the proposal and of the entry it is about, relative to this server."""

    self = fields.String(required=True)
    page = fields.String(required=True)
    entry = fields.String(required=True, allow_none=True)


class ProposalSchema(Answer):
    """One proposal, whole."""

    id = fields.String(required=True)
    kind = one_of(ProposalKind, required=True)
    state = one_of(ProposalState, required=True)
    version = fields.Integer(required=True, metadata={"description": "Also its entity tag, to be sent as If-Match."})
    organ = fields.String(required=True)
    entry = fields.String(required=True, allow_none=True, metadata={"description": "Code of the entry it is about."})
    tier = one_of(Tier, required=True)
    metadata = fields.Nested(MetadataSchema, required=True)
    violations = fields.List(fields.Nested(ViolationSchema), required=True)
    statement = fields.String(required=True)
    reason = fields.String(required=True, metadata={"description": "Why the desk returned it; empty else."})
    created_at = instant(required=True)
    changed_at = instant(required=True)
    submitted_at = instant(required=True, allow_none=True)
    links = fields.Nested(ProposalLinksSchema, required=True)


class DifferenceSchema(Answer):
    """One element that the entry and its change say differently; null where a side says nothing."""

    element = fields.String(required=True)
    base = fields.Raw(required=True, allow_none=True, metadata={"description": "What it said when the change began."})
    theirs = fields.Raw(required=True, allow_none=True, metadata={"description": "What the entry says now."})
    mine = fields.Raw(required=True, allow_none=True, metadata={"description": "What the change says."})
    advised = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The side that alone changed it, `theirs` or `mine`; null where both did."},
    )


class MergeSchema(Answer):
    """A change beside its entry as it stands now."""

    id = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "Of the change; also its entity tag."})
    revision = fields.Integer(required=True, metadata={"description": "Of the entry, to be sent with the choices."})
    needed = fields.Boolean(required=True, metadata={"description": "Whether the entry changed since."})
    differences = fields.List(fields.Nested(DifferenceSchema), required=True)


class ProposalsSchema(Answer):
    """Proposals that are on their way."""

    total = fields.Integer(required=True)
    items = fields.List(fields.Nested(ProposalSchema), required=True)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsAsked:
    """Which proposals are asked for."""

    state: list[ProposalState]
    lang: Language = Language.ZH


class ProposalsParameters(Parameters):
    """What the list of proposals can be asked with."""

    state = Several(ProposalState, description="States; those on their way where none is named.")
