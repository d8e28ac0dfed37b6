"""What a monitor reads of the whole catalogue, whichever process it asks: counted in the database at that moment."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, final

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from catalogue_app.domain.clock import Clock
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.persistence.vital_signs import VitalSigns
from catalogue_app.services.health import Health, PartState

Samples = Mapping[tuple[str, ...], float]
"""Values of the labels to the value of the figure."""

_log: Final = structlog.get_logger()


@final
class Monitoring(Collector):
    """Figures of the catalogue in the form of Prometheus; every process that is asked gives the same."""

    def __init__(self, uow: UnitsOfWork, health: Health, clock: Clock) -> None:
        self._uow: Final = uow
        self._health: Final = health
        self._clock: Final = clock

    def describe(self) -> Iterable[Metric]:
        """Promise nothing, so that registering asks no database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return the figures; where the database does not answer, only that it does not."""
        parts: Samples = {(name,): float(state is PartState.OK) for name, state in self._health.parts().items()}
        yield _gauges("catalogue_part_up", "Whether a part does its work.", ("part",), parts)
        try:
            now = self._clock()
            with self._uow.reading() as look:
                signs, backlog = look.vital_signs.at(now), look.queue.backlog()
        except Exception as error:  # noqa: BLE001 — whatever the database raises, the monitor is told what is left
            _log.warning("figures_not_read", why=type(error).__name__)
            return
        yield from _figures(signs, now)
        tasks = {lane: waiting.tasks for lane, waiting in backlog.items()}
        ages: Samples = {(lane,): _age(waiting.since, now) for lane, waiting in backlog.items()}
        yield _gauges("catalogue_queue_tasks", "Tasks that wait for a worker.", ("lane",), _keyed(tasks))
        yield _gauges("catalogue_queue_seconds", "Age of the first of them.", ("lane",), ages)


def _figures(signs: VitalSigns, now: datetime) -> Iterable[Metric]:
    entries: Samples = {key: float(number) for key, number in signs.entries.items()}
    waits: Samples = {(): float(signs.sources_due)}
    yield _gauges("catalogue_entries", "Entries of the register.", ("state", "tier"), entries)
    yield _counters("catalogue_harvest_runs", "Harvest runs by state.", "state", signs.runs)
    yield _counters(
        "catalogue_harvest_records",
        "Records of closed runs.",
        "outcome",
        {outcome.value: number for outcome, number in signs.outcomes.items()},
    )
    yield _gauges("catalogue_findings_open", "Findings that are open.", ("kind",), _keyed(signs.findings))
    yield _gauges("catalogue_sources_due", "Sources that wait to be harvested.", (), waits)
    yield _gauges("catalogue_sources_due_seconds", "How long the first waits.", (), {(): _age(signs.due_since, now)})
    yield _gauges("catalogue_outbox_rows", "Changes the index has to confirm.", (), {(): float(signs.outbox_rows)})
    yield _gauges("catalogue_outbox_seconds", "Age of the first of them.", (), {(): _age(signs.outbox_since, now)})
    yield _gauges("catalogue_long_work_running", "Long work that goes on.", ("kind",), _keyed(signs.work))


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0


def _keyed(values: Mapping[str, int]) -> Samples:
    return {(key,): float(value) for key, value in values.items()}


def _gauges(name: str, meaning: str, labels: tuple[str, ...], values: Samples) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), float(value))
    return family


def _counters(name: str, meaning: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=(label,))
    for key, value in values.items():
        family.add_metric([str(key)], float(value))
    return family
