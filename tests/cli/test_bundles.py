"""`catalogue bundle`: a catalogue handed up in a file, from the first key to the entry found above."""

import pytest

from tests.cli.commands import Catalogue
from tests.stack import stack_variables

TABLE = """信息资源名称,信息资源代码,开放类型
图书馆名录,307/1,无条件开放
馆藏盘点台账,307/2,不予开放
"""


@pytest.fixture
def below(catalogue: Catalogue) -> Catalogue:
    catalogue.variables["CATALOGUE_TIER_CEILING"] = "portal"
    source = catalogue.add(catalogue.write("list.csv", TABLE), kind="sheet")
    catalogue("harvest", source).answer()
    return catalogue


@pytest.fixture
def above(below: Catalogue) -> Catalogue:
    variables = stack_variables(below.folder / "above", migrated=False) | {
        "CATALOGUE_TIER_CEILING": "extranet",
        "CATALOGUE_MUNICIPALITY_CODE_PREFIX": "TW",
    }
    return Catalogue(shell=below.shell, folder=below.folder, variables=variables)


def trusting(above: Catalogue, below: Catalogue) -> None:
    key = below("bundle", "key").answer()["public_key"]
    sender = above("bundle", "trust", "portal", key, "--organ", "data").answer()
    assert (sender["name"], sender["serial"], sender["is_trusted"]) == ("portal", 0, True)


def test_a_catalogue_is_handed_up(below: Catalogue, above: Catalogue) -> None:
    trusting(above, below)
    made = below("bundle", "export", "up.bundle", "--to-tier", "extranet").answer()
    assert (made["from_tier"], made["to_tier"], made["serial"], made["entries"]) == ("portal", "extranet", 1, 1)
    taken = above("bundle", "import", "up.bundle").answer()
    assert (taken["sender"], taken["serial"], taken["missed"], taken["withdrawn"]) == ("portal", 1, 0, 0)
    assert (taken["run"]["state"], taken["run"]["added"]) == ("complete", 1)
    found = above("search", "图书馆").answer()
    assert "TJ00000001" in str(found)
    assert above("bundle", "senders").answer()[0]["serial"] == 1
    assert above("audit", "verify").code == 0


def test_refusals_are_told_in_words(below: Catalogue, above: Catalogue) -> None:
    below("bundle", "export", "up.bundle", "--to-tier", "extranet").answer()
    assert above("bundle", "import", "up.bundle").refusal()["code"] == "bundle_key_unknown"
    trusting(above, below)
    above("bundle", "import", "up.bundle").answer()
    assert above("bundle", "import", "up.bundle").refusal()["code"] == "bundle_replayed"
    down = above("bundle", "export", "down.bundle", "--to-tier", "portal")
    assert down.refusal()["code"] == "bundle_not_upwards"
    again = below("bundle", "export", "up.bundle", "--to-tier", "extranet")
    assert again.refusal()["code"] == "file_there_already"
    above("bundle", "distrust", "portal").answer()
    below("bundle", "export", "two.bundle", "--to-tier", "extranet").answer()
    assert above("bundle", "import", "two.bundle").refusal()["code"] == "bundle_key_unknown"
    assert above("bundle", "distrust", "nobody").refusal()["code"] == "bundle_sender_unknown"


def test_a_gap_and_what_went_away_are_told_to_people(below: Catalogue, above: Catalogue) -> None:
    trusting(above, below)
    below("bundle", "export", "lost.bundle", "--to-tier", "extranet").answer()
    below("bundle", "export", "up.bundle", "--to-tier", "extranet").answer()
    said = above.told("bundle", "import", "up.bundle")
    assert said.code == 0
    assert "bundle 2 of portal" in said.out
    assert "1 bundles before it never came here" in said.out
    below("entries", "withdraw", "TJ00000001", "--by", "王芳", "--reason", "撤销").answer()
    below("bundle", "export", "three.bundle", "--to-tier", "extranet").answer()
    assert "withdrawn below, and here: 1" in above.told("bundle", "import", "three.bundle").out


def test_a_source_of_bundles_cannot_be_registered(above: Catalogue) -> None:
    given = ("--organ", "data", "--kind", "bundle", "--address", above.write("x.bundle", ""))
    assert above("sources", "add", *given).code == 2
