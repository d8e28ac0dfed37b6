"""The indexes of one catalogue in a cluster: which is searched, which is being built, which was searched before.

Each has a name of its own, `PREFIX-vSCHEMA-ANALYSER-STAMP`. Two aliases say which is which: PREFIX is searched and
written to, PREFIX-building is written to as well. An alias has at most one write index, so the cluster itself keeps two
builders apart; who builds writes a sign of life into its index, and after ten minutes without one counts as dead.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, final

from elasticsearch import ApiError, Elasticsearch

from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.ids import new_id
from indexing.elastic.connection import reason, told
from indexing.elastic.mapping import VERSION, Json, mappings, settings

_DEAD_AFTER: Final = timedelta(minutes=10)
_DEADLINE_S: Final = 60.0
_QUICK_S: Final = 5.0
_BEAT_S: Final = 30.0
"""Seconds between two signs of life."""
_ALIVE: Final = "alive_at"
_RETIRED: Final = "retired_at"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One index of this catalogue.

    Attributes:
        fingerprint: of the schema and the analyser it was built by.
        is_current: it is searched.
        is_building: it is being built.
        is_retired: it was searched before.
        at: when it was retired, or gave its last sign of life; None where it never did either.
    """

    name: str
    fingerprint: str
    is_current: bool
    is_building: bool
    is_retired: bool
    at: datetime | None

    @property
    def is_readable(self) -> bool:
        """Whether it has the fields of today."""
        return self.fingerprint.startswith(f"v{VERSION}-")


@final
class Indexes:
    """The indexes whose names begin with one prefix."""

    def __init__(self, client: Elasticsearch, prefix: str, clock: Clock) -> None:
        # Longer than the cluster needs to find a new master, without which no index is made, named or listed.
        self._client = client.options(request_timeout=_DEADLINE_S, retry_on_timeout=True)
        self._quick = client.options(request_timeout=_QUICK_S, retry_on_status=())
        self._prefix = prefix
        self._clock = clock
        self._name = re.compile(rf"{re.escape(prefix)}-(v\d+-[0-9a-f]{{16}})-[0-9a-f]{{32}}")
        self._beaten_at = 0.0

    def all(self) -> list[Known]:
        """Return every index, oldest first; waits while the cluster is between two masters."""
        return self._listed(self._client, "30s")

    def current(self) -> Known | None:
        """Return the index that is searched, or fail soon: who searches does not wait for a master.

        Raises:
            SearchUnavailable: nobody can say at the moment.
        """
        return next((it for it in self._listed(self._quick, "1s") if it.is_current), None)

    def _listed(self, client: Elasticsearch, master_timeout: str) -> list[Known]:
        with told():
            found = client.indices.get(
                index=f"{self._prefix}-v*",
                features=["aliases", "mappings"],
                filter_path="*.aliases,*.mappings._meta",
                master_timeout=master_timeout,
            )
        known = [self._known(name, said) for name, said in found.body.items()]
        return sorted((it for it in known if it is not None), key=lambda it: it.name[-32:])

    def _known(self, name: str, said: dict[str, dict[str, dict[str, str]]]) -> Known | None:
        if (match := self._name.fullmatch(name)) is None:
            return None
        aliases, meta = said.get("aliases", {}), said.get("mappings", {}).get("_meta", {})
        at = meta.get(_RETIRED) or meta.get(_ALIVE)
        return Known(
            name=name,
            fingerprint=match[1],
            is_current=self._prefix in aliases,
            is_building=self._building in aliases,
            is_retired=_RETIRED in meta,
            at=datetime.fromisoformat(at) if at else None,
        )

    @property
    def _building(self) -> str:
        return f"{self._prefix}-building"

    def create(self, fingerprint: str, *, is_first: bool = False) -> str:
        """Make an empty index, to be built, or to be searched at once where there is none; returns its name.

        Raises:
            Conflict: somebody else builds, or was faster.
        """
        name = f"{self._prefix}-v{VERSION}-{fingerprint}-{new_id().hex}"
        alias = self._prefix if is_first else self._building
        with told(), _one_builder():
            self._client.indices.create(
                index=name,
                aliases={alias: {"is_write_index": True}},
                mappings=mappings() | {"_meta": {_ALIVE: self._clock().isoformat()}},
                settings=settings() | ({"refresh_interval": None} if is_first else {}),
            )
        self._beaten_at = time.monotonic()
        return name

    def take_up(self, name: str) -> None:
        """Mark an index that is there as being built.

        Raises:
            Conflict: somebody else builds.
        """
        with told(), _one_builder():
            self._client.indices.put_alias(index=name, name=self._building, is_write_index=True)
        self._mark(name, _ALIVE)

    def leave(self, name: str) -> None:
        """Mark an index as no longer being built."""
        with told():
            self._client.indices.update_aliases(
                actions=[{"remove": {"index": name, "alias": self._building, "must_exist": False}}]
            )
            self._mark(name, _RETIRED)

    def show(self, name: str) -> None:
        """Let searches see all that was written to an index until now."""
        with told():
            self._client.indices.refresh(index=name, ignore_unavailable=True)

    def beat(self, name: str) -> None:
        """Give a sign of life, where the last one is some time ago."""
        if time.monotonic() - self._beaten_at >= _BEAT_S:
            self._mark(name, _ALIVE)

    def _mark(self, name: str, key: str) -> None:
        with told():
            self._client.indices.put_mapping(index=name, meta={key: self._clock().isoformat()})
        self._beaten_at = time.monotonic()

    def swap(self, name: str) -> None:
        """Make an index the one that is searched, in one step; all but the one before are removed."""
        with told():
            self._client.indices.put_settings(index=name, settings={"index": {"refresh_interval": None}})
        self.show(name)
        before = [it.name for it in self.all() if it.is_current and it.name != name]
        for old in before:
            self._mark(old, _RETIRED)
        away: list[Json] = [{"remove": {"index": old, "alias": self._prefix}} for old in before]
        here: list[Json] = [
            {"remove": {"index": name, "alias": self._building}},
            {"add": {"index": name, "alias": self._prefix, "is_write_index": True}},
        ]
        with told():
            self._client.indices.update_aliases(actions=[*away, *here])
        self._mark(name, _ALIVE)
        self.remove([it for it in self.all() if it.name not in {name, *before} and not it.is_building])

    def remove(self, indexes: list[Known]) -> None:
        """Delete indexes; those that are gone already do no harm."""
        for one in indexes:
            with told():
                self._client.indices.delete(index=one.name, ignore_unavailable=True)

    def is_dead(self, build: Known) -> bool:
        """Say whether whoever builds an index has given no sign of life for too long."""
        return build.at is None or self._clock() - build.at > _DEAD_AFTER


@contextmanager
def _one_builder() -> Iterator[None]:
    """Tell the refusal of a second write index as what it means.

    Raises:
        Conflict: somebody else builds, or made the first index.
    """
    try:
        yield
    except ApiError as error:
        if reason(error.body) in {"illegal_state_exception", "resource_already_exists_exception"}:
            raise Conflict("index_being_built") from error
        raise
