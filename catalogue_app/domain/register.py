"""The register of organs as a whole: who stands below whom, who took whose place, and what is wrong with one organ."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, final

from catalogue_app.domain.errors import Conflict, InvalidInput
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ, is_valid_uscc

Register = Mapping[OrganId, Organ]

_LONGEST_NAME: Final = 200
_LONGEST_CONTACT: Final = 500
_MOST_ALIASES: Final = 50


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with an organ.

    Attributes:
        field: of `Organ`, or a part of it, as forms and tables call it.
        code: what is wrong; words belong to translations.
        value: what was said there.
    """

    field: str
    code: str
    value: str = ""


def heirs(organs: Iterable[Organ]) -> Mapping[OrganId, OrganId]:
    """Return who answers today for the duties of each organ: itself, or the last of those that succeeded it."""
    following = {organ.id: organ.successor for organ in organs}
    return {organ_id: _last(organ_id, following) for organ_id in following}


def _last(organ_id: OrganId, following: Mapping[OrganId, OrganId | None]) -> OrganId:
    passed = {organ_id}
    while (successor := following.get(organ_id)) is not None and successor not in passed:
        organ_id = successor
        passed.add(organ_id)
    return organ_id


def below(organ_id: OrganId, organs: Iterable[Organ]) -> AbstractSet[OrganId]:
    """Return an organ and all that stand below it, however deep; one that another took over counts as that one."""
    inside = {organ_id}
    children: dict[OrganId, list[OrganId]] = {}
    for organ in organs:
        above = organ.parent if organ.successor is None else organ.successor
        if above is not None:
            children.setdefault(above, []).append(organ.id)
    waiting = [organ_id]
    while waiting:
        new = [child for child in children.get(waiting.pop(), ()) if child not in inside]
        inside.update(new)
        waiting += new
    return inside


def faults(organ: Organ, register: Register, *, divisions: AbstractSet[str], today: date) -> Iterator[Fault]:
    """Yield everything that is wrong with an organ as it shall stand.

    Args:
        organ: as it shall stand.
        register: all organs; the organ itself may be among them, as it stands so far.
        divisions: codes of places that there are.
        today: the present day.
    """
    yield from _faults_of_names(organ)
    if organ.district_code and organ.district_code not in divisions:
        yield Fault(field="district_code", code="organ_place_unknown", value=organ.district_code)
    yield from _faults_of_code(organ, register)
    yield from _faults_of_parent(organ, register, today)
    if organ.valid_from and organ.valid_to and organ.valid_to < organ.valid_from:
        yield Fault(field="valid_to", code="organ_ends_before_it_begins", value=organ.valid_to.isoformat())


def _faults_of_names(organ: Organ) -> Iterator[Fault]:
    texts = organ.name.to_mapping()
    if not texts.get("zh"):
        yield Fault(field="zh", code="organ_name_missing")
    said = (("zh", texts.get("zh", "")), ("en", texts.get("en", "")), ("short_name", organ.short_name))
    for field, text in said:
        if len(text) > _LONGEST_NAME:
            yield Fault(field=field, code="organ_text_too_long", value=str(_LONGEST_NAME))
    if len(organ.aliases) > _MOST_ALIASES or any(len(alias) > _LONGEST_NAME for alias in organ.aliases):
        yield Fault(field="aliases", code="organ_aliases_too_many", value=str(_MOST_ALIASES))
    if len(organ.contact) > _LONGEST_CONTACT:
        yield Fault(field="contact", code="organ_text_too_long", value=str(_LONGEST_CONTACT))


def _faults_of_code(organ: Organ, register: Register) -> Iterator[Fault]:
    if not organ.uscc:
        return
    if not is_valid_uscc(organ.uscc):
        yield Fault(field="uscc", code="organ_code_wrong", value=organ.uscc)
    elif any(other.uscc == organ.uscc for other in register.values() if other.id not in {organ.id, organ.successor}):
        yield Fault(field="uscc", code="organ_code_taken", value=organ.uscc)


def _faults_of_parent(organ: Organ, register: Register, today: date) -> Iterator[Fault]:
    if organ.parent is None:
        return
    parent = register.get(organ.parent)
    if organ.parent in below(organ.id, [*(it for it in register.values() if it.id != organ.id), organ]):
        yield Fault(field="parent", code="organ_parent_below", value=organ.parent)
    elif parent is None:
        yield Fault(field="parent", code="organ_parent_unknown", value=organ.parent)
    elif parent.is_closed(today) and not organ.is_closed(today):
        yield Fault(field="parent", code="organ_parent_closed", value=organ.parent)


def demand_open(organ: Organ, today: date) -> None:
    """See to it that something new may be given to an organ.

    Raises:
        Conflict: it is no more.
    """
    if organ.is_closed(today):
        raise Conflict("organ_closed", organ=organ.id, successor=organ.successor or "–")


def succeeded(old: Organ, new: Organ, register: Register, *, on: date, today: date) -> tuple[Organ, ...]:
    """Return every organ that a succession changes, as it shall stand.

    The old one is closed and names its successor; the new one answers to its names and credit code too; what stood
    below the old one stands below the new one. A successor that stood below the old one takes its place first.

    Args:
        old: is taken over.
        new: takes it over.
        register: all organs.
        on: day from which the old one is no more.
        today: the present day.

    Raises:
        InvalidInput: both are the same, or the day is before the old one began or in the future.
        Conflict: either is closed already, or the new one came from the old one.
    """
    if old.id == new.id:
        raise InvalidInput("organ_succeeds_itself", organ=old.id)
    if old.successor is not None:
        raise Conflict("organ_succeeded_before", organ=old.id, successor=old.successor)
    demand_open(new, today)
    if on > today:
        raise InvalidInput("organ_succession_ahead", day=on.isoformat())
    if old.valid_from is not None and on < old.valid_from:
        raise InvalidInput("organ_ends_before_it_begins", value=on.isoformat())
    names = (name for name in old.all_names if name not in new.all_names)
    codes = (code for code in (old.uscc, *old.former_usccs) if code and code not in {new.uscc, *new.former_usccs})
    is_inside = new.id in below(old.id, register.values())
    heir = replace(
        new,
        aliases=(*new.aliases, *names),
        former_usccs=(*new.former_usccs, *codes),
        parent=old.parent if is_inside else new.parent,
    )
    closed = replace(old, valid_to=on, successor=new.id)
    children = (organ for organ in register.values() if organ.parent == old.id and organ.id != new.id)
    return (closed, heir, *(replace(child, parent=new.id) for child in children))
