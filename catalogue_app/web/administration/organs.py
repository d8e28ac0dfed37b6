"""The register of organs for the desk: by place and kind, each with its credit code checked; and as a table."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from catalogue_app.domain.organ import Organ, is_valid_uscc
from catalogue_app.web.context import services
from catalogue_app.web.portal import terms, words


def tree() -> str:
    """Show every organ under its place and its kind."""
    return render_template(
        "administration/organs.html", places=list(_places(services().organs.all())), is_valid=is_valid_uscc
    )


def table() -> ResponseReturnValue:
    """Give the register as CSV, in the columns that an import reads."""
    answer = Response(services().organs.table(), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename="organs.csv")
    return answer


def _places(organs: Sequence[Organ]) -> Iterator[tuple[str, list[tuple[str, list[Organ]]]]]:
    """Yield (place, its kinds with their organs) in the order of division codes: the municipality stands first."""
    kinds = {organ.id: words.organ_kind(organ.kind) for organ in organs}
    by_place = sorted(organs, key=lambda organ: organ.district_code)
    for code, inside in groupby(by_place, key=lambda organ: organ.district_code):
        by_kind = sorted(inside, key=lambda organ: kinds[organ.id])
        groups = [(kind, list(those)) for kind, those in groupby(by_kind, key=lambda organ: kinds[organ.id])]
        yield terms.division(code), groups
