"""Reports of runs long after they ended: everything that went wrong, by place and record, read as it is walked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Final, NamedTuple, final

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.harvest import HarvestRun, Problem
from catalogue_app.domain.ids import RunId
from catalogue_app.domain.metadata import Document
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.harvest_report import RunReport

_SPOOL_BYTES: Final = 1 << 20
_WORKBOOK: Final = b"PK\x03\x04"


class ProblemRow(NamedTuple):
    """One problem and where its record stands in the source, such as `目录 row 17`; empty where the run is meant."""

    place: str
    problem: Problem


@final
@dataclass(frozen=True, slots=True)
class WrittenReport:
    """The report of one run."""

    uow: UnitsOfWork
    run: HarvestRun

    def head(self) -> Document:
        """Return what it says before its problems: source, run, state and figures."""
        report = RunReport(run=self.run, problems=())
        return {
            "source": str(self.run.source_id),
            "run": str(self.run.id),
            "state": self.run.state.value,
            "undoes": str(self.run.undoes) if self.run.undoes else None,
            **report.tallies(),
        }

    def rows(self) -> Iterator[ProblemRow]:
        """Yield every problem, those of the run itself first; memory stays flat however many."""
        if self.run.problem is not None:
            yield ProblemRow("", self.run.problem)
        with self.uow.reading() as look:
            for place, problem in look.outcomes.located(self.run.id, self.run.source_id):
                yield ProblemRow(place, problem)

    def places(self) -> Iterator[str]:
        """Yield where the records of the run stand, good ones too."""
        with self.uow.reading() as look:
            yield from (outcome.place for outcome in look.outcomes.of_run(self.run.id))

    @contextmanager
    def workbook(self) -> Iterator[IO[bytes]]:
        """Lend the workbook that the run read, as its organ handed it in.

        Raises:
            InvalidInput: `no_workbook`, the run read something else, or several files.
        """
        with self.uow.reading() as look, SpooledTemporaryFile(max_size=_SPOOL_BYTES) as book:
            fetches = look.snapshots.of_run(self.run.id)
            if len(fetches) != 1:
                raise InvalidInput("no_workbook", value=str(len(fetches)))
            for chunk in look.snapshots.chunks(fetches[0].digest):
                book.write(chunk)
            book.seek(0)
            if book.read(len(_WORKBOOK)) != _WORKBOOK:
                raise InvalidInput("no_workbook", value=fetches[0].address.rpartition("/")[2])
            book.seek(0)
            yield book


@final
class RunReports:
    """Finds reports. For operators and the organ of the source: what they say is not for the public."""

    def __init__(self, uow: UnitsOfWork) -> None:
        self._uow: Final = uow

    def find(self, run_id: RunId) -> WrittenReport:
        """Return the report of a run.

        Raises:
            NotFound: no such run.
            InvalidInput: `details_dropped`, its details were let go with time; its figures are still shown.
        """
        with self._uow.reading() as look:
            run = look.runs.by_id(run_id)
            if run.gathered and look.outcomes.gathered(run_id) == 0:
                raise InvalidInput("details_dropped", run=str(run_id))
        return WrittenReport(self._uow, run)
