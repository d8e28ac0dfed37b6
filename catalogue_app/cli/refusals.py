"""The words of refusals to start: they stand here because the table of words may be what is broken."""

from collections.abc import Mapping
from typing import Final

from catalogue_app.domain.errors import ConfigurationError

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "data_dir_unusable": (
        "the data directory {folder} cannot be used: {why}",
        "name a folder that may be written, in CATALOGUE_DATA_DIR",
    ),
    "database_unusable": (
        "the database {database} cannot be used: {why}",
        "check the file and its permissions, or CATALOGUE_DATABASE_URL",
    ),
    "database_of_another_version": (
        "the database {database} belongs to another version of the catalogue: {why}",
        "install the version that wrote it, or a newer one",
    ),
    "database_url_unusable": (
        "no database can be opened by the setting database_url: {why}",
        "write it like sqlite:////srv/catalogue/catalogue.sqlite3, or leave it empty",
    ),
    "demo_title_unknown": (
        "demo/{file} names a title that demo/titles.csv lacks: {title}",
        "write the title as it stands in demo/titles.csv",
    ),
    "setting_mistyped": ("setting {setting}: {value!r} is no {wanted}", "write a {wanted}"),
    "setting_out_of_range": ("setting {setting}: {value!r} is not allowed", "allowed: {allowed}"),
    "setting_unknown": ("unknown setting {setting} ({place})", "known: {known}"),
    "settings_unreadable": ("the settings file {file} cannot be read: {why}", "mend the file, or name another"),
    "table_broken": ("{file}, row {row}, column {column}: {value!r} {why}", "change that cell, then try again"),
    "table_column_missing": ("{file}, row {row}: columns are missing: {columns}", "add them to the first row"),
    "table_column_unknown": ("{file}, row {row}: unknown columns: {columns}", "known: {known}"),
    "table_row_broken": ("{file}, row {row}: {why}", "mend that row, then try again"),
    "table_unreadable": ("{file} cannot be read: {why}", "save it as CSV in UTF-8 where it may be read"),
}
"""Code to (what is wrong, how to mend it)."""


def refusal(error: ConfigurationError) -> tuple[str, str]:
    """Put a refusal to start into words, each one line."""
    message, mend = WORDS[error.code]
    return _one_line(message.format_map(error.parameters)), _one_line(mend.format_map(error.parameters))


def _one_line(text: str) -> str:
    return " ".join(text.split())
