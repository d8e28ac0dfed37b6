"""What a command says: answers on standard output, as text or one JSON document; progress on standard error."""

import sys
import time
from collections.abc import Iterable, Mapping
from typing import Final, final

import click
import orjson

from catalogue_app.services import harvest_steps

json_option = click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document on standard output.")
"""Every command that answers has it."""

_STEP_S: Final = 0.5
"""Seconds between two progress lines of one piece of work."""


def give(document: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Print the answer: the document as JSON, or its lines for people."""
    if as_json:
        click.echo(orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
        return
    for line in lines:
        click.echo(line)


def give_stream(head: Mapping[str, object], lists: Mapping[str, Iterable[object]]) -> None:
    """Print one JSON document whose lists may be long: its items are written as they come, none is held in memory."""
    opening = orjson.dumps(head, default=str, option=orjson.OPT_SORT_KEYS).decode().removesuffix("}")
    click.echo(opening, nl=False)
    for name, items in lists.items():
        click.echo(f',\n"{name}": [', nl=False)
        for number, item in enumerate(items):
            click.echo(("," if number else "") + "\n" + orjson.dumps(item, default=str).decode(), nl=False)
        click.echo("]", nl=False)
    click.echo("}")


def a_person(name: str, option: str) -> str:
    """Return the name of the person who decides.

    Raises:
        click.BadParameter: it is blank.
    """
    if not name.strip():
        raise click.BadParameter("a decision is made by a person with a name", param_hint=option)
    return name.strip()


def say(line: str) -> None:
    """Tell the person at the terminal what goes on."""
    click.echo(line, err=True)


def table(rows: Iterable[Mapping[str, object]]) -> Iterable[str]:
    """Turn rows of one shape into lines of tab-separated cells, headings first."""
    for number, row in enumerate(rows):
        if number == 0:
            yield "\t".join(row)
        yield "\t".join(_cell(value) for value in row.values())


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).split())


@final
class Progress:
    """Shows how far a long piece of work has come, at most twice a second: done, of how many, rate, time left."""

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what = what
        self._total = total
        self._start = self._shown = time.monotonic()

    def at(self, done: int) -> None:
        """Say that this many are done."""
        now = time.monotonic()
        if now - self._shown < _STEP_S and done != self._total:
            return
        self._shown = now
        rate = done / max(now - self._start, 1e-6)
        parts = [f"{self._what}: {done:,}" + (f" of {self._total:,}" if self._total else ""), f"{rate:,.0f}/s"]
        if self._total and rate:
            parts.append(f"{(self._total - done) / rate:,.0f} s left")
        end = "\r" if sys.stderr.isatty() and done != self._total else "\n"
        click.echo(", ".join(parts) + end, err=True, nl=False)


@final
class HarvestWatch:
    """Shows how far a harvest has come: records read, then records applied."""

    def __init__(self) -> None:
        self._stage: tuple[object, ...] = ()
        self._progress = Progress("")

    def __call__(self, progress: harvest_steps.Progress) -> None:
        """Take word of a run; each stage of each run counts anew."""
        stage = (progress.run.id, progress.stage)
        if stage != self._stage:
            self._stage, self._progress = stage, Progress(f"  {progress.stage}, records")
        self._progress.at(progress.records)
