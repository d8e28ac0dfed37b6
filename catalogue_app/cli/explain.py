"""`catalogue explain`: why an entry looks as it does, from the raw record to what is wrong with it."""

import click

from catalogue_app.cli.answer import give, json_option
from catalogue_app.cli.application import Application
from catalogue_app.cli.entries import desk
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Document, JsonValue, to_document
from catalogue_app.messages import Messages
from catalogue_app.services.explanation import Explanation, Origin
from catalogue_app.services.harvest_report import in_words


@click.command()
@click.argument("code")
@json_option
@click.pass_obj
def explain(application: Application, code: str, as_json: bool) -> None:
    """Say why an entry looks as it does: source, run, snapshot, raw record, what was read, curated and found wrong."""
    container = application.container
    explanation = container.explanations.explain(code, desk(container))
    document = explanation_document(explanation, container.reference.messages)
    give(document, (f"{name}: {value}" for name, value in document.items()), as_json=as_json)


def explanation_document(explanation: Explanation, messages: Messages) -> Document:
    """Write an explanation as one JSON object: raw record, parsed metadata and what differs side by side."""
    entry, source, run = explanation.entry, explanation.source, explanation.run
    return {
        "code": entry.code,
        "identifier": entry.identifier,
        "former_identifiers": list(explanation.former_identifiers),
        "state": entry.state.value,
        "tier": entry.tier.value,
        "revision": entry.revision,
        "source": {"id": str(source.id), "kind": source.kind.value, "address": source.address} if source else None,
        "run": {"id": str(run.id), "state": run.state.value, "started_at": run.started_at.isoformat()} if run else None,
        **_origin(explanation.origin, messages),
        "metadata": to_document(entry.metadata),
        "last_change": [_change(one.element, one.before, one.after) for one in explanation.last_change],
        "departs_from_record": [_change(one.element, one.before, one.after) for one in explanation.departs_from_record],
        "curations": [
            {
                "element": one.element,
                "value": one.value,
                "source_value": one.source_value,
                "by": one.by,
                "at": one.at.isoformat(),
                "reason": one.reason,
                "ended_at": one.ended_at.isoformat() if one.ended_at else None,
                "note": one.note,
            }
            for one in explanation.curations
        ],
        "violations": [
            in_words(Problem(record=entry.code, element=one.element, code=one.code, value=one.value), messages)
            for one in entry.violations
        ],
    }


def _origin(origin: Origin | None, messages: Messages) -> Document:
    if origin is None:
        return {"snapshot": None, "record": None, "parsed": None}
    fetch, record, parsed = origin.fetch, origin.record, origin.parsed
    return {
        "snapshot": {
            "digest": fetch.digest,
            "address": fetch.address,
            "fetched_at": fetch.fetched_at.isoformat(),
            "size_bytes": fetch.size_bytes,
        },
        "record": {"place": record.place, "digest": record.digest, "raw": dict(record.raw)},
        "parsed": in_words(parsed, messages) if isinstance(parsed, Problem) else to_document(parsed),
    }


def _change(element: str, before: JsonValue, after: JsonValue) -> Document:
    return {"element": element, "before": before, "after": after}
