"""The whole catalogue as a stream: what the audience sees, nothing above it, in memory that does not grow."""

import csv
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.metadata import to_document
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.export import Export, ExportForm
from tests.builders import a_metadata, an_entry, an_event
from tests.installation import Installation, datasets, install

PORTAL = Audience.of_tier(Tier.PORTAL)
EXTRANET = Audience.of_tier(Tier.EXTRANET)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = install(tmp_path)
    yield place
    place.engine.dispose()


def objects(place: Installation, audience: Audience) -> list[dict[str, object]]:
    return [json.loads(line) for line in Export(place.uow).lines(audience, ExportForm.JSONL)]


def test_an_export_says_what_its_audience_sees_and_nothing_above(place: Installation) -> None:
    title = LocalizedText((("zh", "幼儿园名录，“甲”"), ("en", "Kindergartens")))
    entries = [
        an_entry(1, metadata=replace(a_metadata(themes=("T05",)), title=title)),
        an_entry(2, tier=Tier.EXTRANET, title="内部名录"),
        an_entry(3, state=EntryState.DRAFT),
        an_entry(4),
    ]
    with place.uow() as work:
        for entry in entries:
            work.entries.save(entry, "registration")
        work.record(an_event())
        work.commit()
    said = sorted(objects(place, PORTAL), key=lambda line: str(line["code"]))  # born in one instant, in no order
    assert [line["code"] for line in said] == ["TJ00000001", "TJ00000004"]
    assert said[0]["metadata"] == to_document(entries[0].metadata)
    assert said[0]["organ"] == {"id": "edu", "name": {"zh": "天津市教育委员会"}}
    assert "内部" not in json.dumps(said, ensure_ascii=False)
    assert {line["code"] for line in objects(place, EXTRANET)} == {"TJ00000001", "TJ00000002", "TJ00000004"}


def test_a_table_has_a_row_for_each_entry_and_keeps_what_was_written(place: Installation) -> None:
    title = '幼儿园,"名录"\n第二行'
    with place.uow() as work:
        work.entries.save(an_entry(metadata=a_metadata(title)), "registration")
        work.record(an_event())
        work.commit()
    lines = b"".join(Export(place.uow).lines(PORTAL, ExportForm.CSV)).decode().splitlines(keepends=True)
    [row] = csv.DictReader(lines)
    assert (row["code"], row["title"], row["organ_name"]) == ("TJ00000001", title, "天津市教育委员会")


def test_an_empty_catalogue_exports_nothing(place: Installation) -> None:
    assert objects(place, EXTRANET) == []


def test_an_export_that_is_not_read_to_its_end_leaves_nothing_open(place: Installation) -> None:
    place.harvest(*datasets(3))
    lines = Export(place.uow).lines(EXTRANET, ExportForm.JSONL)
    assert next(lines)
    del lines
    place.harvest(*datasets(4))
    assert len(objects(place, EXTRANET)) == 4


def test_memory_does_not_grow_with_the_catalogue(place: Installation) -> None:
    peaks = []
    for size in (1_000, 4_000):
        place.harvest(*datasets(size, description="政务信息资源目录" * 50))
        sum(1 for _ in Export(place.uow).lines(EXTRANET, ExportForm.JSONL))  # statements are compiled once
        tracemalloc.start()
        assert sum(1 for _ in Export(place.uow).lines(EXTRANET, ExportForm.JSONL)) == size
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
