"""SQL that SQLite and PostgreSQL spell differently: one construct each, compiled for both."""

from typing import Any, Final, final

from sqlalchemy import ColumnElement, Connection, SQLColumnExpression, String, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.functions import FunctionElement

from catalogue_app.persistence.base import OrderedJson

CODE_DIGITS: Final = 8


def insert_new(connection: Connection, row: type[DeclarativeBase]) -> Insert:
    """Return an insert that leaves out rows whose keys are there already, or come from another unit at this moment."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return make(row).on_conflict_do_nothing()


@final
class code_digits(FunctionElement[str]):  # noqa: N801 — SQL constructs are written as functions
    """A serial number as the digits of a catalogue code: zeros before it up to eight digits, see `domain.ids`."""

    type = String()
    name = "code_digits"
    inherit_cache = True

    def __init__(self, serial: ColumnElement[int]) -> None:
        """Take the serial number."""
        super().__init__(serial)


@compiles(code_digits, "sqlite")
def _sqlite(element: code_digits, compiler: SQLCompiler, **options: object) -> str:
    serial = compiler.process(element.clauses, **options)
    return f"printf('%0{CODE_DIGITS}d', {serial})"


@compiles(code_digits, "postgresql")
def _postgresql(element: code_digits, compiler: SQLCompiler, **options: object) -> str:
    text = f"cast({compiler.process(element.clauses, **options)} as text)"
    return f"lpad({text}, greatest({CODE_DIGITS}, length({text})), '0')"


@final
class json_texts(FunctionElement[str]):  # noqa: N801 — SQL constructs are written as functions
    """The texts of a list that stands under a key of a JSON object, one row each; none where the key is absent."""

    type = String()
    name = "json_texts"
    inherit_cache = True

    def __init__(self, document: SQLColumnExpression[object], key: str) -> None:
        """Take the column of the object, and the key: a word of ours, never of a source."""
        super().__init__(document, literal_column(f"'{key}'"))


@compiles(json_texts, "sqlite")
def _sqlite_texts(element: json_texts, compiler: SQLCompiler, **options: object) -> str:
    document, key = (compiler.process(clause, **options) for clause in element.clauses)
    return f"json_each({document}, '$.' || {key})"


@compiles(json_texts, "postgresql")
def _postgresql_texts(element: json_texts, compiler: SQLCompiler, **options: object) -> str:
    document, key = (compiler.process(clause, **options) for clause in element.clauses)
    return f"jsonb_array_elements_text({document} -> {key})"


@final
class as_json(FunctionElement[Any]):  # noqa: N801 — SQL constructs are written as functions
    """JSON text as the value of a JSON column that keeps it as it is written."""

    type = OrderedJson
    name = "as_json"
    inherit_cache = True

    def __init__(self, text: SQLColumnExpression[str]) -> None:
        """Take the text."""
        super().__init__(text)


@compiles(as_json, "sqlite")
def _sqlite_json(element: as_json, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(element.clauses, **options)


@compiles(as_json, "postgresql")
def _postgresql_json(element: as_json, compiler: SQLCompiler, **options: object) -> str:
    return f"cast({compiler.process(element.clauses, **options)} as json)"
