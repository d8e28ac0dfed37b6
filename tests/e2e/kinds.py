"""Every kind of page of the portal, by an example."""

from typing import Final

ENTRY: Final = "/entries/TJ00000001"

KINDS: Final = {
    "home": "/",
    "search": "/search?q=学校",
    "narrowed": "/search?q=学校&organ=edu&sort=title",
    "nothing": "/search?q=量子芯片光刻胶&organ=edu",
    "entry": ENTRY,
    "history": f"{ENTRY}/history",
    "organs": "/organs",
    "organ": "/organs/edu",
    "themes": "/themes",
    "theme": "/themes/T05",
    "categories": "/categories",
    "category": "/categories/f",
    "findings": "/findings",
    "help": "/help",
    "about": "/about",
    "law": "/law",
    "accessibility": "/accessibility",
    "sign in": "/sign-in",
    "forgotten": "/forgotten",
}
"""Name to path in Chinese; the English page has the same path below `/en`."""

FAILURE: Final = "/nowhere"

TONGUES: Final = ("zh", "en")


def address(path: str, tongue: str) -> str:
    """Return the path of a page in a language."""
    return f"/en{path}" if tongue == "en" else path
