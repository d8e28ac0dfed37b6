"""Reads a page as its readers do: passages with the language they are said to be in, links, head."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "br", "hr", "img", "path", "rect", "wbr"})
SPOKEN = frozenset({"title", "placeholder", "aria-label", "alt", "content", "value"})
"""Attributes with words for people."""

UNREAD = frozenset({"script", "style"})


@dataclass
class Page(HTMLParser):
    """One page, read.

    Attributes:
        passages: (language, text) of every text and spoken attribute, in order.
        links: every href of an `a`.
        head: (element, attributes) of `meta` and `link`.
    """

    passages: list[tuple[str, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    head: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    title: str = ""
    _open: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        language = given.get("lang", self._open[-1][1] if self._open else "")
        is_spoken = tag != "meta" or given.get("name") == "description" or given.get("property") == "og:title"
        self.passages += [
            (language, given[name]) for name in SPOKEN & given.keys() if is_spoken and _has_words(tag, given)
        ]
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag in {"meta", "link"}:
            self.head.append((tag, given))
        if tag not in VOID:
            self._open.append((tag, language))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, language = self._open[-1] if self._open else ("", "")
        if tag == "title":
            self.title = data
        if tag not in UNREAD and data.strip():
            self.passages.append((language, data.strip()))

    def meta(self, name: str) -> str:
        """Return the content of a `meta`, by name or property."""
        found = [
            given for tag, given in self.head if tag == "meta" and name in {given.get("name"), given.get("property")}
        ]
        return found[0]["content"]

    def link(self, rel: str) -> list[dict[str, str]]:
        """Return the `link` elements of a relation."""
        return [given for tag, given in self.head if tag == "link" and given.get("rel") == rel]


def _has_words(tag: str, given: dict[str, str]) -> bool:
    return not (tag == "input" and given.get("type") == "hidden") and tag != "link"


def read_page(html: str) -> Page:
    """Read a page."""
    page = Page()
    page.feed(html)
    return page
