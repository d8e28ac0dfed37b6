"""A deployment for the portal alone: every source may be registered, nothing above the ceiling is kept."""

from tests.cli.commands import Catalogue

TABLE = """信息资源名称,信息资源代码,开放类型
图书馆名录,307/1,无条件开放
馆藏盘点台账,307/2,不予开放
活动登记簿,307/3,
"""


def test_a_source_without_a_tier_of_its_own_gives_what_is_open(catalogue: Catalogue) -> None:
    source = catalogue.add(catalogue.write("list.csv", TABLE), kind="sheet")
    (run,) = catalogue("harvest", source, tier_ceiling="portal").answer()
    assert (run["state"], run["gathered"], run["added"], run["rejected"]) == ("complete", 3, 1, 2)
    refused = {
        (problem["record"], problem["value"]) for problem in run["problems"] if problem["code"] == "above_ceiling"
    }
    assert refused == {("307/2", ""), ("307/3", "")}


def test_a_source_is_registered_under_a_ceiling_below_the_default_tier(catalogue: Catalogue) -> None:
    catalogue.variables["CATALOGUE_TIER_CEILING"] = "portal"
    catalogue("init").answer()
    assert catalogue.add(catalogue.write("list.csv", TABLE), kind="sheet")


def test_a_tier_that_is_stated_stays_within_the_ceiling(catalogue: Catalogue) -> None:
    path = catalogue.write("list.csv", TABLE)
    given = ("--organ", "data", "--kind", "sheet", "--address", path, "--option", "tier=extranet")
    assert catalogue("sources", "add", *given, tier_ceiling="portal").refusal()["code"] == "tier_above_ceiling"
