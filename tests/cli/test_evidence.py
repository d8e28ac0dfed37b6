"""What a finding rests on is told whole."""

from catalogue_app.cli.findings import _row
from catalogue_app.domain.finding import Condition, FindingKind
from catalogue_app.domain.ids import OrganId


def test_two_departures_of_one_element_are_both_told() -> None:
    evidence = (("items", "item_twice 地址"), ("items", "item_length_missing 名称"))
    condition = Condition(
        kind=FindingKind.PROFILE_VIOLATION,
        subject="entry:TJ00000001",
        organ_id=OrganId("edu"),
        rule="R07",
        evidence=evidence,
    )
    assert _row(condition)["evidence"] == [{"name": name, "value": value} for name, value in evidence]
