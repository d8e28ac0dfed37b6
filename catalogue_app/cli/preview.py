"""What a run would do, as a person reads it and as a script does."""

from collections.abc import Iterator
from typing import Final

import click

from catalogue_app.cli.answer import give_stream
from catalogue_app.container import Container
from catalogue_app.domain.diff import FieldChange
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Document, JsonValue
from catalogue_app.domain.source import Source
from catalogue_app.messages import Messages
from catalogue_app.services.harvest_preview import EntryChange, Preview
from catalogue_app.services.harvest_report import RunReport, in_words

_SHOWN: Final = 80
"""Characters of a value that a line shows."""


def show_preview(container: Container, source: Source, *, as_json: bool) -> None:
    """Read a source and print what a run of it would do; nothing is kept."""
    messages = container.reference.messages
    with container.harvesting.preview(source) as preview:
        if as_json:
            give_stream(
                _head(preview),
                {
                    "changes": (change_document(change, messages) for change in preview.changes()),
                    "problems": (in_words(problem, messages) for problem in preview.problems()),
                },
            )
            return
        for line in _lines(preview):
            click.echo(line)


def change_document(change: EntryChange, messages: Messages) -> Document:
    """Write one change as JSON object, its violations in words."""
    return {
        "change": change.change.value,
        "code": change.code,
        "identifier": change.identifier,
        "former_identifier": change.former_identifier or None,
        "title": change.title,
        "organ": change.organ_id,
        "tier": change.tier.value,
        "fields": [_field(one) for one in change.fields],
        "violations": [
            in_words(Problem(record=change.identifier, element=one.element, code=one.code, value=one.value), messages)
            for one in change.violations
        ],
    }


def change_lines(change: EntryChange) -> Iterator[str]:
    """Say one change in a line, with a line for each element that would differ."""
    before = f" (was {change.former_identifier})" if change.former_identifier else ""
    yield f"{change.change}\t{change.code or '-'}\t{change.identifier}{before}\t{change.title}"
    for one in change.fields:
        yield f"\t{one.element}: {_brief(one.before)} → {_brief(one.after)}"
    for violation in change.violations:
        yield f"\t! {violation.element}: {violation.code} {violation.value}".rstrip()


def _head(preview: Preview) -> Document:
    report = RunReport(run=preview.run, problems=())
    return {"source": str(preview.run.source_id), "state": preview.run.state.value, **report.tallies()}


def _lines(preview: Preview) -> Iterator[str]:
    tallies = ", ".join(f"{name} {count}" for name, count in RunReport(run=preview.run, problems=()).tallies().items())
    yield f"{preview.run.state}: {tallies}"
    for change in preview.changes():
        yield from change_lines(change)
    for problem in preview.problems():
        yield f"problem\t{problem.record}\t{problem.element}\t{problem.code}\t{problem.value}".rstrip()


def _field(change: FieldChange) -> Document:
    return {"element": change.element, "before": change.before, "after": change.after}


def _brief(value: JsonValue) -> str:
    text = " ".join(str(value).split()) if value is not None else "∅"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
