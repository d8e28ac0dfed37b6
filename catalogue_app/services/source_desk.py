"""The source desk: what people who signed in may look at of sources and their runs, each within their reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

from catalogue_app.domain.account import Account, sees_sources_of
from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.errors import NotFound
from catalogue_app.domain.harvest import HarvestRun
from catalogue_app.domain.ids import OrganId, RunId, SourceId
from catalogue_app.domain.long_work import LongWork
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.source import Source
from catalogue_app.domain.visibility import Audience, may_see
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.harvest_preview import EntryChange
from catalogue_app.services.long_work import LongWorks
from catalogue_app.services.source_views import LATEST_RUNS, SourceState, SourceView, state_of

_URGENCY: Final = (SourceState.HELD, SourceState.FAILING, SourceState.NEW, SourceState.GOOD, SourceState.PAUSED)
"""What needs a person comes first."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceQuestion:
    """Which sources a list shows; everything unless narrowed."""

    state: SourceState | None = None
    organ_id: OrganId | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A source with the organ whose catalogue it is."""

    view: SourceView
    organ: Organ


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceList:
    """A page of sources.

    Attributes:
        total: sources on all pages together.
        states: state to how many sources are in it, whatever the question narrows to.
        organs: those that have sources, in the order of their names.
    """

    lines: tuple[SourceLine, ...]
    total: int
    states: Mapping[SourceState, int]
    organs: tuple[Organ, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as people look at it.

    Attributes:
        progress: how far it has come; none once it has ended, and before it says so.
    """

    run: HarvestRun
    source: Source
    organ: Organ
    progress: LongWork | None


@final
class SourceDesk:
    """Reads of people with the power to look at sources: those of organs see their own, all others every one.

    Nobody sees a source that has anything above their reach; see `persistence.source_reach`.
    """

    def __init__(self, uow: UnitsOfWork, works: LongWorks) -> None:
        self._uow: Final = uow
        self._works: Final = works

    def list(
        self, account: Account, audience: Audience, wanted: SourceQuestion, *, start: int, limit: int
    ) -> SourceList:
        """Return a page of the sources an account may look at: first what needs a person, then by organ."""
        with self._uow.reading() as look:
            register = {organ.id: organ for organ in look.organs.all()}
            hidden = look.source_reach.hidden(audience)
            seen = [it for it in look.sources.all() if it.id not in hidden]
            own = [it for it in seen if sees_sources_of(account, it.organ_id, register)]
            last = look.runs.last_states()
            states = {source.id: state_of(source, last.get(source.id)) for source in own}
            found = [it for it in own if _is_wanted(wanted, it, states[it.id])]
            found.sort(key=lambda it: (_URGENCY.index(states[it.id]), register[it.organ_id].name.original, it.id))
            lines = tuple(
                SourceLine(view=_view(look, source), organ=register[source.organ_id])
                for source in found[start : start + limit]
            )
        held = list(states.values())
        organs = {source.organ_id: register[source.organ_id] for source in own}
        return SourceList(
            lines=lines,
            total=len(found),
            states={state: held.count(state) for state in _URGENCY if state in held},
            organs=tuple(sorted(organs.values(), key=lambda organ: organ.name.original)),
        )

    def source(self, account: Account, audience: Audience, source_id: SourceId) -> SourceLine:
        """Return one source with its last runs.

        Raises:
            NotFound: no such source, or none that the account may look at: the same answer.
        """
        with self._uow.reading() as look:
            source = look.sources.by_id(source_id)
            return SourceLine(view=_view(look, source), organ=_organ_seen(look, account, audience, source))

    def run(self, account: Account, audience: Audience, run_id: RunId) -> RunView:
        """Return one run, and how far it has come.

        Raises:
            NotFound: no such run, or none of a source that the account may look at.
        """
        with self._uow.reading() as look:
            run = look.runs.by_id(run_id)
            source = look.sources.by_id(run.source_id)
            organ = _organ_seen(look, account, audience, source)
        progress = self._works.of_harvest(run) if run.finished_at is None else None
        return RunView(run=run, source=source, organ=organ, progress=progress)


def may_see_change(change: EntryChange, source: Source, audience: Audience) -> bool:
    """Say whether an audience may know what a run would do to an entry: whether it may see the entry it leads to."""
    state = EntryState.SUBMITTED if source.needs_review else EntryState.PUBLISHED
    return may_see(audience, tier=change.tier, state=state, organ=change.organ_id)


def _view(look: UnitOfWork, source: Source) -> SourceView:
    return SourceView(source=source, runs=look.runs.latest(source.id, LATEST_RUNS))


def _organ_seen(look: UnitOfWork, account: Account, audience: Audience, source: Source) -> Organ:
    register = {organ.id: organ for organ in look.organs.all()}
    if not sees_sources_of(account, source.organ_id, register) or look.source_reach.is_hidden(source.id, audience):
        raise NotFound("source_not_found", source=str(source.id))
    return register[source.organ_id]


def _is_wanted(wanted: SourceQuestion, source: Source, state: SourceState) -> bool:
    return wanted.state in {None, state} and wanted.organ_id in {None, source.organ_id}
