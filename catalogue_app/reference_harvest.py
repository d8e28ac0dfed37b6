"""Reads the numbers of harvesting: how failing sources are retried, how starts spread, what is kept."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from catalogue_app.domain.schedule import HarvestRules
from catalogue_app.reference_tables import Row, read_table, table_name

_UNITS: Final[Mapping[str, str]] = {
    "first_retry": "minutes",
    "longest_retry": "minutes",
    "start_spread": "minutes",
    "full_read": "days",
    "kept_runs": "runs",
    "kept_days": "days",
    "kept_changes_days": "days",
    "kept_upload_days": "days",
}
_LARGEST: Final = 100_000
_MAY_BE_NOTHING: Final = frozenset({"start_spread", "kept_days"})


def read_harvest_rules(path: Path) -> HarvestRules:
    """Read the table; every rule has one row, and no other row may be there.

    Raises:
        ConfigurationError: a row is broken, unknown or missing; names file, row and column.
    """
    rows = read_table(path, ("rule", "value", "unit"), ("zh", "en", "source"), key="rule")
    values = {row.text("rule"): _value(row) for row in rows}
    if lost := [name for name in _UNITS if name not in values]:
        (rows[-1] if rows else Row(file=table_name(path), number=1, cells={})).fail(
            "rule", f"is not followed by rows for {', '.join(lost)}"
        )
    if values["longest_retry"] < values["first_retry"]:
        row = next(row for row in rows if row.text("rule") == "longest_retry")
        row.fail("value", "must not be below first_retry")
    return HarvestRules(
        first_retry=timedelta(minutes=values["first_retry"]),
        longest_retry=timedelta(minutes=values["longest_retry"]),
        start_spread=timedelta(minutes=values["start_spread"]),
        full_read=timedelta(days=values["full_read"]),
        kept_runs=values["kept_runs"],
        kept_days=values["kept_days"],
        kept_changes_days=values["kept_changes_days"],
        kept_upload_days=values["kept_upload_days"],
    )


def _value(row: Row) -> int:
    name, text = row.text("rule"), row.text("value")
    if name not in _UNITS:
        row.fail("rule", f"must be one of {', '.join(_UNITS)}")
    if row.text("unit") != _UNITS[name]:
        row.fail("unit", f"must be {_UNITS[name]}")
    least = 0 if name in _MAY_BE_NOTHING else 1
    if not text.isdecimal() or not least <= int(text) <= _LARGEST:
        row.fail("value", f"must be a whole number from {least} to {_LARGEST}")
    return int(text)
