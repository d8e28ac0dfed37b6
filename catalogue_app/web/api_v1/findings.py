"""`/findings`: duties that are not met, as far as this network is told of them."""

from collections.abc import Mapping
from typing import Final

from catalogue_app.domain.finding import OPEN_FINDINGS, Finding, FindingFilter
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.metadata import Document
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.visibility import Audience
from catalogue_app.web.api_v1.documents import iso
from catalogue_app.web.context import services
from catalogue_app.web.endpoint import Group
from catalogue_app.web.language import Language
from catalogue_app.web.schemas.finding import FindingsAsked, FindingsParameters, FindingsSchema

FINDINGS: Final = Group("findings", "Duties that are not met: stale, missing and nonconforming.")


@FINDINGS.get("/findings", asks=(FindingsParameters, FindingsAsked), answers=FindingsSchema)
def list_findings(audience: Audience, asked: FindingsAsked) -> Document:
    """List findings, those opened last first.

    A finding about an entry is told to those who may see the entry.
    """
    wanted = FindingFilter(
        kinds=frozenset(asked.kind),
        organs=frozenset(map(OrganId, asked.organ)),
        states=frozenset(asked.state) or OPEN_FINDINGS.states,
        entry_codes=frozenset(asked.entry),
    )
    page = services().flagging.findings(wanted, audience, asked.cursor, asked.limit)
    organs = services().catalogue.register()
    return {
        "total": page.total,
        "items": [_document(finding, organs, asked.lang) for finding in page.findings],
        "next": page.next_cursor,
    }


def _document(finding: Finding, organs: Mapping[OrganId, Organ], language: Language) -> Document:
    condition = finding.condition
    flag = services().reference.flags.get(condition.kind)
    rule = services().reference.deadlines.get(condition.rule)
    return {
        "id": str(finding.id),
        "kind": condition.kind.value,
        "name": flag.name(language) if flag else condition.kind.value,
        "state": finding.state.value,
        "subject": condition.subject,
        "organ": condition.organ_id,
        "organ_name": organs[condition.organ_id].name.pick(language)[1],
        "entry": condition.entry_code,
        "rule": condition.rule,
        "law": f"{rule.instrument} {rule.article}".strip() if rule else "",
        "evidence": [{"name": name, "value": value} for name, value in condition.evidence],
        "due_on": iso(condition.due_on),
        "opened_at": iso(finding.opened_at),
        "updated_at": iso(finding.updated_at),
        "closed_at": iso(finding.closed_at),
        "cause": finding.cause or None,
    }
