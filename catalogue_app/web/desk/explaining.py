"""Why an entry looks as it does: raw record, what was read from it, what the desk curated, revision by revision."""

from functools import partial

from flask import render_template
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Document, JsonValue, to_document
from catalogue_app.services.explanation import Origin
from catalogue_app.web.context import audience, language, may, require, services
from catalogue_app.web.desk.curating import choosable
from catalogue_app.web.messages import say
from catalogue_app.web.portal import terms


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
        elements=[(name, *map(partial(_shown, name), (read.get(name), said.get(name)))) for name in {**said, **read}],
        has_origin=found.origin is not None,
        unread=unread,
        curated=curated,
        may_curate=found.source is not None and may(Power.REVIEW_ENTRIES),
        choosable=choosable(),
        steps=history.steps,
        person=services().accounts.people(),
        said=lambda one: words(one.code, language().value, value=one.value, element=one.element),
    )


def _shown(element: str, value: JsonValue) -> JsonValue:
    """Write what was not understood as element and text; everything else stays as the document has it."""
    if element != "unread" or not isinstance(value, list):
        return value
    notes = (note for note in value if isinstance(note, dict))
    return [f"{terms.element(str(note['element']))}{say('：')}{note['value']}" for note in notes]


def _read_from(origin: Origin | None) -> Document:
    if origin is None or isinstance(origin.parsed, Problem):
        return {}
    return to_document(origin.parsed)
