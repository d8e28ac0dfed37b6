"""`catalogue findings`: evaluate duties and list what is not met."""

from datetime import date, datetime

import click

from catalogue_app.cli.answer import give, json_option, table
from catalogue_app.cli.application import Application
from catalogue_app.domain.finding import Condition

day_option = click.option(
    "--as-of", "as_of", type=click.DateTime(["%Y-%m-%d"]), help="Judge by this day; the register stays as it is."
)


@click.group()
def findings() -> None:
    """Duties not met: stale, missing and nonconforming."""


@findings.command()
@day_option
@json_option
@click.pass_obj
def evaluate(application: Application, as_of: datetime | None, as_json: bool) -> None:
    """Evaluate every rule: open new findings, update lasting ones, close those whose cause is gone."""
    evaluation = application.container.upkeep.evaluate_findings(_day(as_of))
    document = {
        "as_of": evaluation.as_of.isoformat(),
        "open": evaluation.open,
        "opened": evaluation.opened,
        "updated": evaluation.updated,
        "closed": evaluation.closed,
        "by_kind": {str(kind): count for kind, count in evaluation.by_kind.items()},
    }
    give(document, (f"{name}: {value}" for name, value in document.items()), as_json=as_json)


@findings.command("list")
@day_option
@json_option
@click.pass_obj
def list_findings(application: Application, as_of: datetime | None, as_json: bool) -> None:
    """List the open findings, or what would be found on another day."""
    rows = [_row(condition) for condition in application.container.flagging.conditions(_day(as_of))]
    give(rows, table(rows), as_json=as_json)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _row(condition: Condition) -> dict[str, object]:
    return {
        "kind": condition.kind.value,
        "subject": condition.subject,
        "organ": condition.organ_id,
        "entry": condition.entry_code,
        "rule": condition.rule,
        "due_on": condition.due_on.isoformat() if condition.due_on else None,
        "evidence": [{"name": name, "value": value} for name, value in condition.evidence],
    }
