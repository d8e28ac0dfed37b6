"""The two languages of pages and answers, and which one a request asks for."""

from enum import StrEnum, unique
from typing import Final

from flask import Request

_ENGLISH: Final = "/en"
_API: Final = "/api/"


@unique
class Language(StrEnum):
    """A language the catalogue answers in."""

    ZH = "zh"
    """Chinese, at `/`; the default."""
    EN = "en"
    """English, below `/en/`."""

    @property
    def tag(self) -> str:
        """BCP 47 tag for `lang` and `hreflang`."""
        return "zh-Hans" if self is Language.ZH else "en"

    @property
    def prefix(self) -> str:
        """What stands before the paths of this language's pages."""
        return _ENGLISH if self is Language.EN else ""


def language_of(request: Request) -> Language:
    """Read the language of a request: pages say it by their path, the API by its parameter `lang`."""
    if is_api(request.path):
        return Language.EN if request.args.get("lang") == Language.EN else Language.ZH
    inside = request.path == _ENGLISH or request.path.startswith(f"{_ENGLISH}/")
    return Language.EN if inside else Language.ZH


def is_api(path: str) -> bool:
    """Say whether a path belongs to the API: answers there are JSON, also in failure."""
    return path.startswith(_API)


def in_language(path: str, language: Language) -> str:
    """Return the path of the same page in the language asked for."""
    bare = path.removeprefix(_ENGLISH) if path == _ENGLISH or path.startswith(f"{_ENGLISH}/") else path
    return f"{language.prefix}{bare or '/'}"
