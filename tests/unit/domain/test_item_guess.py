"""Types of items guessed from samples: the narrowest that holds every value; statements and schemas as they declare."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.item_guess import item_of_values, items_of_schema, items_of_sql

DDL = """
-- the register
CREATE TABLE IF NOT EXISTS `edu`.`school` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT '主键, 编号',
  name varchar(200) NOT NULL, /* as it is called */
  fee numeric(18, 2) DEFAULT (0),
  opened date,
  note text,
  "seen_at" timestamp with time zone,
  PRIMARY KEY (`id`),
  CONSTRAINT fk FOREIGN KEY (name) REFERENCES other (name)
);
CREATE TABLE second (x int);
"""


@pytest.mark.parametrize(
    ("values", "kind", "length"),
    [
        (["1", "22", ""], "I", ""),
        (["1.50", "22", "-300.5"], "N", "5,2"),
        (["是", "否"], "L", ""),
        (["2026-01-05", "2026-11-01"], "D", ""),
        (["2026-01-05 08:30:00"], "T", ""),
        (["022-23456789"], "C", "20"),
        (["0012"], "C", "10"),
        (["长" * 600], "M", ""),
        ([], "C", ""),
        (["1", "一"], "C", "10"),
    ],
)
def test_the_narrowest_type_that_holds_every_value_is_guessed(values: list[str], kind: str, length: str) -> None:
    item = item_of_values(" 列名 ", values)
    assert (item.name, item.data_type, item.length) == ("列名", kind, length)


def test_columns_of_a_statement_are_items_and_its_rules_are_none() -> None:
    items = [(item.name, item.code, item.data_type, item.length, item.primary_key) for item in items_of_sql(DDL)]
    assert items == [
        ("主键, 编号", "id", "I", "", True),
        ("name", "name", "C", "200", None),
        ("fee", "fee", "N", "18,2", None),
        ("opened", "opened", "D", "", None),
        ("note", "note", "M", "", None),
        ("seen_at", "seen_at", "T", "", None),
    ]


def test_properties_of_a_schema_are_items_also_within_a_list() -> None:
    schema = {
        "type": "array",
        "items": {
            "properties": {
                "name": {"type": ["string", "null"], "title": "学校名称", "maxLength": 100},
                "count": {"type": "integer"},
                "opened": {"type": "string", "format": "date"},
            }
        },
    }
    items = [(item.name, item.code, item.data_type, item.length) for item in items_of_schema(schema)]  # type: ignore[arg-type]  # JSON it is
    assert items == [("学校名称", "name", "C", "100"), ("count", "count", "I", ""), ("opened", "opened", "D", "")]


@given(text=st.text(st.sampled_from("create table (),'`\"int a\n-/*"), max_size=80))
def test_no_script_breaks_the_reader(text: str) -> None:
    assert len(items_of_sql(f"CREATE TABLE t ({text}")) <= 200
