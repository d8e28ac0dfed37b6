"""What every API view shares: its audience first, checked parameters, a declared answer and declared problems.

The only file that knows flask-smorest, which has no types of its own.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeVar, final

from flask import Flask, request
from flask_smorest import Api, Blueprint
from marshmallow import Schema
from werkzeug.exceptions import NotAcceptable

from catalogue_app.domain.metadata import Document
from catalogue_app.web.context import audience
from catalogue_app.web.paging import address_with
from catalogue_app.web.problems import MEDIA_TYPE
from catalogue_app.web.schemas.parameters import Parameters, Reader
from catalogue_app.web.schemas.problem import ProblemSchema

JSON: Final = "application/json"

_PREFIX: Final = "/api/v1"
_ALWAYS: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.REQUEST_URI_TOO_LONG)

Asked = TypeVar("Asked")


@final
class Group:
    """A group of endpoints of the API, registered together."""

    def __init__(self, name: str, description: str) -> None:
        """Begin an empty group; `name` tags its operations in the description of the API."""
        self.blueprint = Blueprint(f"api_v1_{name}", __name__, url_prefix=_PREFIX, description=description)
        self._tag = name

    def get(
        self,
        path: str,
        *,
        asks: tuple[type[Parameters], type[Asked]],
        answers: type[Schema],
        problems: tuple[HTTPStatus, ...] = (),
    ) -> Callable[[Callable[..., Document]], Callable[..., Any]]:
        """Make a view answer GET, served exactly as it is documented.

        The view is called as `view(audience, asked, **path_parts)` and returns a JSON object in the shape of `answers`.

        Args:
            path: where it answers, below `/api/v1`.
            asks: schema of the query parameters, and the value class they are read into.
            answers: shape of the answer.
            problems: failures of its own, beside those that every endpoint has.
        """
        schema, asked = asks
        reader = Reader(schema, asked)

        def decorate(view: Callable[..., Document]) -> Callable[..., Any]:
            @wraps(view)
            def answer(**path_parts: str) -> tuple[Document, HTTPStatus, dict[str, str]]:
                _refuse_unacceptable()
                document = view(audience(), reader.read(request.args), **path_parts)
                return document, HTTPStatus.OK, _links(document)

            documented = self.blueprint.response(HTTPStatus.OK.value, answers)(answer)
            for status in (*_ALWAYS, *problems):
                documented = self.blueprint.alt_response(status.value, schema=ProblemSchema, content_type=MEDIA_TYPE)(
                    documented
                )
            documented = self.blueprint.doc(parameters=[{"in": "query", "schema": schema}], operationId=view.__name__)(
                documented
            )
            self.blueprint.route(path, tags=[self._tag])(documented)
            return documented  # type: ignore[no-any-return]  # flask-smorest has no types

        return decorate


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


def _refuse_unacceptable() -> None:
    accepted = request.accept_mimetypes
    if accepted and not (accepted.quality(JSON) or accepted.quality(MEDIA_TYPE)):
        raise NotAcceptable
