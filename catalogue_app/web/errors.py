"""Turn every error into one answer: a problem document for programs, a page for people, and never a bare 500.

Pages come from the template `error.html`, which is given `problem` (see `web.problems`).
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import orjson
import structlog
from flask import Flask, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug import Response as WerkzeugResponse
from werkzeug.exceptions import HTTPException

from catalogue_app.domain.errors import CatalogueError, NotSignedIn
from catalogue_app.web.account.returning import PARAMETER, is_ours
from catalogue_app.web.context import language, services
from catalogue_app.web.forms import Forged
from catalogue_app.web.language import is_api, language_of
from catalogue_app.web.portal.addresses import absolute, with_query
from catalogue_app.web.problems import MEDIA_TYPE, Problem, problem_of, problem_of_change, problem_of_status

_RETRY_AFTER_S: Final = "30"
_FORMS: Final = ("text/html", MEDIA_TYPE, "application/json")
_SESSION_OVER: Final = "session_over"
"""A form that was sent by somebody who is not signed in any more."""

_log: Final = structlog.get_logger()


def register_errors(app: Flask) -> None:
    """Answer all errors of an application here."""

    def refused(error: HTTPException) -> ResponseReturnValue:
        """Answer what the web floor itself refuses; a path with a slash too many is sent on to its page."""
        status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
        if status < HTTPStatus.BAD_REQUEST:
            return error.get_response()
        if status is HTTPStatus.NOT_FOUND and (page := _without_slash(app)):
            return redirect(page, HTTPStatus.PERMANENT_REDIRECT)
        problem = problem_of_status(status)
        answer = answer_problem(replace(problem, code="form_expired") if isinstance(error, Forged) else problem)
        answer.headers.extend([pair for pair in error.get_headers() if pair[0] == "Allow"])
        return answer

    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, failed)


def failed(error: Exception) -> WerkzeugResponse:
    """Answer an error that a view raised; what is our fault is logged with its trace."""
    if isinstance(error, NotSignedIn) and not is_api(request.path):
        if request.method == "GET":
            return redirect(_way_in(_here()), HTTPStatus.SEE_OTHER)
        return answer_problem(Problem(status=HTTPStatus.UNAUTHORIZED, code=_SESSION_OVER))
    our_fault = problem_of_status(HTTPStatus.INTERNAL_SERVER_ERROR)
    problem = _problem_of(error) if isinstance(error, CatalogueError) else our_fault
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request_failed", path=request.path, status=problem.status.value, exc_info=error)
    return answer_problem(problem)


def _problem_of(error: CatalogueError) -> Problem:
    if is_api(request.path) and request.method not in {"GET", "HEAD", "OPTIONS"}:
        return problem_of_change(error, services().reference.messages)
    return problem_of(error)


def answer_problem(problem: Problem) -> Response:
    """Write a problem in the form its reader understands: JSON below `/api/` and for who asks for nothing else."""
    if is_api(request.path) or request.accept_mimetypes.best_match(_FORMS, _FORMS[0]) != _FORMS[0]:
        answer = Response(orjson.dumps(problem.document(language())), content_type=MEDIA_TYPE)
    else:
        answer = Response(_page(problem), content_type="text/html; charset=utf-8")
    answer.status_code = problem.status.value
    answer.vary.add("Accept")
    answer.headers["Cache-Control"] = "no-store"
    if problem.status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if problem.status is HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = _RETRY_AFTER_S
    return answer


def _here() -> str:
    return request.full_path.rstrip("?")


def _way_in(onward: str) -> str:
    """Return the address of the sign-in page that leads on to a page of ours, where one is named."""
    return with_query(f"{language_of(request).prefix}/sign-in", [(PARAMETER, onward)] if onward else [])


def _form_sent() -> str:
    """Return the address of the page whose form was sent; empty where it is none of ours.

    A form is sent to its own address where that is a page too; else the page is the one that the browser names.
    """
    try:
        sender = urlsplit(request.referrer or "")
    except ValueError:  # no address at all
        sender = urlsplit("")
    is_here = sender.netloc in {request.host, urlsplit(absolute("/")).netloc}
    named = with_query(sender.path, parse_qsl(sender.query)) if is_here else ""
    own = _here() if request.url_rule and "GET" in (request.url_rule.methods or ()) else ""
    return next(filter(is_ours, (own, named)), "")


def _page(problem: Problem) -> str:
    try:
        way_in = _way_in(_form_sent()) if problem.code == _SESSION_OVER else ""
        return render_template("error.html", problem=problem, way_in=way_in)
    except Exception as error:  # noqa: BLE001 — the page about a failure must not fail; plain words are left
        _log.error("error_page_failed", exc_info=error)
        title = f"{problem.status.value} {problem.status.phrase}"
        tag, words = language().tag, problem.words(language())
        head = f'<!doctype html><html lang="{tag}"><meta charset="utf-8"><title>{title}</title>'
        return f"{head}<h1>{title}</h1><p>{words}</p>"


def _without_slash(app: Flask) -> str | None:
    """Return the address without its last slash where a page lives there."""
    bare = request.path.rstrip("/")
    adapter = app.create_url_adapter(request)
    if not bare or bare == request.path or bare.startswith("//") or adapter is None or not adapter.test(bare, "GET"):
        return None
    query = request.query_string.decode("latin-1")
    return f"{bare}?{query}" if query else bare
