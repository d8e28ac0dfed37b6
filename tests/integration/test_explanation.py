"""Explanations: the raw record, what was read from it and what the entry says, side by side."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue_app.domain.errors import NotFound
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.entry_keeping import EntryKeeping
from catalogue_app.services.explanation import Explanation, Explanations
from catalogue_app.services.quarantine import Choice
from tests.builders import no_violations
from tests.installation import Installation, a_dataset, data_json, datasets, install

DESK = Audience(tier=Tier.EXTRANET, supervises=True)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = install(tmp_path)
    yield place
    place.engine.dispose()


def explained(place: Installation, name: str = "a-1", audience: Audience = DESK) -> Explanation:
    code = place.entries()[name].code
    return Explanations(place.uow, data_json).explain(code, audience)


def test_raw_record_reading_and_entry_stand_side_by_side(place: Installation) -> None:
    place.harvest(a_dataset("a-1", "旧名录"), *datasets(3)[1:])
    last = place.harvest(a_dataset("a-1", "新名录", description="错的摘要", 备注="没有元素的值"), *datasets(3)[1:])
    EntryKeeping(place.uow, no_violations, place.clock).curate(
        place.entries()["a-1"].code, {"abstract": "对的摘要"}, DESK, by="王芳", reason="写错了"
    )
    found = explained(place)
    assert found.origin is not None
    assert (found.origin.record.raw["备注"], found.origin.record.place) == ("没有元素的值", "dataset[0]")
    assert isinstance(found.origin.parsed, EntryMetadata)
    assert str(found.origin.parsed.abstract) == "错的摘要"
    [departure] = found.departs_from_record
    assert departure.element == "abstract"
    assert (departure.before, departure.after) == ({"zh": "错的摘要"}, {"zh": "对的摘要"})
    assert [change.element for change in found.last_change] == ["abstract"]
    assert [(one.element, one.by) for one in found.curations] == [("abstract", "王芳")]
    assert (found.run and found.run.id, found.source and found.source.id) == (last.run.id, place.source.id)
    assert found.origin.fetch.digest in {row[0] for row in place.rows("snapshot")}


def test_of_two_records_of_one_identifier_the_stored_one_is_shown(place: Installation) -> None:
    place.harvest(a_dataset("a-1", "甲", modified="2026-01-01"), a_dataset("a-1", "乙", modified="2026-02-01"))
    origin = explained(place).origin
    assert origin is not None
    assert origin.record.raw["title"] == "乙"


def test_a_renamed_entry_tells_what_it_was_called(place: Installation) -> None:
    place.harvest(*datasets(20))
    run = place.harvest(*({**one, "identifier": f"n-{one['identifier']}"} for one in datasets(20))).run
    place.harvesting().accept(run.id, Choice(as_renamed=True), actor="王芳")
    assert explained(place, "n-a-1").former_identifiers == ("a-1",)


def test_only_the_desk_and_the_organ_are_told(place: Installation) -> None:
    place.harvest(a_dataset("a-1", accessLevel="public"))
    own = Audience(tier=Tier.EXTRANET, organs=frozenset({OrganId("edu")}))
    assert explained(place, audience=own).origin is not None
    other = Audience(tier=Tier.PORTAL, organs=frozenset({OrganId("health")}))
    for audience in (Audience.of_tier(Tier.EXTRANET), other):
        with pytest.raises(NotFound):
            explained(place, audience=audience)
