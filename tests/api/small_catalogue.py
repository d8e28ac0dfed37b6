"""A small living catalogue for tests of the API: thirty public entries, and some that the portal must not know."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from catalogue_app.container import Container
from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.metadata import Distribution, EntryMetadata, Item, UnreadValue
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import DisclosureCategory, OpenType, SharingType, Tier, UpdateCycle
from catalogue_app.web.app import create_app
from tests.builders import NOW, a_metadata, a_withdrawal, an_entry, an_event
from tests.living import open_catalogue

INNER = "涉密车辆轨迹明细"
"""Title of an entry of the extranet: no byte of it may reach the portal."""

ABOVE, TAKEN_BACK_ABOVE, NOBODY = "TJ00000031", "TJ00000035", "TJ99999999"
"""Codes of an entry of the extranet, of one withdrawn there, and of none."""


def kept_entries() -> list[Entry]:
    """Return thirty published entries of two organs, one of each state, and two of the extranet."""
    entries = [_ordinary(serial) for serial in range(1, 31)]
    hidden = an_entry(31, metadata=a_metadata(INNER, themes=("T13",), disclosure_categories=(DisclosureCategory.G,)))
    entries.append(replace(hidden, tier=Tier.EXTRANET, organ_id=OrganId("police")))
    entries.append(an_entry(32, INNER + "二", tier=Tier.EXTRANET))
    entries.append(an_entry(33, "尚未发布的条目", state=EntryState.SUBMITTED))
    entries.append(an_entry(34, "已经撤销的条目"))
    entries.append(an_entry(35, INNER + "三", tier=Tier.EXTRANET))
    return entries


def _ordinary(serial: int) -> Entry:
    title = LocalizedText((("zh", f"天津市第{serial}幼儿园名录"), ("en", f"Kindergartens, list {serial}")))
    said = EntryMetadata(
        title=title,
        abstract=LocalizedText.of("收录全市幼儿园的名称、地址和联系电话，供公众查询。"),
        themes=("T05", "T03")[: 1 + serial % 2],
        disclosure_categories=(DisclosureCategory.F,),
        update_cycle=UpdateCycle.MONTHLY if serial % 3 else UpdateCycle.YEARLY,
        updated_on=date(2026, 11, 1) if serial % 4 else date(2024, 1, 1),
        issued_on=date(2023, 5, 6),
        format_types=("csv",) if serial % 2 else ("xlsx", "json"),
        sharing_type=SharingType.UNCONDITIONAL,
        open_type=OpenType.OPEN if serial % 5 else OpenType.CONDITIONAL,
        items=(Item(name="机构名称", data_type="C", length="200"), Item(name="所属区", sensitive=False)),
        distributions=(Distribution(url="javascript:alert(1)", format="csv", size_bytes=12),),
        unread=(UnreadValue(element="issued_on", value="去年", code="not_a_date"),) if serial == 1 else (),
        spatial=("120000",),
    )
    violations = (Violation(element="licence", code="missing", flag="missing_field", rule="R22"),)
    return an_entry(
        serial,
        metadata=said,
        organ_id=OrganId("edu" if serial % 2 else "civil"),
        violations=violations if serial == 1 else (),
        changed_at=NOW - timedelta(hours=serial),
    )


def fill(container: Container) -> None:
    """Store the entries, withdraw two, revise one, index everything, evaluate findings."""
    entries = kept_entries()
    with container.uow() as work:
        for entry in entries:
            work.entries.save(entry, "harvest")
        revised = replace(entries[0], revision=2, metadata=replace(entries[0].metadata, licence="CC-BY-4.0"))
        work.entries.save(revised, "harvest")
        work.withdrawals.withdraw([entries[33].id], a_withdrawal(NOW))
        work.withdrawals.withdraw([entries[34].id], a_withdrawal(NOW))
        work.record(an_event())
        work.commit()
    container.index_feed.drain()
    container.flagging.evaluate()


def application(data_dir: Path, tier: Tier) -> Flask:
    app = create_app(open_catalogue(data_dir, web_tier=tier.value))
    app.testing = True
    return app


def read(client: FlaskClient, path: str, **query: object) -> Any:
    """Return the JSON that an address answers with 200."""
    answer = client.get(path, query_string={name: value for name, value in query.items() if value is not None})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def walk(client: FlaskClient, path: str, **query: object) -> Iterator[dict[str, Any]]:
    """Yield the items of all pages of a list."""
    page = read(client, path, **query)
    while True:
        yield from page["items"]
        if page["next"] is None:
            return
        page = read(client, path, **{**query, "cursor": page["next"]})


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
