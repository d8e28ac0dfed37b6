"""What a run would do, shown before anybody starts one; nothing is written."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.domain.errors import CatalogueError
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import Source
from catalogue_app.services.harvest_preview import EntryChange, Preview
from catalogue_app.services.harvest_report import RunReport
from catalogue_app.services.source_desk import may_see_change
from catalogue_app.web.context import audience, language, require, services
from catalogue_app.web.desk.source_form import flaw_of_source
from catalogue_app.web.desk.sources import seen_source
from catalogue_app.web.forms import Flaws

MOST_RECORDS: Final = 5_000
"""Records that a preview in a browser reads: somebody waits for it."""

_MOST_SECONDS: Final = 30
_SHOWN: Final = 100
"""Changes, and problems, that are shown; the figures are those of all."""


def preview(source_id: str) -> ResponseReturnValue:
    """Ask whether a source shall be read, then show what a run would do with what it gives."""
    require(Power.RUN_SOURCES)
    line, flaws = seen_source(source_id), Flaws()
    if request.method == "POST":
        try:
            with services().harvesting.preview(_bounded(line.view.source)) as found:
                return _shown(line.view.source, found)
        except CatalogueError as error:
            flaws = Flaws([flaw_of_source(error)])
    return render_template("desk/preview.html", source=line.view.source, found=None, flaws=flaws)


def _shown(source: Source, found: Preview) -> str:
    changes, hidden = visible(found.changes(), source)
    words = services().reference.problem
    problems = list(islice(found.problems(), _SHOWN))
    return render_template(
        "desk/preview.html",
        source=source,
        found=found,
        is_cut=found.run.problem is not None and found.run.problem.code == "too_many_records",
        most=MOST_RECORDS,
        has_failed=found.run.state is RunState.ABORTED,
        tallies={name: count for name, count in RunReport(run=found.run, problems=()).tallies().items() if count},
        changes=changes[:_SHOWN],
        hidden=hidden,
        left_out=max(len(changes) - _SHOWN, 0),
        problems=problems,
        said=lambda one: words(one.code, language().value, value=one.value, element=one.element),
        flaws=Flaws(),
    )


def visible(changes: Iterable[EntryChange], source: Source) -> tuple[list[EntryChange], int]:
    """Part changes into those that who asks may know of, and the number of the others."""
    seen, hidden = list[EntryChange](), 0
    for change in changes:
        if may_see_change(change, source, audience()):
            seen.append(change)
        else:
            hidden += 1
    return seen, hidden


def _bounded(source: Source) -> Source:
    """Let a source be read so far as somebody waits for it."""
    limits = {"max_records": MOST_RECORDS, "max_seconds": _MOST_SECONDS}
    bounds = {name: str(source.limit(name, most)) for name, most in limits.items()}
    return replace(source, options={**source.options, **bounds})
