"""SQL that SQLite and PostgreSQL spell differently: one construct each, compiled for both."""

from typing import Final, final

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

CODE_DIGITS: Final = 8


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
