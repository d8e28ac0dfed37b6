"""The page on which a web server lists a folder: its files and folders, whichever server wrote it.

Apache and nginx write relative links, IIS writes absolute paths, all of them a link upwards, and Apache links that
sort. Every link below the folder itself counts; nothing else is followed.
"""

from dataclasses import dataclass
from typing import Final, final
from urllib.parse import unquote

import httpx

from catalogue_app.domain.errors import SourceError
from harvesters.links import named
from harvesters.markup import html, looks_like_page, page_title
from harvesters.port import Payload

LINK_LIMIT: Final = 100_000
"""Links of one page."""

_ENDINGS: Final = (".xml", ".xml.gz")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a page lists.

    Attributes:
        address: of the page, after redirects.
        title: of the page, for people.
        files: addresses of files that ought to hold records, in name order.
        folders: addresses of folders in it, in name order.
    """

    address: str
    title: str
    files: tuple[str, ...]
    folders: tuple[str, ...]


def read_listing(payload: Payload, base: str) -> Listing:
    """Read a page that lists a folder.

    Args:
        payload: the page.
        base: address of the source's own folder; links that lead out of it are left.

    Raises:
        SourceError: no web page.
    """
    if not looks_like_page(payload):
        raise SourceError("not_a_page", address=payload.address)
    here = httpx.URL(payload.address)
    files, folders = set[str](), set[str]()
    for number, link in enumerate(html(payload).iter("a")):
        if number >= LINK_LIMIT:
            break
        there = _joined(here, str(link.get("href") or ""))
        if there is None or there.query or not is_within(base, str(there)) or str(there) == str(here):
            continue
        if there.path.endswith("/"):
            folders.add(str(there))
        elif there.path.lower().endswith(_ENDINGS):
            files.add(str(there))
    return Listing(
        address=str(here), title=page_title(payload), files=tuple(sorted(files)), folders=tuple(sorted(folders))
    )


def is_within(base: str, address: str, *, same_folder: bool = True) -> bool:
    """Tell whether an address is on the same server, and in the folder of the base or below it.

    Args:
        base: address of the folder or of its page.
        address: where a link leads.
        same_folder: False asks for the same server only.
    """
    one, other = httpx.URL(base), httpx.URL(address)
    if (one.scheme, one.host, one.port) != (other.scheme, other.host, other.port):
        return False
    if ".." in other.path.split("/"):  # written with escapes, or it would be resolved by now
        return False
    return not same_folder or other.path.startswith(_folder(one))


def name_in(base: str, address: str) -> str:
    """Return the path of an address inside the folder of the base, as people read it."""
    return unquote(httpx.URL(address).path).removeprefix(unquote(_folder(httpx.URL(base)))) or address


def _folder(url: httpx.URL) -> str:
    return url.path[: url.path.rfind("/") + 1]


def _joined(here: httpx.URL, link: str) -> httpx.URL | None:
    try:
        there = named(here.join(link.strip()).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError):
        return None
    return there if link.strip() and there.scheme in {"http", "https"} and not there.userinfo else None
