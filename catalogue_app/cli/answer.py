"""What a command says: answers on standard output, as text or one JSON document; progress on standard error."""

import sys
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Final, final

import click
import orjson

from catalogue_app.domain.ids import WorkId
from catalogue_app.domain.long_work import LongWork, WorkState

json_option = click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document on standard output.")
"""Every command that answers has it."""

_STEP_S: Final = 0.5
"""Seconds between two progress lines of one piece of work on a terminal."""

_SPARSE_S: Final = 15.0
"""Seconds between two of them in a file or journal."""

_WIDTH: Final = 78
"""Characters of a line on a terminal that the next one writes over."""


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
class WorkWatch:
    """Shows how far long work has come: done, of how many, rate, time left.

    In place on a terminal, now and then in a file. The first word is due a while after a stage began, so that quick
    work says nothing.
    """

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._due_at: Final[dict[tuple[WorkId, str], float]] = {}
        self._told: Final[set[WorkId]] = set()
        self._is_terminal: Final = sys.stderr.isatty()

    def __call__(self, work: LongWork) -> None:
        """Take word of a step, or of the end."""
        with self._lock:
            if work.state is WorkState.RUNNING:
                self._step(work)
            elif work.id in self._told:
                self._told.discard(work.id)
                click.echo(self._line(work), err=True)

    def _step(self, work: LongWork) -> None:
        now, step_s = time.monotonic(), _STEP_S if self._is_terminal else _SPARSE_S
        if now < self._due_at.setdefault((work.id, work.stage), now + step_s):
            return
        self._due_at[work.id, work.stage] = now + step_s
        self._told.add(work.id)
        click.echo(self._line(work), err=True, nl=not self._is_terminal)

    def _line(self, work: LongWork) -> str:
        line = _progress_line(work)
        return f"\r{line:<{_WIDTH}}" if self._is_terminal else line


def _progress_line(work: LongWork) -> str:
    name = ", ".join(filter(None, (work.kind.value.replace("_", " "), work.stage)))
    parts = [f"  {name}: {work.done:,}" + (f" of {work.total:,}" if work.total else ""), f"{work.rate:,.0f}/s"]
    if work.left_s is not None:
        parts.append(f"{work.left_s:,.0f} s left")
    if work.state is not WorkState.RUNNING:
        parts.append(work.state.value)
    return ", ".join(parts)
