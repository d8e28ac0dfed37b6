"""What organs work at and the desk decides about, composed of their parts: single entries and whole tables of them."""

from functools import partial
from typing import TypedDict

from catalogue_app.domain.clock import Clock
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.reference import Reference
from catalogue_app.services.long_work import LongWorks
from catalogue_app.services.organ_sheets import OrganSheets
from catalogue_app.services.registration import Registration
from catalogue_app.services.releases import Releases
from catalogue_app.services.review import Review
from catalogue_app.services.similar import Similar
from catalogue_app.services.upload_check import Check
from catalogue_app.services.upload_rows import RowReader
from catalogue_app.services.uploads import Uploads
from harvesters.reading_tables import reading_tables


class OrganDesk(TypedDict):
    """Use cases of organs and of the desk, by the names that the container has for them."""

    registration: Registration
    review: Review
    uploads: Uploads
    organ_sheets: OrganSheets
    releases: Releases


def organ_desk(
    uow: UnitsOfWork, reference: Reference, similar: Similar, check: Check, works: LongWorks, clock: Clock
) -> OrganDesk:
    """Compose them for one process."""
    make_reader = partial(RowReader, reading_tables(reference), reference)
    return {
        "registration": Registration(uow, reference, similar, clock),
        "review": Review(uow, reference, similar, clock),
        "uploads": Uploads(uow, make_reader, check, similar, works, clock),
        "organ_sheets": OrganSheets(uow, reference),
        "releases": Releases(uow, reference, clock),
    }
