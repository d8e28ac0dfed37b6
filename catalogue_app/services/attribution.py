"""Which organ answers for a harvested entry: its source's, or the registered one that the record names as provider."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from catalogue_app.domain.bundle import Carried
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ, normalise_uscc
from catalogue_app.domain.register import heirs
from catalogue_app.domain.source import Source
from catalogue_app.domain.text import fold
from catalogue_app.persistence.unit_of_work import UnitOfWork


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The rule of one source.

    Attributes:
        own: the source's organ.
        by_name: folded name or credit code to organ; empty where records do not decide. A name that two organs bear is
            not in it. An organ that another took over stands for that one.
        by_id: every organ of the register by its id, likewise.
    """

    own: Organ
    by_name: Mapping[str, Organ]
    by_id: Mapping[OrganId, Organ]

    def organ_of(self, metadata: EntryMetadata, carried: Carried | None = None) -> Organ:
        """Return the organ the record names, by credit code or else by name; else the source's own.

        What a trusted deployment decided stands: the organ of that id, or of that name where the id is unknown here.
        """
        if carried is not None and carried.organ_id in self.by_id:
            return self.by_id[carried.organ_id]
        if not self.by_name:
            return self.own
        if carried is not None:
            return self.by_name.get(fold(carried.organ_name), self.own)
        names = (normalise_uscc(metadata.provider_uscc), fold(metadata.provider_name))
        return next((self.by_name[name] for name in names if name in self.by_name), self.own)

    @property
    def organs(self) -> tuple[Organ, ...]:
        """Every organ an entry may go to, in a stable order."""
        return tuple({organ.id: organ for organ in (self.own, *self.by_name.values())}.values())


@final
class KnownRegister:
    """The register as it was last read; read again only once it is another."""

    def __init__(self) -> None:
        self._last: tuple[tuple[int, int], tuple[Organ, ...]] | None = None

    def organs(self, look: UnitOfWork) -> tuple[Organ, ...]:
        """Return every organ as it is now."""
        stamp, last = look.organs.stamp(), self._last
        if last is not None and last[0] == stamp:
            return last[1]
        organs = look.organs.all()
        self._last = stamp, organs
        return organs


def attribution(source: Source, organs: Iterable[Organ]) -> Attribution:
    """Make the rule of a source from its option `organ_by` and the register."""
    register = tuple(organs)
    now, known = heirs(register), {organ.id: organ for organ in register}
    by_id = {organ_id: known[heir] for organ_id, heir in now.items()}
    by_provider = source.options.get("organ_by") == "provider"
    by_name = _by_name(register) if by_provider else {}
    return Attribution(own=by_id[source.organ_id], by_name=by_name, by_id=by_id)


def _by_name(organs: Sequence[Organ]) -> Mapping[str, Organ]:
    bearers: dict[str, dict[str, Organ]] = {}
    by_id, now = {organ.id: organ for organ in organs}, heirs(organs)
    for organ in organs:
        heir = by_id[now[organ.id]]
        names = {fold(name) for name in organ.all_names} | ({organ.uscc} if organ.uscc else set())
        for name in names:
            bearers.setdefault(name, {})[heir.id] = heir
    return {name: next(iter(bearing.values())) for name, bearing in bearers.items() if len(bearing) == 1}
