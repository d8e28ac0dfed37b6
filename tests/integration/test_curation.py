"""Local curation: what the desk corrects survives harvests, element by element, until the source says the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue_app.domain.curation import Curation
from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.errors import AboveCeiling, Gone, InvalidInput, NotFound
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.curations import SAME_AS_SOURCE
from catalogue_app.services.entry_keeping import EntryKeeping
from catalogue_app.services.harvest_preview import Change
from catalogue_app.services.quarantine import Choice
from tests.builders import no_violations
from tests.installation import Installation, a_dataset, datasets, figures, install

DESK = Audience(tier=Tier.EXTRANET, supervises=True)
PORTAL = Audience.of_tier(Tier.PORTAL)
BY = {"by": "王芳", "reason": "来源的摘要写错了"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = install(tmp_path)
    yield place
    place.engine.dispose()


def upkeep(place: Installation) -> EntryKeeping:
    return EntryKeeping(place.uow, no_violations, place.clock)


def code(place: Installation, name: str = "a-1") -> str:
    return place.entries()[name].code


def curate(place: Installation, **values: str | None) -> None:
    upkeep(place).curate(code(place), dict(values), DESK, by=BY["by"], reason=BY["reason"])


def said(place: Installation, name: str = "a-1") -> tuple[str, str | None]:
    metadata = place.entries()[name].metadata
    return metadata.title.original, metadata.abstract.original if metadata.abstract else None


def curations(place: Installation, audience: Audience = DESK) -> tuple[Curation, ...]:
    with place.uow.reading() as look:
        return look.curations.of_entry(place.entries()["a-1"].id, audience)


def test_what_the_desk_corrects_survives_harvests_and_the_rest_is_the_sources(place: Installation) -> None:
    place.harvest(a_dataset("a-1", "幼儿园名录", description="错的摘要"))
    curate(place, abstract="对的摘要")
    assert said(place) == ("幼儿园名录", "对的摘要")
    assert figures(place.harvest(a_dataset("a-1", "幼儿园名录", description="错的摘要")).run)["unchanged"] == 1
    report = place.harvest(a_dataset("a-1", "新的名录", description="又一个错的摘要"))
    assert figures(report.run) == {"gathered": 1, "changed": 1}
    assert said(place) == ("新的名录", "对的摘要")
    [curation] = curations(place)
    assert (curation.value, curation.source_value) == ({"zh": "对的摘要"}, {"zh": "又一个错的摘要"})
    assert (curation.by, curation.reason, curation.ended_at) == ("王芳", "来源的摘要写错了", None)
    with place.uow.reading() as look:
        causes = [it.cause for it in look.entries.revisions(place.entries()["a-1"].id, DESK)]
        [event] = [line.event for line in look.audit.lines() if line.event.action == "entry_curated"]
    assert causes == ["harvest", "curation", "harvest"]
    assert (event.actor, event.subject) == ("王芳", f"entry:{code(place)}")


def test_a_change_of_a_curated_element_alone_changes_nothing_that_is_shown(place: Installation) -> None:
    place.harvest(a_dataset("a-1", description="错的摘要"))
    curate(place, abstract="对的摘要")
    place.harvest(a_dataset("a-1", description="又一个错的摘要"))
    assert said(place) == ("幼儿园名录", "对的摘要")


def test_a_source_that_comes_to_say_the_same_retires_the_curation_with_a_note(place: Installation) -> None:
    place.harvest(a_dataset("a-1", description="错的摘要"))
    curate(place, abstract="对的摘要")
    place.harvest(a_dataset("a-1", description="对的摘要"))
    [curation] = curations(place)
    assert (curation.ended_at is None, curation.ended_by, curation.note) == (False, "", SAME_AS_SOURCE)
    place.harvest(a_dataset("a-1", description="源端又改了"))
    assert said(place)[1] == "源端又改了"


def test_a_run_that_proves_nothing_retires_nothing(place: Installation) -> None:
    place.harvest(*datasets(3))
    curate(place, abstract="对的摘要")
    place.offer(a_dataset("a-1", "幼儿园名录第1册", description="对的摘要"), *datasets(3)[1:])
    whole = Path(place.source.address).read_text("utf-8")
    Path(place.source.address).write_text(whole[:-20], encoding="utf-8")
    assert place.harvesting().run(place.source.id, actor="tester").state is RunState.ABORTED
    assert curations(place)[0].ended_at is None
    assert place.rows("curation_sighting") == []


def test_a_curation_that_is_taken_away_leaves_what_the_source_said_last(place: Installation) -> None:
    place.harvest(a_dataset("a-1", description="错的摘要"))
    curate(place, abstract="对的摘要", title="更正的名录")
    place.harvest(a_dataset("a-1", "源端新名", description="源端新摘要"))
    upkeep(place).release(code(place), "abstract", DESK, by="王芳", reason="不再需要")
    assert said(place) == ("更正的名录", "源端新摘要")
    assert {one.element: one.ended_by for one in curations(place)} == {"abstract": "王芳", "title": ""}
    assert figures(place.harvest(a_dataset("a-1", "源端新名", description="源端新摘要")).run)["unchanged"] == 1
    with pytest.raises(InvalidInput):
        upkeep(place).release(code(place), "abstract", DESK, by="王芳", reason="")


def test_an_element_is_curated_again_and_silenced(place: Installation) -> None:
    place.harvest(a_dataset("a-1", description="错的摘要"))
    curate(place, abstract="第一次更正")
    curate(place, abstract=None)
    assert said(place)[1] is None
    first, second = curations(place)
    assert (first.note, second.value, second.source_value) == ("replaced", None, {"zh": "错的摘要"})
    place.harvest(a_dataset("a-1", description="又有摘要"))
    assert said(place)[1] is None


def test_back_to_what_the_source_says_is_no_curation(place: Installation) -> None:
    place.harvest(a_dataset("a-1", description="错的摘要"))
    curate(place, abstract="更正")
    curate(place, abstract="错的摘要")
    assert [one.note for one in curations(place)] == ["replaced"]


@pytest.mark.parametrize(
    ("element", "value", "refused"),
    [
        ("abstrakt", "摘要", "unknown_element"),
        ("unread", "x", "unknown_element"),
        ("title", "", "element_cannot_be_silenced"),
        ("update_cycle", "sometimes", "value_not_of_element"),
        ("updated_on", "2026-13-40", "value_not_of_element"),
        ("keywords", "甲", "value_not_of_element"),
        ("record_count", "12", "value_not_of_element"),
        ("title", "幼儿园名录", "nothing_to_curate"),
    ],
)
def test_what_an_element_cannot_say_is_refused_in_words(
    place: Installation, element: str, value: str, refused: str
) -> None:
    place.harvest(a_dataset("a-1"))
    with pytest.raises(InvalidInput) as error:
        curate(place, **{element: value})
    assert error.value.code == refused
    assert len(place.rows("revision")) == 1


def test_a_curation_decides_the_tier_as_a_record_would(place: Installation) -> None:
    place.harvest(a_dataset("a-1", accessLevel="public", description="公开的摘要"))
    curate(place, network_tier="extranet", abstract="内部的摘要")
    assert place.entries()["a-1"].tier is Tier.EXTRANET
    with place.uow.reading() as look, pytest.raises(NotFound):
        look.entries.by_code(code(place), PORTAL)
    assert curations(place, PORTAL) == ()
    upkeep(place).release(code(place), "network_tier", DESK, by="王芳", reason="")
    assert place.entries()["a-1"].tier is Tier.PORTAL
    assert curations(place, PORTAL) == (), "what it said above the portal stays above it"
    with pytest.raises(AboveCeiling):
        curate(place, network_tier="intranet")


def test_a_renamed_entry_keeps_what_the_desk_corrected(place: Installation) -> None:
    place.harvest(*datasets(20))
    curate(place, abstract="对的摘要")
    run = place.harvest(*({**one, "identifier": f"n-{one['identifier']}"} for one in datasets(20))).run
    report = place.harvesting().accept(run.id, Choice(as_renamed=True), actor="王芳")
    assert figures(report.run) == {"gathered": 20, "changed": 20}
    assert said(place, "n-a-1") == ("幼儿园名录第1册", "对的摘要")


def test_a_preview_knows_what_the_desk_corrected(place: Installation) -> None:
    place.harvest(a_dataset("a-1", description="错的摘要"))
    curate(place, abstract="对的摘要")
    place.offer(a_dataset("a-1", "新的名录", description="又一个错的摘要"))
    with place.harvesting().preview(place.source) as preview:
        [change] = preview.changes()
    assert (change.change, [field.element for field in change.fields]) == (Change.CHANGED, ["title"])


def test_a_person_withdraws_with_a_successor_and_brings_back(place: Installation) -> None:
    place.harvest(*datasets(2, accessLevel="public"))
    old, new = code(place), code(place, "a-2")
    upkeep(place).withdraw(old, DESK, by="王芳", reason="并入新名录", successor=new)
    with place.uow.reading() as look, pytest.raises(Gone) as gone:
        look.entries.by_code(old, PORTAL)
    assert (gone.value.parameters["reason"], gone.value.parameters["successor"]) == ("decided", new)
    place.harvest(*datasets(2, accessLevel="public"))
    assert place.entries()["a-1"].state is EntryState.WITHDRAWN
    upkeep(place).restore(old, by="王芳", reason="误撤")
    assert place.entries()["a-1"].state is EntryState.PUBLISHED
