"""What every API view shares: its audience first, checked parameters, a declared answer and declared problems.

The only file that knows flask-smorest, which has no types of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeVar, final

from flask import Flask, request
from flask_smorest import Api, Blueprint
from marshmallow import Schema
from werkzeug.exceptions import NotAcceptable

from catalogue_app.domain.account import Account, Power
from catalogue_app.domain.metadata import Document
from catalogue_app.domain.visibility import Audience
from catalogue_app.web.bodies import checked, json_body, repeat_key, seen_version, tag_of
from catalogue_app.web.context import audience, require_any, require_token
from catalogue_app.web.language import Language
from catalogue_app.web.paging import address_with
from catalogue_app.web.problems import MEDIA_TYPE
from catalogue_app.web.schemas.entry import LANGUAGE_ONLY
from catalogue_app.web.schemas.parameters import Parameters, Reader
from catalogue_app.web.schemas.problem import ProblemSchema

JSON: Final = "application/json"

_PREFIX: Final = "/api/v1"
_ALWAYS: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.REQUEST_URI_TOO_LONG)
_OF_TOKENS: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_OF_CHANGES: Final = (
    *_OF_TOKENS,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_OF_VERSIONS: Final = (HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED)
_BEARER: Final = "token"  # the name of a scheme of the description
_IF_MATCH: Final = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string"},
    "description": "Entity tag of the version that was read; a change over another one is refused with 412.",
}
_KEY: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 8, "maxLength": 128},
    "description": "The same request with the same key again begins nothing new, but returns what was begun.",
}

_MERGE_PATCH: Final = "application/merge-patch+json"
_OVER_PRESENT: Final = frozenset({"PUT", "PATCH"})
_LANGUAGE: Final = Reader(*LANGUAGE_ONLY)

Asked = TypeVar("Asked")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One change that a program asks for.

    Attributes:
        account: whose token it is.
        body: what was sent, checked against the shape of the endpoint; of a PUT or PATCH as it came.
        version: what the program says it saw; 0 where the endpoint does not ask.
        repeat_key: by which the request may be sent again; empty where there is none.
        language: of the answer.
    """

    account: Account
    audience: Audience
    body: Document
    version: int
    repeat_key: str
    language: Language


