"""Values for tests, complete by themselves: name what the test is about, the rest is ordinary."""

from datetime import UTC, date, datetime, timedelta

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.calendar import WorkingCalendar
from catalogue_app.domain.conclusion import ConclusionRules, WithdrawalReason
from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.harvest import HarvestRun, RunState
from catalogue_app.domain.ids import EntryId, OrganId, RunId, SourceId, catalogue_code, new_id
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.schedule import HarvestRules
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import OrganKind, Tier
from catalogue_app.persistence.withdrawals import Withdrawal

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


class TickingClock:
    """A clock that moves a step on whenever it is read."""

    def __init__(self, start: datetime = NOW) -> None:
        self.now = start
        self.step = timedelta(seconds=1)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def an_organ(organ_id: str = "edu", name: str = "天津市教育委员会", **rest: object) -> Organ:
    return Organ(id=OrganId(organ_id), name=LocalizedText.of(name), **{"kind": OrganKind.DEPARTMENT, **rest})  # type: ignore[arg-type]  # fields of Organ


def a_source(organ_id: str = "edu", **rest: object) -> Source:
    fields = {
        "id": SourceId(new_id()),
        "organ_id": OrganId(organ_id),
        "kind": SourceKind.DATA_JSON,
        "address": "https://example.org/data.json",
    }
    return Source(**{**fields, **rest})  # type: ignore[arg-type]  # fields of Source


def a_metadata(title: str = "幼儿园名录", **rest: object) -> EntryMetadata:
    return EntryMetadata(title=LocalizedText.of(title), **{"updated_on": date(2026, 5, 1), **rest})  # type: ignore[arg-type]  # fields of EntryMetadata


def an_entry(serial: int = 1, title: str = "幼儿园名录", **rest: object) -> Entry:
    fields = {
        "id": EntryId(new_id()),
        "serial": serial,
        "code": catalogue_code("TJ", serial),
        "organ_id": OrganId("edu"),
        "source_id": None,
        "identifier": f"e-{serial}",
        "state": EntryState.PUBLISHED,
        "tier": Tier.PORTAL,
        "revision": 1,
        "metadata": a_metadata(title),
        "violations": (),
        "created_at": NOW,
        "changed_at": NOW,
    }
    return Entry(**{**fields, **rest})  # type: ignore[arg-type]  # fields of Entry


def a_run(source: Source, **rest: object) -> HarvestRun:
    fields = {
        "id": RunId(new_id()),
        "source_id": source.id,
        "state": RunState.RUNNING,
        "started_at": NOW,
        "outcomes": {},
    }
    return HarvestRun(**{**fields, **rest})  # type: ignore[arg-type]  # fields of HarvestRun


def harvest_rules(**rest: object) -> HarvestRules:
    fields = {
        "first_retry": timedelta(minutes=5),
        "longest_retry": timedelta(days=1),
        "start_spread": timedelta(minutes=10),
        "full_read": timedelta(days=7),
        "kept_runs": 10,
        "kept_days": 7,
        "kept_changes_days": 730,
        "kept_upload_days": 90,
    }
    return HarvestRules(**{**fields, **rest})  # type: ignore[arg-type]  # fields of HarvestRules


def an_event(action: str = "source_changed") -> AuditEvent:
    return AuditEvent(actor="tester", action=action, subject="test:1")


def a_withdrawal(at: datetime = NOW) -> Withdrawal:
    return Withdrawal(reason=WithdrawalReason.DECIDED, at=at, by="tester")


def a_calendar() -> WorkingCalendar:
    """Weeks without a holiday."""
    return WorkingCalendar(years=frozenset({2025, 2026, 2027}), rest_days=frozenset(), make_up_days=frozenset())


RULES = ConclusionRules(absence_runs=3, absence_grace=10, hold_days=10, calendar=a_calendar())


def no_violations(*_: object) -> tuple[()]:
    """A profile check that finds nothing."""
    return ()
