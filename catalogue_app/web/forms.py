"""What every form shares: a token against forged requests, values as people typed them, and flaws beside the fields.

The only file that knows Flask-WTF, which has no types of its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, final

from flask import Flask, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from catalogue_app.domain.errors import CatalogueError
from catalogue_app.web.context import language, services
from catalogue_app.web.language import is_api

TOKEN_FIELD: Final = "csrf_token"  # noqa: S105 — the name of a field
Forged = CSRFError
"""A form that this browser was not given, or was given by a session that is over."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing to mend in a form.

    Attributes:
        field: name of the field, which is also its id on the page.
        message: what is wrong.
        mend: what would do.
    """

    field: str
    message: str
    mend: str = ""


@final
class Flaws:
    """Everything to mend in a form, in the order in which it was found."""

    def __init__(self, flaws: Iterable[Flaw] = ()) -> None:
        self._flaws = list(flaws)

    def __bool__(self) -> bool:
        return bool(self._flaws)

    def __len__(self) -> int:
        return len(self._flaws)

    def __iter__(self) -> Iterator[Flaw]:
        return iter(self._flaws)

    def of(self, field: str) -> list[Flaw]:
        """Return what is wrong with one field."""
        return [flaw for flaw in self._flaws if flaw.field == field]


def register_forms(app: Flask) -> None:
    """Refuse forged forms, whichever page they are for; the API takes no cookie where it changes anything."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_FIELD_NAME=TOKEN_FIELD)
    guard = CSRFProtect(app)

    def refuse_forged() -> None:
        if not is_api(request.path):
            guard.protect()

    app.before_request(refuse_forged)
    app.jinja_env.globals["form_token"] = generate_csrf


def flaw_of(error: CatalogueError, field: str) -> Flaw:
    """Put an error into the words of the reader's language, beside a field."""
    message, mend = services().reference.messages.problem(error.code, language().value, **error.parameters)
    return Flaw(field=field, message=message, mend=mend)


def typed(name: str, longest: int = 500) -> str:
    """Return what was typed into a field, without the blanks around it; more than a person types is cut off."""
    return request.form.get(name, "").strip()[:longest]
