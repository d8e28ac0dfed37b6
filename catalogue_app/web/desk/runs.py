"""One run: how far it has come, what it did, everything that went wrong with how to mend it; stop it, take it back."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.domain.errors import CatalogueError, InvalidInput, NotFound
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import RunId
from catalogue_app.messages import Messages
from catalogue_app.services.harvest_report import RunReport
from catalogue_app.services.report_files import ReportForm, csv_lines, write_workbook
from catalogue_app.services.returned_workbook import write_returned_workbook
from catalogue_app.services.run_reports import ReportPage, WrittenReport
from catalogue_app.services.source_desk import RunView
from catalogue_app.web.context import audience, language, require, services
from catalogue_app.web.forms import Flaw, Flaws, flaw_of
from catalogue_app.web.portal.addresses import page, with_query
from catalogue_app.web.portal.turns import Turns
from catalogue_app.web.problems import BadParameters
from catalogue_app.web.problems import Flaw as Fault

_RECORDS: Final = 50
"""Records with problems on one page."""

_WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILES: Final[dict[str, Callable[[WrittenReport, Messages, Path], None]]] = {
    ReportForm.XLSX: write_workbook,
    ReportForm.WORKBOOK: write_returned_workbook,
}


def run(run_id: str) -> ResponseReturnValue:
    """Show one run, its figures and its problems."""
    return _run_page(seen_run(run_id), Flaws())


def report(run_id: str, form: str) -> ResponseReturnValue:
    """Give everything that went wrong in a run as a file."""
    view = seen_run(run_id)
    written = services().run_reports.find(view.run.id, audience())
    messages = services().reference.messages
    if form == ReportForm.CSV:
        return _attached(Response(csv_lines(written, messages), content_type="text/csv; charset=utf-8"), "csv")
    if form not in _FILES:
        raise NotFound
    with TemporaryDirectory(prefix="catalogue-report-") as folder:
        path = Path(folder) / "report.xlsx"
        _FILES[form](written, messages, path)
        return _attached(Response(path.read_bytes(), content_type=_WORKBOOK), "xlsx")


def cancel(run_id: str) -> ResponseReturnValue:
    """Ask a run to stop before its next step."""
    account, view = require(Power.RUN_SOURCES), seen_run(run_id)
    try:
        services().harvesting.cancel(view.run.id, actor=account.actor)
    except CatalogueError as error:
        return _run_page(view, Flaws([flaw_of(error, "live")]))
    return redirect(page("run", run_id=run_id, done="cancel"), HTTPStatus.SEE_OTHER)


def undo(run_id: str) -> ResponseReturnValue:
    """Ask whether a run shall be taken back, and begin that."""
    account, view, flaws = require(Power.KEEP_SOURCES), seen_run(run_id), Flaws()
    if request.method == "POST":
        try:
            undoing = services().harvesting.begin_undo(view.run.id, actor=account.actor)
        except CatalogueError as error:
            flaws = Flaws([flaw_of(error, "undo")])
        else:
            return redirect(page("run", run_id=str(undoing.id), done="undo"), HTTPStatus.SEE_OTHER)
    answer = render_template("desk/undo.html", view=view, run=view.run, flaws=flaws)
    return answer, HTTPStatus.UNPROCESSABLE_ENTITY if flaws else HTTPStatus.OK


def seen_run(run_id: str) -> RunView:
    """Return the run of an address, if who asks may look at its source.

    Raises:
        NotFound: there is none, or it is not theirs to look at.
    """
    account = require(Power.WATCH_SOURCES)
    try:
        return services().source_desk.run(account, audience(), RunId(UUID(run_id)))
    except ValueError as error:
        raise NotFound("run_not_found", run=run_id[:80]) from error


def _run_page(view: RunView, flaws: Flaws) -> ResponseReturnValue:
    words, after = services().reference.problem, _read_after()
    written, dropped = _report(view)
    found = written.page(after, _RECORDS) if written else ReportPage(rows=(), following=None)
    has_workbook = view.source.kind.value == "sheet" and written is not None and written.has_workbook()
    following = with_query(page("run", run_id=str(view.run.id)), [("after", str(found.following))]) + "#problems"
    answer = render_template(
        "desk/run.html",
        view=view,
        run=view.run,
        tallies=RunReport(run=view.run, problems=()).tallies(),
        is_running=view.run.state is RunState.RUNNING,
        found=found,
        dropped=dropped,
        has_workbook=has_workbook,
        may_return_workbook=has_workbook and written is not None and written.may_return_workbook(),
        is_first=after == 0,
        turns=Turns(previous=None, next=following if found.following else None),
        said=lambda one: words(one.code, language().value, value=one.value, element=one.element),
        person=services().accounts.people(),
        done=request.args.get("done", ""),
        flaws=flaws,
    )
    return answer, HTTPStatus.CONFLICT if flaws else HTTPStatus.OK


def _report(view: RunView) -> tuple[WrittenReport | None, Flaw | None]:
    """Return the report of a run; none and why, where its details were let go of with time."""
    try:
        return services().run_reports.find(view.run.id, audience()), None
    except InvalidInput as error:
        return None, flaw_of(error, "problems")


def _read_after() -> int:
    text = request.args.get("after", "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004 — no run has so many records
        raise BadParameters(Fault(parameter="after", code="invalid_cursor", value=text))
    return int(text)


def _attached(answer: Response, ending: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="harvest-report.{ending}"'
    return answer
