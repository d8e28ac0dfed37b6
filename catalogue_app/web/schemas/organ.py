"""The JSON shapes of organs: in the directory, and one with its nine disclosure categories."""

from marshmallow import fields

from catalogue_app.domain.vocabulary import DisclosureCategory, OrganKind
from catalogue_app.services.catalogue_views import CoverageState
from catalogue_app.web.schemas.answer import Answer
from catalogue_app.web.schemas.entry import EntryItemSchema
from catalogue_app.web.schemas.metadata import instant, one_of, texts


class OrganLinksSchema(Answer):
    """Addresses of the same organ, relative to this server."""

    self = fields.String(required=True)
    page = fields.String(required=True)
    entries = fields.String(required=True)


class OrganItemSchema(Answer):
    """One organ with the figures of the entries that this network shows."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    short_name = fields.String(required=True)
    aliases = texts()
    kind = one_of(OrganKind, required=True)
    district = fields.String(required=True, metadata={"description": "Division code (GB/T 2260)."})
    successor = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Organ that took over its duties; null while it stands."},
    )
    entries = fields.Integer(required=True)
    on_time = fields.Integer(required=True, metadata={"description": "Entries with a due day that are not late."})
    late = fields.Integer(required=True)
    on_time_share = fields.Float(
        required=True, allow_none=True, metadata={"description": "0 to 1; null if none is due."}
    )
    links = fields.Nested(OrganLinksSchema, required=True)


class DirectoryItemSchema(OrganItemSchema):
    """One organ of the directory."""

    changed_at = instant("When one of its entries last changed.", required=True, allow_none=True)


class OrgansSchema(Answer):
    """Every organ, in the order of the register."""

    total = fields.Integer(required=True)
    items = fields.List(fields.Nested(DirectoryItemSchema), required=True)


class CoverageSchema(Answer):
    """One organ in one disclosure category (art. 14)."""

    category = one_of(DisclosureCategory, required=True)
    name = fields.String(required=True)
    owed = fields.Boolean(required=True)
    state = one_of(CoverageState, required=True)
    entries = fields.Integer(required=True)


class OrganSchema(OrganItemSchema):
    """One organ, whole."""

    coverage = fields.List(fields.Nested(CoverageSchema), required=True)
    recent = fields.List(fields.Nested(EntryItemSchema), required=True)
