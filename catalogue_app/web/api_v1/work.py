"""`/work`: long work that goes on or went on lately, for the networks that are told of it."""

from typing import Final

from catalogue_app.domain.metadata import Document
from catalogue_app.domain.visibility import Audience
from catalogue_app.web.context import services
from catalogue_app.web.endpoint import Group
from catalogue_app.web.schemas.work import WorkAsked, WorkParameters, WorksSchema

WORK: Final = Group("work", "Long work: harvests, rebuilds of the index, migrations, evaluations of findings.")


@WORK.get("/work", asks=(WorkParameters, WorkAsked), answers=WorksSchema)
def list_work(audience: Audience, asked: WorkAsked) -> Document:
    """List long work with its progress, newest first; on the portal there is nothing to tell."""
    return {"items": [work.document() for work in services().works.latest(audience, asked.limit)]}