@final
class Group:
    """A group of endpoints of the API, registered together."""

    def __init__(self, name: str, description: str) -> None:
        """Begin an empty group; `name` tags its operations in the description of the API."""
        self.blueprint = Blueprint(f"api_v1_{name}", __name__, url_prefix=_PREFIX, description=description)
        self._tag = name
        self.powers: Final = dict[tuple[str, str], Power]()
        """Which power a change needs: (path, method) to it."""

    def get(
        self,
        path: str,
        *,
        asks: tuple[type[Parameters], type[Asked]],
        answers: type[Schema],
        problems: tuple[HTTPStatus, ...] = (),
        powers: frozenset[Power] = frozenset(),
    ) -> Callable[[Callable[..., Document]], Callable[..., Any]]:
        """Make a view answer GET, served exactly as it is documented.

        The view is called as `view(audience, asked, **path_parts)` and returns a JSON object in the shape of `answers`.

        Args:
            path: where it answers, below `/api/v1`.
            asks: schema of the query parameters, and the value class they are read into.
            answers: shape of the answer.
            problems: failures of its own, beside those that every endpoint has.
            powers: one of which who asks must have; none where everybody may ask.
        """
        schema, asked = asks
        reader = Reader(schema, asked)
        failures = (*_ALWAYS, *(_OF_TOKENS if powers else ()), *problems)

        def decorate(view: Callable[..., Document]) -> Callable[..., Any]:
            @wraps(view)
            def answer(**path_parts: str) -> tuple[Document, HTTPStatus, dict[str, str]]:
                _refuse_unacceptable()
                if powers:
                    require_any(powers)
                document = view(audience(), reader.read(request.args), **path_parts)
                return document, HTTPStatus.OK, _links(document) | _version(document)

            described = {"parameters": [{"in": "query", "schema": schema}], "operationId": view.__name__}
            if powers:
                described["security"] = [{_BEARER: []}]
            self.blueprint.route(path, tags=[self._tag])(
                self._documented(answer, answers, HTTPStatus.OK, failures, described)
            )
            return answer

        return decorate

    def change(
        self,
        asked: str,
        *,
        power: Power,
        takes: type[Schema],
        answers: type[Schema],
        makes: bool = False,
        over_version: bool = True,
    ) -> Callable[[Callable[..., Document]], Callable[..., Any]]:
        """Make a view answer a change, for tokens alone: a browser's cookie opens nothing here.

        The view is called as `view(act, **path_parts)` and returns a JSON object in the shape of `answers`.

        Args:
            asked: how, and where it answers below `/api/v1`, such as `POST /proposals`; the body of a PUT or PATCH
                is handed on as it came: it is checked by the view, with what it changes.
            power: what the token must be allowed.
            takes: shape of the body.
            answers: shape of the answer.
            makes: whether something new comes into being, with an address of its own.
            over_version: whether it is made over a version that the program read.
        """
        method, _, path = asked.partition(" ")
        self.powers[_PREFIX + path, method] = power
        status = HTTPStatus.CREATED if makes else HTTPStatus.OK

        def decorate(view: Callable[..., Document]) -> Callable[..., Any]:
            @wraps(view)
            def answer(**path_parts: str) -> tuple[Document, HTTPStatus, dict[str, str]]:
                account = require_token(power)
                _refuse_unacceptable()
                chosen = _LANGUAGE.read(request.args)
                body = json_body(request)
                act = Act(
                    account=account,
                    audience=audience(),
                    body=body if method in _OVER_PRESENT else checked(takes, body),
                    version=seen_version(request) if over_version else 0,
                    repeat_key=repeat_key(request) if makes else "",
                    language=chosen.lang,
                )
                document = view(act, **path_parts)
                return document, status, _location(document, makes=makes) | _version(document)

            headers = [*([_IF_MATCH] if over_version else []), *([_KEY] if makes else [])]
            kind = _MERGE_PATCH if method == "PATCH" else JSON
            described = {
                "parameters": [{"in": "query", "schema": Parameters}, *headers],
                "requestBody": {"content": {kind: {"schema": {"type": "object"} if method == "PATCH" else takes}}},
                "operationId": view.__name__,
                "security": [{_BEARER: []}],
            }
            failures = (*_ALWAYS, *_OF_CHANGES, *(_OF_VERSIONS if over_version else ()))
            documented = self._documented(answer, answers, status, failures, described)
            self.blueprint.route(path, methods=[method], tags=[self._tag])(documented)
            return answer

        return decorate

    def _documented(
        self,
        answer: Callable[..., Any],
        answers: type[Schema],
        status: HTTPStatus,
        failures: tuple[HTTPStatus, ...],
        described: Mapping[str, object],
    ) -> Callable[..., Any]:
        documented = self.blueprint.response(status.value, answers)(answer)
        for failure in failures:
            documented = self.blueprint.alt_response(failure.value, schema=ProblemSchema, content_type=MEDIA_TYPE)(
                documented
            )
        return self.blueprint.doc(**described)(documented)  # type: ignore[no-any-return]  # flask-smorest has no types


@final
class _DescribedApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """An API whose error answers are declared view by view, never by a default."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Leave errors to `web.errors`."""


def register_api(app: Flask, groups: tuple[Group, ...], title: str) -> None:
    """Serve groups of endpoints and their description, OpenAPI 3.1, at `/api/v1/openapi.json`."""
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=_PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = _DescribedApi(app)
    api.spec.components.security_scheme(
        _BEARER, {"type": "http", "scheme": "bearer", "description": "An API token of an account, with its scopes."}
    )
    for group in groups:
        api.register_blueprint(group.blueprint)


def description_of(app: Flask) -> Mapping[str, Any]:
    """Return the OpenAPI description that an application serves."""
    api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    return api.spec.to_dict()  # type: ignore[no-any-return]  # flask-smorest has no types


def _links(document: Document) -> dict[str, str]:
    """Return the header that leads to the next page (RFC 8288), where there is one."""
    cursor = document.get("next")
    return {"Link": f'<{address_with(request, cursor=cursor)}>; rel="next"'} if isinstance(cursor, str) else {}


def _version(document: Document) -> dict[str, str]:
    """Return the entity tag of what has versions."""
    version = document.get("version")
    return {"ETag": tag_of(version)} if isinstance(version, int) else {}


def _location(document: Document, *, makes: bool) -> dict[str, str]:
    links = document.get("links")
    return {"Location": str(links["self"])} if makes and isinstance(links, dict) else {}


def _refuse_unacceptable() -> None:
    accepted = request.accept_mimetypes
    if accepted and not (accepted.quality(JSON) or accepted.quality(MEDIA_TYPE)):
        raise NotAcceptable
