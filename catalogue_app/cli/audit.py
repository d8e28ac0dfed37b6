"""`catalogue audit`: who did what, and proof that nobody rewrote it."""

from itertools import islice

import click

from catalogue_app.cli.answer import give, json_option, table
from catalogue_app.cli.application import Application

_BROKEN = 1


@click.group()
def audit() -> None:
    """The audit log: who did what."""


@audit.command()
@json_option
@click.pass_obj
def verify(application: Application, as_json: bool) -> int:
    """Walk the chain of digests and say where a line was altered or is missing, if anywhere.

    Keep the head elsewhere: the same head later proves that no line was cut off the end.
    """
    verdict = application.container.audit.verify()
    document = {"lines": verdict.lines, "broken_at": verdict.broken_at, "head": verdict.head}
    told = "whole" if verdict.broken_at is None else f"BROKEN at line {verdict.broken_at}"
    give(document, (f"{told}, {verdict.lines} lines, head {verdict.head or '-'}",), as_json=as_json)
    return 0 if verdict.broken_at is None else _BROKEN


@audit.command("list")
@click.option("--subject", metavar="TEXT", help="Only lines about this subject, such as account:wang.li.")
@click.option(
    "--limit", type=click.IntRange(1), default=100, show_default=True, metavar="N", help="Newest lines shown."
)
@json_option
@click.pass_obj
def list_lines(application: Application, subject: str | None, limit: int, as_json: bool) -> None:
    """List who did what, newest first."""
    rows = [
        {
            "position": line.position,
            "at": line.recorded_at.isoformat(),
            "actor": line.event.actor,
            "action": line.event.action,
            "subject": line.event.subject,
            "before": line.event.before,
            "after": line.event.after,
        }
        for line in islice(application.container.audit.backwards(subject), limit)
    ]
    give(rows, table(rows), as_json=as_json)
