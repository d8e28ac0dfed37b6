"""One adapter a kind, and options that are refused before a source is stored."""

import pytest

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.source import SourceKind
from harvesters.registry import BUILT_IN, check_options, kinds, make, options_of
from tests.harvesting import source_of, tables

REQUIRED = {SourceKind.JSON_API: {"field.identifier": "id", "field.title": "name"}}


@pytest.mark.parametrize("kind", SourceKind)
def test_every_kind_has_its_adapter(kind: SourceKind) -> None:
    harvester = make(source_of(kind), tables())
    assert (harvester.kind, harvester.is_partial) == (kind, False)
    assert list(kinds())[: len(BUILT_IN)] == [kind.value for kind in BUILT_IN]
    assert BUILT_IN.keys() >= {kind}


@pytest.mark.parametrize("kind", SourceKind)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tier": "portal", "review": "yes", "language": "zh", "min_records": "10", "max_vanish": "0.5"},
        {"date_order": "dmy", "code.sharing_type.1": "conditional", "code.update_cycle.每旬": "other"},
        {"code.theme.3": "T05", "code.format_type.表.格": "xlsx"},
    ],
)
def test_general_options_are_every_kinds(kind: SourceKind, options: dict[str, str]) -> None:
    check_options(kind, {**REQUIRED.get(kind, {}), **options})


@pytest.mark.parametrize(
    ("kind", "options", "named"),
    [
        (SourceKind.CKAN, {"teir": "portal"}, "teir"),
        (SourceKind.CKAN, {"columns": "title"}, "columns"),
        (SourceKind.SHEET, {"increment": "yes"}, "increment"),
        (SourceKind.CKAN, {"increment": "maybe"}, "increment"),
        (SourceKind.CKAN, {"rows": "0"}, "rows"),
        (SourceKind.CKAN, {"tier": "portal "}, "tier"),
        (SourceKind.DATA_JSON, {"date_order": "ymd"}, "date_order"),
        (SourceKind.DATA_JSON, {"code": "x"}, "code"),
        (SourceKind.DATA_JSON, {"code.": "x"}, "code."),
        (SourceKind.DATA_JSON, {"code.sharing_type": "none"}, "code.sharing_type"),
        (SourceKind.DATA_JSON, {"code.sharing_type.": "none"}, "code.sharing_type."),
        (SourceKind.DATA_JSON, {"code.sharing_type.1": "sometimes"}, "code.sharing_type.1"),
        (SourceKind.DATA_JSON, {"code.colour.1": "red"}, "code.colour.1"),
        (SourceKind.DATA_JSON, {"code.open_type.1": ""}, "code.open_type.1"),
    ],
)
def test_a_wrong_option_is_refused_by_name(kind: SourceKind, options: dict[str, str], named: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_options(kind, options)
    assert caught.value.parameters["option"] == named
    assert caught.value.parameters["allowed"]


def test_options_are_listed_with_their_patterns() -> None:
    listed = options_of(SourceKind.CKAN)
    assert {"tier", "date_order", "code.*", "increment"} <= listed.keys()
