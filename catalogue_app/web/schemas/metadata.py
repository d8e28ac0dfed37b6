"""The JSON shape of what an entry says: the elements of the municipal metadata profile, named as in its table."""

from enum import StrEnum

from marshmallow import fields, validate

from catalogue_app.domain.vocabulary import DisclosureCategory, FormatClass, OpenType, SharingType, Tier, UpdateCycle
from catalogue_app.web.schemas.answer import Answer


def one_of(choices: type[StrEnum], *, required: bool = False) -> fields.String:
    """Make a field of a closed list."""
    return fields.String(required=required, validate=validate.OneOf([member.value for member in choices]))


def day(description: str = "", *, required: bool = False, allow_none: bool = False) -> fields.String:
    """Make a field of a legal day, `YYYY-MM-DD`."""
    words = {"description": description} if description else {}
    return fields.String(required=required, allow_none=allow_none, metadata={"format": "date", **words})


def instant(description: str = "", *, required: bool = False, allow_none: bool = False) -> fields.String:
    """Make a field of an instant in UTC (RFC 3339)."""
    words = {"description": description} if description else {}
    return fields.String(required=required, allow_none=allow_none, metadata={"format": "date-time", **words})


def texts() -> fields.List[str]:
    """Make a field of several texts."""
    return fields.List(fields.String())


def localized(*, required: bool = False) -> fields.Dict:
    """Make a field of one text in one or more languages, language tag to text; the first is the organ's own."""
    return fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=required,
        metadata={"description": "Language tag to text; the first is what the organ wrote."},
    )


class ItemSchema(Answer):
    """One information item."""

    name = fields.String(required=True)
    data_type = fields.String()
    length = fields.String()
    code = fields.String()
    primary_key = fields.Boolean()
    sensitive = fields.Boolean()
    sharing_type = one_of(SharingType)
    note = fields.String()


class ClassificationSchema(Answer):
    """Class codes, from the broadest to the finest."""

    lei = fields.String(required=True)
    xiang = fields.String()
    mu = fields.String()
    ximu = fields.String()


class SharingMethodSchema(Answer):
    """One way organs get it."""

    method = fields.String(required=True)
    type = fields.String()


class DistributionSchema(Answer):
    """One file or service; `url` is as the organ wrote it; one that would run as code is left out."""

    url = fields.String()
    title = fields.String()
    format = fields.String()
    media_type = fields.String()
    size_bytes = fields.Integer()
    modified_on = day()
    description = fields.String()


class ContactSchema(Answer):
    """Whom to ask."""

    name = fields.String()
    telephone = fields.String()
    email = fields.String()


class IntervalSchema(Answer):
    """A time range; a side left out is open."""

    start = day()
    end = day()


class UnreadSchema(Answer):
    """A value of the source that could not be understood, kept as it came."""

    element = fields.String(required=True)
    value = fields.String(required=True)
    code = fields.String(required=True)


class MetadataSchema(Answer):
    """What the organ says about its resource; what it does not say is left out."""

    title = localized(required=True)
    abstract = localized()
    resource_code = fields.String()
    provider_name = fields.String()
    provider_uscc = fields.String()
    provider_division = fields.String()
    classification = fields.Nested(ClassificationSchema)
    format_class = one_of(FormatClass)
    format_types = texts()
    format_note = fields.String()
    items = fields.List(fields.Nested(ItemSchema))
    sharing_type = one_of(SharingType)
    sharing_condition = fields.String()
    sharing_methods = fields.List(fields.Nested(SharingMethodSchema))
    non_sharing_basis = fields.String()
    open_type = one_of(OpenType)
    open_condition = fields.String()
    update_cycle = one_of(UpdateCycle)
    update_period = fields.String()
    issued_on = day()
    updated_on = day("Day of the last change of the content, as the organ states it.")
    related_resource_codes = texts()
    keywords = texts()
    online_urls = texts()
    themes = texts()
    disclosure_categories = fields.List(one_of(DisclosureCategory))
    spatial = texts()
    temporal = fields.Nested(IntervalSchema)
    data_range = fields.String()
    network_tier = one_of(Tier)
    contact = fields.Nested(ContactSchema)
    licence = fields.String()
    source_systems = texts()
    legal_bases = texts()
    data_grade = fields.String()
    personal_information = fields.Boolean()
    authoritative_source = fields.String()
    record_count = fields.Integer()
    distributions = fields.List(fields.Nested(DistributionSchema))
    extensions = fields.List(fields.List(fields.String()), metadata={"description": "[name, value] pairs."})
    unread = fields.List(fields.Nested(UnreadSchema))
