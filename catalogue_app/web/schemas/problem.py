"""The JSON shape of failures: problem documents of RFC 9457 with our own members `code`, `errors` and a tombstone."""

from marshmallow import fields

from catalogue_app.web.schemas.answer import Answer
from catalogue_app.web.schemas.entry import ViolationSchema
from catalogue_app.web.schemas.proposal import ProposalSchema


class FlawSchema(Answer):
    """One parameter, or one member of a body, that will not do."""

    parameter = fields.String(
        required=True, metadata={"description": "Its name; of a member where it stands, such as #/metadata/title."}
    )
    code = fields.String(required=True)
    value = fields.String(required=True, metadata={"description": "What was sent, shortened."})
    detail = fields.String(required=True, metadata={"description": "What is wrong, in the language asked for."})
    allowed = fields.List(fields.String(), required=True, metadata={"description": "What would do."})


class ProblemSchema(Answer):
    """Why a request has no other answer."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable name of the failure."})
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(FlawSchema))
    violations = fields.List(
        fields.Nested(ViolationSchema), metadata={"description": "Departures from the profile that forbid handing in."}
    )
    present = fields.Nested(
        ProposalSchema, metadata={"description": "The present version of what was changed meanwhile."}
    )
    entry = fields.String(metadata={"description": "Code of a withdrawn entry."})
    reason = fields.String(
        metadata={"description": "Why it was withdrawn: vanished_at_source, run_undone, gone_below, decided."}
    )
    withdrawn_on = fields.String(metadata={"description": "Day it was withdrawn."})
    successor = fields.String(metadata={"description": "Code of the entry that took its place."})
