"""A table of organs at the desk: uploaded, tried with every wrong cell named, and taken only on a second word."""

from http import HTTPStatus
from typing import Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.domain.errors import ConfigurationError, Conflict, InvalidInput
from catalogue_app.services.organ_tables import CellFault
from catalogue_app.services.organs import Trial
from catalogue_app.web.administration.shared_work import ask_for_rebuild
from catalogue_app.web.context import language, require, services
from catalogue_app.web.forms import Flaw, Flaws, flaw_of
from catalogue_app.web.portal.addresses import page

LARGEST_BYTES: Final = 400_000
"""Of a table: some thousand organs; it travels with the page that asks whether to take it."""
_FILE: Final = "organs.csv"
_SHOWN: Final = 200
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
"""What spreadsheet programs here save CSV as."""


def upload() -> ResponseReturnValue:
    """Try a table, or take one that was tried."""
    keeper = require(Power.KEEP_ORGANS)
    if request.method == "GET":
        return _page(Flaws())
    text = request.form.get("text", "")
    try:
        if request.form.get("then") == "take":
            services().organs.take_table(text, _FILE, stamp=request.form.get("stamp", ""), actor=keeper.actor)
            ask_for_rebuild()
            return redirect(page("register_of_organs", done="taken"), HTTPStatus.SEE_OTHER)
        text = _sent()
        return _page(Flaws(), services().organs.try_table(text, _FILE), text)
    except (InvalidInput, Conflict) as error:
        return _page(Flaws([flaw_of(error, "table")])), HTTPStatus.UNPROCESSABLE_ENTITY
    except ConfigurationError:
        return _page(Flaws([flaw_of(InvalidInput("organ_table_wrong"), "table")])), HTTPStatus.UNPROCESSABLE_ENTITY


def _sent() -> str:
    """Return the text of the file that came.

    Raises:
        InvalidInput: there is none, it is too large, or it is no text.
    """
    sent = request.files.get("table")
    body = sent.stream.read(LARGEST_BYTES + 1) if sent else b""
    if not body or len(body) > LARGEST_BYTES:
        raise InvalidInput("organ_table_wrong")
    for encoding in _ENCODINGS:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("organ_table_wrong")


def _page(flaws: Flaws, trial: Trial | None = None, text: str = "") -> str:
    return render_template(
        "administration/organ_upload.html",
        flaws=flaws,
        trial=trial,
        wrong=[(cell, _words(cell)) for cell in trial.table.faults[:_SHOWN]] if trial else [],
        text=text,
        largest=LARGEST_BYTES // 1_000,
    )


def _words(cell: CellFault) -> Flaw:
    message, mend = services().reference.messages.problem(cell.fault.code, language().value, value=cell.fault.value)
    return Flaw(field=cell.column, message=message, mend=mend)
