"""`catalogue harvest`: pull sources now, in this process."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import final

import click

from catalogue_app.cli.answer import give, json_option, say
from catalogue_app.cli.application import Application
from catalogue_app.cli.naming import read_source_id
from catalogue_app.cli.preview import show_preview
from catalogue_app.container import Container
from catalogue_app.domain.errors import CatalogueError, ConfigurationError, NotFound, SearchUnavailable
from catalogue_app.domain.harvest import Outcome, RunState
from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.metadata import Document
from catalogue_app.messages import Messages
from catalogue_app.services.harvest_report import RunReport, in_words


@click.command()
@click.argument("source_ids", metavar="[SOURCE_ID]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Harvest every enabled source.")
@click.option("--preview", "is_preview", is_flag=True, help="Say what a run would do, and do nothing; one source.")
@click.option("--release", metavar="NAME", help="Let a held run pass its gate, on the word of this named person.")
@json_option
@click.pass_obj
def harvest(
    application: Application,
    source_ids: tuple[str, ...],
    every: bool,
    is_preview: bool,
    release: str | None,
    as_json: bool,
) -> None:
    """Harvest sources now and bring what changed into the index.

    A source that fails, or whose run is held, does not stop the others; its state says so. The exit code is 0 when
    every source asked for was tried, 1 when one could not be, such as one that is being harvested already.
    """
    if bool(source_ids) == every:
        raise click.UsageError("name sources, or --all")
    if release is not None and not release.strip():
        raise click.BadParameter("a run is released by a person with a name", param_hint="--release")
    container = application.container
    if is_preview:
        show_preview(container, container.sources.by_id(_only(source_ids)), as_json=as_json)
        return
    trials = run_sources(container, _chosen(container, source_ids), actor=release or "operator", release=release)
    documents = [trial.document(container.reference.messages) for trial in trials]
    give(documents, chain.from_iterable(trial.lines(container.reference.messages) for trial in trials), as_json=as_json)
    if any(trial.refusal for trial in trials):
        sys.exit(1)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one source that was asked for: a run's report, or why there was no run."""

    source_id: SourceId
    report: RunReport | None = None
    refusal: CatalogueError | None = None

    @property
    def added(self) -> int:
        """Entries added."""
        return self.report.run.outcomes.get(Outcome.ADDED, 0) if self.report else 0

    @property
    def line(self) -> str:
        """The trial in one line."""
        if self.report is None:
            return f"{self.source_id} not harvested: {self.refusal}"
        tallies = ", ".join(f"{name} {count}" for name, count in self.report.tallies().items())
        return f"{self.source_id} {self.report.state}: {tallies}"

    def lines(self, messages: Messages) -> Iterator[str]:
        """The trial for a person: the line above, then what is wrong and how to mend it, or where to read on."""
        if self.report is None:
            said = self._problem(messages)
            yield f"{self.source_id} not harvested: {said['message']}"
            yield f"  {said['mend']}"
            return
        yield self.line
        run = self.report.run
        if run.problem is not None:
            said = in_words(run.problem, messages)
            yield f"  {said['message']}"
            yield f"  {said['mend']}"
        elif next(iter(self.report.problems), None) is not None:
            yield f"  what to mend, record by record: catalogue harvest report {run.id}"

    def document(self, messages: Messages) -> Document:
        """Return it as one JSON object; without a run, `run` is null and nothing is counted."""
        if self.report is not None:
            return self.report.document(messages)
        figures = dict.fromkeys(("gathered", *(it.value for it in Outcome), "vanished", "restored", "lapsed"), 0)
        return {
            "source": str(self.source_id),
            "run": None,
            "state": RunState.ABORTED.value,
            "undoes": None,
            **figures,
            "problems": [self._problem(messages)],
        }

    def _problem(self, messages: Messages) -> Document:
        error = self.refusal or CatalogueError()
        message, mend = messages.problem(error.code, "en", **error.parameters)
        message_zh, mend_zh = messages.problem(error.code, "zh", **error.parameters)
        words = {"message": message, "mend": mend, "message_zh": message_zh, "mend_zh": mend_zh}
        return {"record": "", "element": "", "code": error.code, "value": "", **words}


def run_sources(
    container: Container, ids: Sequence[SourceId], *, actor: str, release: str | None = None
) -> list[Trial]:
    """Harvest sources one after the other, then drain the outbox into the index."""
    trials = []
    for place, source_id in enumerate(ids, start=1):
        trial = _try(container, source_id, actor, release)
        say(f"[{place}/{len(ids)}] {trial.line}")
        trials.append(trial)
    drain(container)
    return trials


def drain(container: Container) -> None:
    """Bring what changed into the index, and say how much."""
    try:
        say(f"indexed: {container.index_feed.drain()} entries")
    except SearchUnavailable:
        say("indexed: nothing, for the search engine does not answer; what changed waits, and enters by itself later")


def _try(container: Container, source_id: SourceId, actor: str, release: str | None) -> Trial:
    try:
        return Trial(source_id=source_id, report=container.harvesting.run(source_id, actor=actor, release=release))
    except ConfigurationError:
        raise
    except CatalogueError as error:
        return Trial(source_id=source_id, refusal=error)


def _chosen(container: Container, named: Sequence[str]) -> list[SourceId]:
    """Return the sources named, each once, or all that are enabled; nothing is harvested when one is unknown."""
    known = {source.id: source.is_enabled for source in container.sources.all()}
    if not named:
        return [source_id for source_id, is_enabled in known.items() if is_enabled]
    ids = list(dict.fromkeys(read_source_id(text) for text in named))
    if unknown := [source_id for source_id in ids if source_id not in known]:
        raise NotFound("source_not_found", source=str(unknown[0]))
    return ids


def _only(named: Sequence[str]) -> SourceId:
    if len(named) != 1:
        raise click.UsageError("a preview is of one source: name it")
    return read_source_id(named[0])
