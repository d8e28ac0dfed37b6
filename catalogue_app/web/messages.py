"""Words of the pages: gettext catalogues, dates and numbers as each language writes them; the one use of Flask-Babel.

Pages are written in Chinese, and the Chinese sentence is the key of its translation: what a template says is what a
visitor reads. `translations/en` holds the English of every one of them; it is read once, when the application starts.
"""

import functools
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, cast

import flask_babel
from babel.core import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask

from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.web.context import language
from catalogue_app.web.language import Language

_LOCALES: Final = {Language.ZH: "zh_CN", Language.EN: "en_GB"}
_DAYS: Final = {Language.ZH: "y年M月d日", Language.EN: "d MMMM y"}
_MINUTES: Final = {Language.ZH: "y年M月d日 HH:mm", Language.EN: "d MMMM y, HH:mm"}

Word = Callable[[str], str]


def register_messages(app: Flask) -> None:
    """Give an application its languages; templates then have `_` and `ngettext`."""
    _Catalogues(app, locale_selector=lambda: _locale(language()), default_timezone=CITY_ZONE.key)


@functools.cache
def _locale(spoken: Language) -> Locale:
    """Return the locale of a language, read once: for a name alone, every request would look through all locales."""
    return Locale.parse(_LOCALES[spoken])


def say(sentence: str, **values: object) -> str:
    """Return a Chinese sentence in the language of the answer, its `%(name)s` filled in."""
    return cast("str", flask_babel.gettext(sentence, **values))


def mark(sentence: str) -> str:
    """Mark a sentence of a constant for translation; `say` translates it when it is needed."""
    return sentence


def write_day(day: date | datetime) -> str:
    """Write a day of the city, such as 2026年3月5日 or 5 March 2026."""
    local = day.astimezone(CITY_ZONE).date() if isinstance(day, datetime) else day
    return cast("str", flask_babel.format_date(local, _DAYS[language()]))


def write_minute(instant: datetime) -> str:
    """Write an instant by the city's clock, to the minute."""
    return cast("str", flask_babel.format_datetime(instant, _MINUTES[language()]))


def write_number(number: int) -> str:
    """Write a count with its thousands set apart."""
    return cast("str", flask_babel.format_decimal(number))


def write_share(share: float) -> str:
    """Write a share, 0 to 1, in whole percent; only the whole itself is called 100 %."""
    return f"{min(round(share * 100), 99) if share < 1 else 100}%"


class _Catalogues(flask_babel.Babel):  # type: ignore[misc]  # the library has no types
    """Flask-Babel with catalogues kept in memory, made from their source on the spot: no compiled file to forget."""

    def init_app(self, app: Flask, *args: Any, **options: Any) -> None:
        """Read the catalogues and set the library up."""
        self._domain = _Sentences(Path(app.root_path) / "translations")
        super().init_app(app, *args, **options)

    @property
    def domain_instance(self) -> "_Sentences":
        """Return the one set of catalogues, for every request."""
        return self._domain


class _Sentences(flask_babel.Domain):  # type: ignore[misc]  # the library has no types
    """The catalogues: Chinese is what the pages are written in, English is a table."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._english = _read_catalogue(folder / "en" / "LC_MESSAGES" / "messages.po")
        self._chinese = NullTranslations()

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the answer's language."""
        return self._english if language() is Language.EN else self._chinese


def _read_catalogue(path: Path) -> Translations:
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale="en"))
    compiled.seek(0)
    return Translations(compiled)
