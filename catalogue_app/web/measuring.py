"""Counts and times every answer for the monitor, by the pattern of its route."""

from time import perf_counter
from typing import Final

from flask import Flask, Response, request

from catalogue_app.metrics import Instruments

_BEGAN: Final = "catalogue.began"
_NO_ROUTE: Final = "none"
"""Where no route answers: paths that somebody made up are not counted one by one."""


def register_measuring(app: Flask, instruments: Instruments) -> None:
    """Measure all answers of an application."""

    def begin() -> None:
        request.environ[_BEGAN] = perf_counter()

    def finish(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else _NO_ROUTE
        began = request.environ.get(_BEGAN, perf_counter())
        instruments.answered(request.method, route, response.status_code, perf_counter() - began)
        return response

    app.before_request(begin)
    app.after_request(finish)
