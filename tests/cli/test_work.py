"""`catalogue work`, and what a command says of its progress where nobody sits at a terminal."""

from tests.cli.commands import Catalogue


def test_work_is_listed_newest_first(catalogue: Catalogue) -> None:
    catalogue("init").answer()
    catalogue("index", "rebuild").answer()
    listed = catalogue("work", "--limit", "2").answer()
    assert (listed[0]["kind"], listed[0]["state"], listed[0]["left_s"]) == ("index_rebuild", "done", None)
    assert len(listed) == 2
    assert "index_rebuild" in catalogue.told("work").out


def test_quick_work_says_nothing(catalogue: Catalogue) -> None:
    catalogue("init").answer()
    assert "rebuild:" not in catalogue("index", "rebuild").err
