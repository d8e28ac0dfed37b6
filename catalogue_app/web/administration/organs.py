"""The register of organs for the desk: as a tree with figures, each with its credit code checked; and as a table."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.organ import is_valid_uscc
from catalogue_app.services.organ_tree import Branch
from catalogue_app.web.context import audience, services
from catalogue_app.web.portal import terms, words


def tree() -> str:
    """Show every organ under its place and its kind, or under the organ above it."""
    found = services().organ_tree.read(audience())
    return render_template(
        "administration/organs.html",
        places=list(_places(found.roots)),
        succeeded=found.succeeded,
        is_valid=is_valid_uscc,
        done=request.args.get("done", ""),
    )


def table() -> ResponseReturnValue:
    """Give the register as CSV, in the columns that an import reads."""
    answer = Response(services().organs.table(), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename="organs.csv")
    return answer


def _places(roots: Sequence[Branch]) -> Iterator[tuple[str, list[tuple[str, list[Branch]]]]]:
    """Yield (place, its kinds with their organs) in the order of division codes: the municipality stands first."""
    kinds = {one.organ.id: words.organ_kind(one.organ.kind) for one in roots}
    by_place = sorted(roots, key=lambda one: one.organ.district_code)
    for code, inside in groupby(by_place, key=lambda one: one.organ.district_code):
        by_kind = sorted(inside, key=lambda one: kinds[one.organ.id])
        groups = [(kind, list(those)) for kind, those in groupby(by_kind, key=lambda one: kinds[one.organ.id])]
        yield terms.division(code), groups
