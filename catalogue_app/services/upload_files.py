"""An uploaded table given back as it was, with a column of what is wrong beside each row: workbook or text."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final, final

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.upload import Upload, UploadRow
from catalogue_app.messages import Messages
from catalogue_app.services.organ_sheet import COLUMN_OF
from catalogue_app.services.returned_workbook import HEADING, sentence_of, write_returned_workbook
from catalogue_app.services.run_reports import ProblemRow
from catalogue_app.services.uploads import Uploads
from harvesters.sheet_encoding import detect

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_SNIFFED: Final = 64 * 1024


@final
class _Report:
    """A workbook with what was found in it."""

    def __init__(self, path: Path, rows: Sequence[UploadRow]) -> None:
        self._path: Final = path
        self._rows: Final = rows

    @contextmanager
    def workbook(self) -> Iterator[IO[bytes]]:
        """Lend the workbook."""
        with self._path.open("rb") as file:
            yield file

    def places(self) -> Iterator[str]:
        """Yield where its records stand."""
        return (row.place for row in self._rows)

    def rows(self) -> Iterator[ProblemRow]:
        """Yield its problems."""
        return (ProblemRow(row.place, problem) for row in self._rows for problem in _problems(row))


def ending_of(head: bytes) -> str:
    """Return the ending of the file that is given back, by the first bytes of what came."""
    return "xlsx" if head.startswith(_ZIP) else "csv"


def write_returned(uploads: Uploads, upload: Upload, messages: Messages, path: Path) -> str:
    """Write an uploaded table back with a column of its errors; returns the ending that it should have.

    Raises:
        NotFound: the file was let go.
        InvalidInput: `no_workbook`, it came as a workbook of the old binary form, which is not written here.
    """
    rows = uploads.all_rows(upload)
    with TemporaryDirectory(prefix="catalogue-returned-") as folder:
        came = Path(folder) / "table"
        uploads.lay_out(upload, came)
        with came.open("rb") as file:
            head = file.read(8)
        if head.startswith(_OLE):
            raise InvalidInput("no_workbook", value="xls")
        if head.startswith(_ZIP):
            write_returned_workbook(_Report(came, rows), messages, path)
        else:
            _write_text(came, rows, messages, path)
    return ending_of(head)


def _write_text(came: Path, rows: Sequence[UploadRow], messages: Messages, path: Path) -> None:
    """Write a text table with its delimiter and line order, in UTF-8, each error beside the first line of its row."""
    sentences: defaultdict[int, list[str]] = defaultdict(list)
    for row in rows:
        for problem in _problems(row):
            sentences[_line_of(row)].append(sentence_of(problem, messages))
    header = min(map(_line_of, rows), default=2) - 1
    codec = detect(lambda: came.open("rb"))
    with came.open("rb") as raw, path.open("w", encoding="utf-8-sig", newline="") as file:
        text = TextIOWrapper(raw, encoding=codec, newline="")
        delimiter = _delimiter_of(text.read(_SNIFFED))
        text.seek(0)
        for number, line in enumerate(csv.reader(text, delimiter=delimiter), start=1):
            said = HEADING if number == header else "\n".join(sentences.get(number, ()))
            file.write(_line([*line, said], delimiter))


def _delimiter_of(sample: str) -> str:
    first = sample.partition("\n")[0].lstrip("\ufeff")
    return max((",", "\t", ";", "|"), key=first.count)


def _line(cells: Sequence[str], delimiter: str) -> str:
    line = StringIO()
    csv.writer(line, delimiter=delimiter).writerow(cells)
    return line.getvalue()


def _line_of(row: UploadRow) -> int:
    last = row.place.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0


def _problems(row: UploadRow) -> Iterator[Problem]:
    for flaw in row.flaws:
        yield Problem(
            record=row.title, element=COLUMN_OF.get(flaw.element, flaw.element), code=flaw.code, value=flaw.value
        )
