"""Sources: an operator says where an organ's catalogue is pulled from."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, final
from urllib.parse import SplitResult, urlsplit

import httpx

from catalogue_app.domain.address import without_secrets
from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock, today
from catalogue_app.domain.errors import Conflict, InvalidInput
from catalogue_app.domain.ids import OrganId, SourceId, new_id
from catalogue_app.domain.register import demand_open
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.domain.task import harvest_task
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.source_secrets import drop_where_moved
from catalogue_app.services.source_views import LATEST_RUNS, SourceView
from catalogue_app.services.timetable import Timetable, check_schedule
from harvesters.links import named
from harvesters.registry import check_offered, check_options


@final
class Sources:
    """Use cases of operators around sources."""

    def __init__(self, uow: UnitsOfWork, tier_ceiling: Tier, timetable: Timetable, clock: Clock) -> None:
        self._uow: Final = uow
        self._clock: Final = clock
        self._timetable: Final = timetable
        self._tier_ceiling: Final = tier_ceiling

    def add(
        self,
        organ_id: OrganId,
        kind: SourceKind,
        address: str,
        options: Mapping[str, str],
        *,
        actor: str,
        is_enabled: bool = True,
    ) -> Source:
        """Register a source; from then on the schedule harvests it. Audited as `source_added`.

        One with a `schedule` waits for its first time; any other is due at once. One that is not enabled waits until
        it is resumed.

        Raises:
            NotFound: no such organ.
            Conflict: the organ is no more.
            InvalidInput: the address or an option is not as its kind wants it.
        """
        source = replace(self.consider(organ_id, kind, address, options), is_enabled=is_enabled)
        with self._uow() as work:
            demand_open(work.organs.by_id(organ_id), today(self._clock))
            work.sources.add(source)
            if source.due_at is None and is_enabled:
                work.queue.put(harvest_task(source.id, None))
            work.record(AuditEvent(actor=actor, action="source_added", subject=f"source:{source.id}", after=kind))
            work.commit()
        return source

    def consider(self, organ_id: OrganId, kind: SourceKind, address: str, options: Mapping[str, str]) -> Source:
        """Return what would be registered, so that a person can try before saving; nothing is stored.

        Raises:
            NotFound: no such organ.
            InvalidInput: the address or an option is not as its kind wants it.
        """
        with self._uow.reading() as look:
            demand_open(look.organs.by_id(organ_id), today(self._clock))
        source = Source(
            id=SourceId(new_id()), organ_id=organ_id, kind=kind, address=_address(address), options=dict(options)
        )
        check_offered(kind)
        self._check(source)
        return source if source.schedule is None else self._planned(source)

    def by_id(self, source_id: SourceId) -> Source:
        """Return one source.

        Raises:
            NotFound: no source has this id.
        """
        with self._uow.reading() as look:
            return look.sources.by_id(source_id)

    def change(
        self,
        source_id: SourceId,
        options: Mapping[str, str],
        *,
        actor: str,
        address: str | None = None,
        seen: str | None = None,
    ) -> Source:
        """Set options of a source, or its address; a new plan holds from now on. Audited as `source_changed`.

        A secret that was given for another host is forgotten, and that is audited too.

        Args:
            source_id: the source.
            options: name to value; an empty value takes the option away.
            actor: who asked.
            address: where it is pulled from now on.
            seen: stamp of the settings that they changed; None where they saw none.

        Raises:
            NotFound: no such source.
            Conflict: its settings are not those they saw any more; nothing was overwritten.
            InvalidInput: the address or an option is not as its kind wants it.
        """
        with self._uow() as work:
            before = work.sources.hold(source_id)
            if seen is not None and seen != before.stamp:
                raise Conflict("source_changed_meanwhile")
            kept = {name: value for name, value in {**before.options, **options}.items() if value}
            after = replace(before, options=kept, address=before.address if address is None else _address(address))
            self._check(after)
            if (after.schedule, after.every_hours) != (before.schedule, before.every_hours) and before.due_at:
                after = self._planned(replace(after, planned_at=None))
            work.sources.replace(after)
            work.record(_changed(actor, "source_changed", before, after))
            if drop_where_moved(work, before, after):
                work.record(AuditEvent(actor=actor, action="source_secret_dropped", subject=f"source:{source_id}"))
            work.commit()
        return after

    def pause(self, source_id: SourceId, *, actor: str) -> Source:
        """Take a source out of the schedule; runs that somebody asks for go on. Audited as `source_paused`.

        Raises:
            NotFound: no such source.
        """
        return self._enable(source_id, actor, "source_paused", is_enabled=False)

    def resume(self, source_id: SourceId, *, actor: str) -> Source:
        """Put a source back into the schedule; one whose time has passed is due at once. Audited as `source_resumed`.

        Raises:
            NotFound: no such source.
        """
        return self._enable(source_id, actor, "source_resumed", is_enabled=True)

    def ask(self, source_id: SourceId, *, actor: str) -> Source:
        """Let a source be harvested as soon as a place is free, paused or not. Audited as `harvest_asked`.

        Raises:
            NotFound: no such source.
            InvalidInput: its options are not as its kind wants them, so that no run could begin.
            Conflict: it is being harvested, or somebody asked before.
        """
        with self._uow() as work:
            source = work.sources.by_id(source_id)
            self._check(source)
            if source.asked_by is not None or work.runs.running(source_id):
                raise Conflict("harvest_running", source=str(source_id))
            asked = replace(source, asked_by=actor)
            work.sources.replace(asked)
            work.queue.put(harvest_task(source_id, work.runs.last_sizes().get(source_id)))
            work.record(AuditEvent(actor=actor, action="harvest_asked", subject=f"source:{source_id}"))
            work.commit()
        return asked

    def view(self, source_id: SourceId, limit: int = LATEST_RUNS) -> SourceView:
        """Return a source with its last runs, for operators and organs.

        Raises:
            NotFound: no such source.
        """
        with self._uow.reading() as look:
            source = look.sources.by_id(source_id)
            return SourceView(source=source, runs=look.runs.latest(source_id, limit))

    def all(self) -> tuple[Source, ...]:
        """Return every source, in the order of registration."""
        with self._uow.reading() as look:
            return look.sources.all()

    def due(self) -> tuple[Source, ...]:
        """Return the enabled sources whose time has come, those that wait longest first."""
        with self._uow.reading() as look:
            return look.sources.due(self._clock())

    def find(self, organ_id: OrganId, address: str) -> Source | None:
        """Return the organ's source at this address, if it has one."""
        wanted = _address(address)
        return next((it for it in self.all() if it.organ_id == organ_id and it.address == wanted), None)

    def _check(self, source: Source) -> None:
        check_options(source.kind, source.options)
        if source.schedule is not None:
            check_schedule(source.schedule)
        # A default refuses no source: what is open may be held, and every record above the ceiling is rejected.
        if "tier" in source.options and source.tier.level > self._tier_ceiling.level:
            raise InvalidInput("tier_above_ceiling", value=source.tier, allowed=self._tier_ceiling)

    def _planned(self, source: Source) -> Source:
        planned_at = self._timetable.next_planned(source, self._clock())
        return replace(source, planned_at=planned_at, due_at=planned_at)

    def _enable(self, source_id: SourceId, actor: str, action: str, *, is_enabled: bool) -> Source:
        with self._uow() as work:
            before = work.sources.by_id(source_id)
            after = replace(before, is_enabled=is_enabled)
            work.sources.replace(after)
            work.record(_changed(actor, action, before, after))
            work.commit()
        return after


