"""Links as sources write them: also what is no address at all is taken, and leads nowhere near."""

from urllib.parse import urljoin, urlsplit

import httpx


def named(url: httpx.URL) -> httpx.URL:
    """Return an address whose host can be named; of some, such as `https://xn--/`, that shows only when it is read.

    Raises:
        httpx.InvalidURL: it cannot.
    """
    try:
        url.host  # noqa: B018 — decodes it
    except UnicodeError as fault:
        raise httpx.InvalidURL(str(fault)) from fault
    return url


def joined(page: str, link: str) -> str:
    """Return where a link of a page leads; one that is no address, such as `https://[`, as it is written."""
    try:
        return urljoin(page, link)
    except ValueError:
        return link


def is_near(address: str, source: str) -> bool:
    """Tell whether an address is on the host of a source; files have none, and are near each other."""
    try:
        return urlsplit(address).netloc == urlsplit(source).netloc
    except ValueError:
        return False
