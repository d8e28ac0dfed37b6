"""What a list of entries may be about beside a search: a theme, or a disclosure category (art. 14)."""

from dataclasses import dataclass
from typing import final

from catalogue_app.domain.errors import NotFound
from catalogue_app.domain.selection import EntryFilter
from catalogue_app.domain.vocabulary import DisclosureCategory
from catalogue_app.web.messages import mark, say
from catalogue_app.web.portal import terms, words
from catalogue_app.web.portal.addresses import page


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The subject of a list.

    Attributes:
        wanted: which entries belong to it.
        above: name of the page that lists its like.
        above_address: path of that page.
        filter: name and value of the search filter that means the same.
        feed: address of its Atom feed.
    """

    title: str
    summary: str
    wanted: EntryFilter
    above: str
    above_address: str
    filter: tuple[str, str]
    address: str
    feed: str


def theme_subject(code: str) -> Subject:
    """Return the subject of a theme.

    Raises:
        NotFound: the vocabulary has no such theme.
    """
    name = terms.theme(code)
    if not name:
        raise NotFound(theme=code)
    return Subject(
        title=name,
        summary=say(mark("主题“%(theme)s”下的全部条目，最近变更的在前。"), theme=name),
        wanted=EntryFilter(themes=frozenset({code})),
        above=say(mark("按主题浏览")),
        above_address=page("themes"),
        filter=("theme", code),
        address=page("theme", code=code),
        feed=page("theme_feed", code=code),
    )


def category_subject(code: str) -> Subject:
    """Return the subject of a disclosure category.

    Raises:
        NotFound: the article has no such item.
    """
    if code not in set(DisclosureCategory):
        raise NotFound(category=code)
    category = DisclosureCategory(code)
    return Subject(
        title=f"{words.category_mark(code)} {words.category_short(code)}",
        summary=terms.category(code),
        wanted=EntryFilter(categories=frozenset({category})),
        above=say(mark("九类公开信息")),
        above_address=page("categories"),
        filter=("category", code),
        address=page("category", code=code),
        feed=page("category_feed", code=code),
    )
