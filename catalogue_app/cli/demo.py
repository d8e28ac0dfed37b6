"""`catalogue demo load`: the demo municipality, harvested like any other."""

import click

from catalogue_app.cli.answer import give, json_option, say
from catalogue_app.cli.application import Application
from catalogue_app.cli.harvest import run_sources


@click.group()
def demo() -> None:
    """The demo municipality."""


@demo.command()
@click.option("--with-defects", is_flag=True, help="Load the set with deliberate defects too.")
@json_option
@click.pass_obj
def load(application: Application, with_defects: bool, as_json: bool) -> None:
    """Write every demo organ's catalogue to the data directory, register its source, harvest, index, evaluate."""
    container = application.house
    container.bring_up(say)
    written = container.demo.write(with_defects=with_defects, actor="operator")
    say(f"wrote {len(written)} catalogues of organs to {container.demo.folder}")
    trials = run_sources(container, [source.id for source in written], actor="operator")
    if with_defects:
        trials += run_sources(container, container.demo.lose_one(), actor="operator")
    evaluation = container.upkeep.evaluate_findings()
    say(f"findings: {evaluation.opened} opened, {evaluation.closed} closed, {evaluation.open} open")
    counted = sum(trial.added for trial in trials)
    document = {
        "sources": len(written),
        "added": counted,
        "runs": [trial.document(container.reference.messages) for trial in trials],
    }
    give(document, (f"demo loaded: {len(written)} sources, {counted} entries added",), as_json=as_json)
