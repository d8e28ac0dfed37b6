"""The audit page finds its lines by indexes, on whichever database: a log of years is never read through."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from catalogue_app.container import Container
from catalogue_app.domain.audit import AuditFilter
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.base import make_engine
from tests.builders import NOW, an_event
from tests.living import open_catalogue

Sent = list[tuple[str, Any]]

BY_ACTOR = "ix_audit_event_actor_position"
BY_TIME = "ix_audit_event_recorded_at"
BY_SUBJECT = "ix_audit_event_subject"


@contextmanager
def recorded(sent: Sent) -> Iterator[None]:
    """Write down every statement on the log."""

    def listen(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if "FROM audit_event" in statement:
            sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


@pytest.fixture
def place(tmp_path: Path) -> Container:
    container = open_catalogue(tmp_path)
    with container.uow() as work:
        work.record(an_event())
        work.commit()
    return container


@pytest.fixture
def plan_of(place: Container) -> Callable[[AuditFilter, Audience], str]:
    """Return what tells how the database carries out the page that is asked for."""

    def explain(wanted: AuditFilter, audience: Audience) -> str:
        sent: Sent = []
        with recorded(sent):
            place.audit.page(wanted, audience, None, 50)
        ((statement, parameters),) = sent
        engine = make_engine(place.settings.database_url)
        is_embedded = engine.dialect.name == "sqlite"
        with engine.connect() as connection:
            if not is_embedded:  # so small a log is read through, if it may be
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            said = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if is_embedded else ''}{statement}", parameters)
            plan = "\n".join(str(row[-1]) for row in said)
        engine.dispose()
        return plan

    return explain


@pytest.mark.parametrize("tier", [Tier.PORTAL, Tier.EXTRANET], ids=str)
@pytest.mark.parametrize(
    ("wanted", "indexes"),
    [
        (AuditFilter(actor="tester"), {BY_ACTOR}),
        (AuditFilter(since=NOW, until=NOW + timedelta(days=1)), {BY_TIME}),
        (AuditFilter(subject="nothing:1", since=NOW, until=NOW + timedelta(days=1)), {BY_TIME, BY_SUBJECT}),
    ],
    ids=["actor", "time", "subject and time"],
)
def test_lines_are_found_by_an_index(
    plan_of: Callable[[AuditFilter, Audience], str], wanted: AuditFilter, indexes: set[str], tier: Tier
) -> None:
    plan = plan_of(wanted, Audience(tier=tier, supervises=True))
    assert any(index in plan for index in indexes), plan