def _changed(actor: str, action: str, before: Source, after: Source) -> AuditEvent:
    old, new = _settings(before), _settings(after)
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return AuditEvent(
        actor=actor,
        action=action,
        subject=f"source:{after.id}",
        before=" ".join(f"{name}={old.get(name, '')}" for name in names),
        after=" ".join(f"{name}={new.get(name, '')}" for name in names),
    )


def _settings(source: Source) -> Mapping[str, str]:
    return {**source.options, "address": without_secrets(source.address), "enabled": str(source.is_enabled).lower()}


def _address(text: str) -> str:
    """Check an address: http(s), or a path on this machine, which is made absolute."""
    text = text.strip()
    if "://" in text:
        parts = _split(text)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidInput("address_not_http", value=without_secrets(text))
        if parts.username is not None or parts.password is not None:
            raise InvalidInput("credentials_in_address", value=parts.hostname)
        try:
            named(httpx.URL(text))
        except httpx.InvalidURL as error:
            raise InvalidInput("invalid_address") from error
        return text
    if not text.strip() or "\0" in text:
        raise InvalidInput("no_file_there", value=without_secrets(text))
    path = Path(text).expanduser().resolve()
    if not path.exists():
        raise InvalidInput("no_file_there", value=without_secrets(text) if "@" in text else str(path))
    return str(path)


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError as error:
        raise InvalidInput("address_not_http", value=without_secrets(text)) from error
