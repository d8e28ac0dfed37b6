"""Turning pages of lists whose cursors only lead forward: the address remembers the way back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from werkzeug.datastructures import MultiDict

from catalogue_app.web.problems import BadParameters, Flaw

_LONGEST_CURSOR: Final = 500
_MOST_TURNS: Final = 20

Parameters = list[tuple[str, str]]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a list.

    Attributes:
        cursor: asks for the page; None for the first.
        before: cursors of the pages turned over so far, oldest first; the first page has none and is not among them.
    """

    cursor: str | None = None
    before: tuple[str, ...] = ()

    @property
    def parameters(self) -> Parameters:
        """Names and values as they stand in an address."""
        cursor = [("cursor", self.cursor)] if self.cursor else []
        return [*cursor, *(("before", each) for each in self.before)]

    def turned_to(self, cursor: str) -> "Place":
        """Return the next page; it remembers the way back, up to some pages."""
        way = (*self.before, self.cursor) if self.cursor else self.before
        return Place(cursor=cursor, before=way[-_MOST_TURNS:])

    def turned_back(self) -> "Place | None":
        """Return the page before; None on the first, which is also where a forgotten way ends."""
        if self.cursor is None:
            return None
        return Place(cursor=self.before[-1], before=self.before[:-1]) if self.before else FIRST


FIRST: Final = Place()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Addresses of the neighbouring pages; None where there is none."""

    previous: str | None
    next: str | None


def turns_from(place: Place, next_cursor: str | None, address: Callable[[Place], str]) -> Turns:
    """Return the addresses around a place.

    Args:
        place: the page shown.
        next_cursor: asks for the next page; None on the last.
        address: writes the address of a place.
    """
    back = place.turned_back()
    return Turns(
        previous=address(back) if back else None,
        next=address(place.turned_to(next_cursor)) if next_cursor else None,
    )


def read_place(sent: MultiDict[str, str]) -> Place:
    """Read the place in a list from an address.

    Raises:
        BadParameters: a cursor is longer than any of ours.
    """
    cursors = [sent.get("cursor", ""), *sent.getlist("before")]
    if any(len(cursor) > _LONGEST_CURSOR for cursor in cursors):
        raise BadParameters(Flaw(parameter="cursor", code="too_long"))
    before = tuple(filter(None, cursors[1:]))[-_MOST_TURNS:]
    return Place(cursor=cursors[0] or None, before=before)
