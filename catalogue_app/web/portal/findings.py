"""The findings page: duties not met, at a glance and one by one, in words and with the rule that demands it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar, final

from flask import redirect, render_template, request
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from catalogue_app.domain.finding import Condition, Finding, FindingFilter, FindingKind, FindingState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.selection import EntryFilter
from catalogue_app.domain.text import LocalizedText
from catalogue_app.web.context import audience, language, services
from catalogue_app.web.messages import mark, say, write_day
from catalogue_app.web.portal import terms
from catalogue_app.web.portal.addresses import here, page, with_query
from catalogue_app.web.portal.turns import FIRST, Place, read_place, turns_from
from catalogue_app.web.problems import BadParameters, Flaw

_KNOWN: Final = frozenset({"kind", "organ", "state", "cursor", "before"})
_PAGE_SIZE: Final = 20
_DAYS: Final[Mapping[str, str]] = {
    "changed_on": mark("内容更新"),
    "confirmed_on": mark("机关确认"),
    "stale_from": mark("逾期开始"),
    "missing_since": mark("消失日期"),
    "closed_on": mark("撤销日期"),
    "last_run_on": mark("最近读取"),
}
_HIDDEN: Final = frozenset({"published_entries", "identifier"})
"""Evidence that says nothing to people beside the kind of the finding."""

_DEPARTURES: Final = frozenset(
    {
        FindingKind.MISSING_FIELD,
        FindingKind.PROFILE_VIOLATION,
        FindingKind.CONDITION_MISSING,
        FindingKind.NON_SHARING_WITHOUT_BASIS,
        FindingKind.BASIC_NOT_UNCONDITIONAL,
        FindingKind.PERSONAL_ITEM_OPEN,
    }
)
"""Kinds whose evidence is departures from the profile: its names are elements, whatever other evidence is called."""

Member = TypeVar("Member")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a visitor wants listed: as the address says it, every way on with one thing changed."""

    kinds: tuple[FindingKind, ...] = ()
    organs: tuple[OrganId, ...] = ()
    state: FindingState = FindingState.OPEN
    place: Place = FIRST

    @property
    def filter(self) -> FindingFilter:
        """The restrictions of the list."""
        return FindingFilter(kinds=frozenset(self.kinds), organs=frozenset(self.organs), states=frozenset({self.state}))

    def with_kind(self, kind: FindingKind) -> str:
        """Return the address with a kind switched on or off."""
        return replace(self, kinds=_toggled(self.kinds, kind), place=FIRST).address()

    def with_organ(self, organ_id: OrganId) -> str:
        """Return the address with an organ switched on or off."""
        return replace(self, organs=_toggled(self.organs, organ_id), place=FIRST).address()

    def with_state(self, state: FindingState) -> str:
        """Return the address of the open or the closed ones."""
        return replace(self, state=state, place=FIRST).address()

    def at(self, place: Place) -> str:
        """Return the address of another place in the same list."""
        return replace(self, place=place).address()

    def address(self) -> str:
        """Return the address of this wish."""
        chosen = [*(("kind", kind.value) for kind in self.kinds), *(("organ", organ) for organ in self.organs)]
        state = [("state", self.state.value)] if self.state is not FindingState.OPEN else []
        return with_query(page("findings"), [*chosen, *state, *self.place.parameters])


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One finding as the page tells it.

    Attributes:
        title: of the entry it is about; None where it is about no entry, or one that is not shown.
        evidence: names and values that show why, in words.
    """

    finding: Finding
    organ: Organ
    title: LocalizedText | None
    evidence: tuple[tuple[str, str], ...]


def findings() -> str | Response:
    """Show findings by kind and organ, and list those wanted."""
    if set(request.args) - _KNOWN:
        return redirect(with_query(here(), [pair for pair in request.args.items(multi=True) if pair[0] in _KNOWN]))
    organs = services().catalogue.register()
    wish = read_wish(request.args, organs)
    found = services().flagging.findings(wish.filter, audience(), wish.place.cursor, _PAGE_SIZE)
    return render_template(
        "pages/findings.html",
        wish=wish,
        organs=organs,
        states=tuple(FindingState),
        figures=services().flagging.summary(audience(), FindingFilter(states=frozenset({wish.state}))),
        total=found.total,
        told=list(_tell(found.findings, organs)),
        turns=turns_from(wish.place, found.next_cursor, wish.at),
    )


def read_wish(sent: MultiDict[str, str], organs: Mapping[OrganId, Organ]) -> Wish:
    """Read the wish from an address.

    Raises:
        BadParameters: a kind, organ or state that does not exist.
    """
    wanted = {"kind": set(map(str, FindingKind)), "organ": set(map(str, organs)), "state": set(map(str, FindingState))}
    allowed = {"kind": tuple(FindingKind), "organ": (), "state": tuple(FindingState)}
    flaws = [
        Flaw(parameter=name, code="unknown_value", value=value, allowed=allowed[name])
        for name, known in wanted.items()
        for value in sent.getlist(name)
        if value not in known
    ]
    if flaws:
        raise BadParameters(*flaws)
    return Wish(
        kinds=tuple(dict.fromkeys(map(FindingKind, sent.getlist("kind")))),
        organs=tuple(dict.fromkeys(map(OrganId, sent.getlist("organ")))),
        state=FindingState(sent.get("state", FindingState.OPEN)),
        place=read_place(sent),
    )


def _tell(found: Sequence[Finding], organs: Mapping[OrganId, Organ]) -> Iterator[Told]:
    codes = frozenset(filter(None, (finding.condition.entry_code for finding in found)))
    cards = services().catalogue.entries(EntryFilter(codes=codes), audience(), None, _PAGE_SIZE).cards if codes else ()
    titles = {str(card.entry.code): card.entry.metadata.title for card in cards}
    for finding in found:
        condition = finding.condition
        yield Told(
            finding=finding,
            organ=organs[condition.organ_id],
            title=titles.get(condition.entry_code or ""),
            evidence=tuple(evidence_of(condition)),
        )


def evidence_of(condition: Condition) -> Iterator[tuple[str, str]]:
    """Put why a finding is open into words: pairs of what is meant and what was found."""
    for name, value in condition.evidence:
        if condition.kind in _DEPARTURES:
            yield _departure(name, value)
        elif name in _DAYS:
            yield say(_DAYS[name]), write_day(date.fromisoformat(value))
        elif name == "category":
            yield say(mark("类别")), terms.category(value)
        elif name == "update_cycle":
            yield say(mark("承诺周期")), terms.cycle(value.split(" ")[0])
        elif name not in _HIDDEN and value:
            yield _departure(name, value)


def _departure(element: str, text: str) -> tuple[str, str]:
    code, _, value = text.partition(" ")
    message, _ = services().reference.problem(code, language(), value=value, element=element)
    return (say(mark("原因")) if element == "problem" else terms.element(element)), message


def _toggled(values: tuple[Member, ...], value: Member) -> tuple[Member, ...]:
    others = tuple(each for each in values if each != value)
    return others if value in values else (*values, value)
