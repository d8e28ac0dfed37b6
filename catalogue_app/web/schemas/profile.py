"""The JSON shape of the municipal metadata profile."""

from marshmallow import fields

from catalogue_app.web.schemas.answer import Answer


class ElementSchema(Answer):
    """One element of the profile."""

    number = fields.String(required=True, metadata={"description": "Number in the table of the standard."})
    identifier = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "Its Chinese name."})
    obligation = fields.String(required=True, metadata={"description": "mandatory, conditional, optional …"})
    max_length = fields.Integer(required=True, allow_none=True, metadata={"description": "Characters; null: no limit."})


class TermSchema(Answer):
    """One value of a vocabulary."""

    code = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "In the language asked for."})


class ProfileSchema(Answer):
    """The metadata profile in force (art. 10) with its vocabularies."""

    version = fields.String(required=True)
    elements = fields.List(fields.Nested(ElementSchema), required=True)
    vocabularies = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(TermSchema)), required=True)
