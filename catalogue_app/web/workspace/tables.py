"""Whole tables of entries in the workspace: uploaded, looked at, taken as chosen; and the organ's own, to take away."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from flask import redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Account, Power
from catalogue_app.domain.clock import today
from catalogue_app.domain.errors import CatalogueError, NotFound
from catalogue_app.domain.upload import CellFlaw, Rows, Upload, UploadId, UploadState, Verdict
from catalogue_app.services.organ_sheet import COLUMN_OF
from catalogue_app.services.organ_sheet_files import SheetForm
from catalogue_app.services.upload_files import write_returned
from catalogue_app.services.uploads import LARGEST_BYTES, MOST_ROWS
from catalogue_app.web.context import audience, language, require, services
from catalogue_app.web.forms import Flaws, flaw_of, typed
from catalogue_app.web.portal.addresses import page

_SHOWN: Final = 50
_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422
_MEDIA_TYPES: Final[Mapping[str, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_LONGEST_NUMBER: Final = 9


def uploads() -> ResponseReturnValue:
    """List the tables that were uploaded, and take another."""
    account = require(Power.WORK_FOR_ORGAN)
    if request.method == "GET":
        return _list(account, Flaws())
    sent = request.files.get("table")
    body = sent.stream if sent else BytesIO()
    try:
        upload = services().uploads.receive(account, (sent and sent.filename) or "", body, audience())
    except CatalogueError as error:
        return _list(account, Flaws([flaw_of(error, "table")])), _UNPROCESSABLE
    _begin(upload.id)
    return redirect(page("upload", upload_id=str(upload.id)), _SEE_OTHER)


def upload(upload_id: str) -> ResponseReturnValue:
    """Show how an upload stands: its progress, its rows with their errors, and what may be chosen."""
    return _shown(require(Power.WORK_FOR_ORGAN), _read_id(upload_id), Flaws())


def act(upload_id: str, act: str) -> ResponseReturnValue:
    """Take the rows of an upload, give it up, or go on with one that was left."""
    account, key = require(Power.WORK_FOR_ORGAN), _read_id(upload_id)
    acts = {"take": _take, "discard": _discard, "resume": _resume}
    if act not in acts:
        raise NotFound
    try:
        acts[act](account, key)
    except CatalogueError as error:
        if isinstance(error, NotFound):
            raise
        field = "statement" if error.code == "statement_missing" else "rows"
        return _shown(account, key, Flaws([flaw_of(error, field)])), _UNPROCESSABLE
    return redirect(page("upload", upload_id=upload_id), _SEE_OTHER)


def returned(upload_id: str) -> ResponseReturnValue:
    """Give the file back as it came, with a column of errors."""
    found = services().uploads.read(require(Power.WORK_FOR_ORGAN), _read_id(upload_id), audience())
    with TemporaryDirectory(prefix="catalogue-returned-") as folder:
        path = Path(folder) / "returned"
        ending = write_returned(services().uploads, found, services().reference.messages, path)
        stem = found.file_name.rpartition(".")[0] or found.file_name
        return _file(path, f"{stem}-errors.{ending}", ending)


def own_table(form: str) -> ResponseReturnValue:
    """Give the organ's catalogue as the standard workbook or CSV: uploaded again it changes nothing."""
    account = require(Power.WORK_FOR_ORGAN)
    if form not in set(SheetForm) or account.organ_id is None:
        raise NotFound
    with TemporaryDirectory(prefix="catalogue-sheet-") as folder:
        path = Path(folder) / "table"
        services().organ_sheets.write(account.organ_id, audience(), SheetForm(form), path)
        return _file(path, f"{account.organ_id}-{today(services().clock):%Y%m%d}.{form}", form)


def _take(account: Account, key: UploadId) -> None:
    rows = request.form.get("rows", "")
    services().uploads.choose(
        account,
        key,
        audience(),
        rows=Rows(rows) if rows in set(Rows) else Rows.GOOD,
        submits=request.form.get("then") == "submit",
        statement=typed("statement", 1_000),
    )
    _begin(key)


def _discard(account: Account, key: UploadId) -> None:
    services().uploads.discard(account, key, audience())


def _resume(account: Account, key: UploadId) -> None:
    _begin(services().uploads.resume(account, key, audience()).id)


def _begin(key: UploadId) -> None:
    """Go on with an upload here, unless a worker does: then it waits in the queue already."""
    if not services().settings.shares_work:
        services().uploads.begin(key)


def _list(account: Account, flaws: Flaws) -> str:
    return render_template(
        "workspace/uploads.html",
        uploads=services().uploads.latest(account, audience()),
        flaws=flaws,
        largest=LARGEST_BYTES >> 20,
        most=MOST_ROWS,
    )


def _shown(account: Account, key: UploadId, flaws: Flaws) -> str:
    found = services().uploads.read(account, key, audience())
    verdict, after = request.args.get("verdict", ""), _number(request.args.get("after", ""))
    wanted = frozenset({Verdict(verdict)} if verdict in set(Verdict) else ())
    rows = services().uploads.rows(found, wanted, after, _SHOWN)
    return render_template(
        "workspace/upload.html",
        upload=found,
        problem=_problem(found),
        is_cut_off=services().uploads.is_cut_off(found),
        is_kept=services().uploads.is_kept(found),
        verdicts=[(one, found.counts.get(one, 0)) for one in Verdict],
        verdict=verdict if wanted else "",
        rows=rows.rows,
        after=rows.after,
        is_first=after == 0,
        sentence=_sentence,
        may_choose=found.state is UploadState.CHECKED and found.to_take > 0,
        flaws=flaws,
        chosen=request.form,
    )


def _problem(found: Upload) -> tuple[str, str] | None:
    if not found.problem:
        return None
    values = {"value": found.problem_value, "allowed": "", "limit": ""}
    return services().reference.messages.problem(found.problem, language().value, **values)


def _sentence(flaw: CellFlaw) -> tuple[str, str, str]:
    """Return (column, what is wrong, how to mend it) of an error."""
    values = {"value": flaw.value, "entry": flaw.value, "element": flaw.element}
    message, mend = services().reference.messages.problem(flaw.code, language().value, **values)
    return COLUMN_OF.get(flaw.element, flaw.element), message, mend


def _file(path: Path, name: str, ending: str) -> ResponseReturnValue:
    body = BytesIO(path.read_bytes())
    return send_file(body, mimetype=_MEDIA_TYPES[ending], as_attachment=True, download_name=name)


def _read_id(text: str) -> UploadId:
    try:
        return UploadId(UUID(text))
    except ValueError as error:
        raise NotFound("upload_not_found") from error


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else 0
