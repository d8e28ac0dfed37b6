"""Why an entry looks as it does: raw record, what was read from it, what the desk curated, revision by revision."""

from flask import render_template
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import to_document
from catalogue_app.services.explanation import Origin
from catalogue_app.web.context import audience, language, require, services


def why(code: str) -> ResponseReturnValue:
    """Show everything an entry rests on, for the desk and the organ that answers for it."""
    require(Power.WATCH_SOURCES)
    found = services().explanations.explain(code, audience())
    history = services().catalogue.history(code, audience())
    words = services().reference.problem
    unread = found.origin.parsed if found.origin and isinstance(found.origin.parsed, Problem) else None
    said = to_document(found.entry.metadata)
    read = _read_from(found.origin)
    curated = {one.element: one for one in found.curations if one.ended_at is None}
    return render_template(
        "desk/why.html",
        found=found,
        entry=found.entry,
        elements=[(name, read.get(name), said.get(name)) for name in dict.fromkeys([*said, *read])],
        has_origin=found.origin is not None,
        unread=unread,
        curated=curated,
        steps=history.steps,
        person=services().accounts.people(),
        said=lambda one: words(one.code, language().value, value=one.value, element=one.element),
    )


def _read_from(origin: Origin | None) -> dict[str, object]:
    if origin is None or isinstance(origin.parsed, Problem):
        return {}
    return dict(to_document(origin.parsed))
