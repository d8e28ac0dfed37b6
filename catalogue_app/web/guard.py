"""Pages that are not for everybody: each says which power it needs, and none can be served without saying it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Final, final

from flask import Flask, Response, make_response, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.web.context import may, require

View = Callable[..., ResponseReturnValue]

EXTENSION: Final = "catalogue_inside"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """One page behind the sign-in, or on the way to it.

    Attributes:
        path: where it answers; the English page has the same path below `/en`.
        name: of the page, for addresses.
        view: what answers.
        power: what a visitor must be allowed; None for the few pages on the way in.
        methods: how it may be asked.
        label: Chinese sentence by which the bar of those who signed in leads here; empty for pages not in the bar.
        is_attempt: whether asking by POST may be a guess at a secret, and is limited as one.
        largest_body: bytes that somebody with the power may send; None for as many as any form has.
    """

    path: str
    name: str
    view: View
    power: Power | None
    methods: tuple[str, ...] = ("GET",)
    label: str = ""
    is_attempt: bool = False
    largest_body: int | None = None

    def guarded(self) -> View:
        """Return the view behind its check; nobody keeps what it answers."""
        power, view = self.power, self.view

        @wraps(view)
        def answer(**path_parts: str) -> Response:
            if power is not None:
                require(power)
            response = make_response(view(**path_parts))
            response.headers["Cache-Control"] = "private, no-store"
            return response

        return answer


def remember_pages(app: Flask, pages: tuple[Inside, ...]) -> None:
    """Keep the pages of an application for its bar and for whoever checks them all."""
    app.extensions[EXTENSION] = pages


def register_bodies(app: Flask) -> None:
    """Let those who may hand files in send them; to everybody else a large body is refused before it is read."""

    def widen() -> None:
        pages: tuple[Inside, ...] = app.extensions[EXTENSION]
        name = (request.endpoint or "").partition(".")[2]
        page = next((one for one in pages if one.name == name and one.largest_body is not None), None)
        if page is not None and page.power is not None and may(page.power):
            request.max_content_length = page.largest_body

    app.before_request(widen)


def offered(pages: tuple[Inside, ...]) -> list[Inside]:
    """Return the pages that the bar offers to who asks."""
    return [page for page in pages if page.label and page.power is not None and may(page.power)]
