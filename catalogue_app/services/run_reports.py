"""Reports of runs long after they ended: everything that went wrong, by place and record, read as it is walked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Final, NamedTuple, final

from catalogue_app.domain.errors import InvalidInput, NotAllowed
from catalogue_app.domain.harvest import HarvestRun, Problem
from catalogue_app.domain.ids import RunId
from catalogue_app.domain.metadata import Document
from catalogue_app.domain.visibility import Audience
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
    """The report of one run; with an audience, of what it may know alone."""

    uow: UnitsOfWork
    run: HarvestRun
    audience: Audience | None = None

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
            for located in look.outcomes.located(self.run.id, self.run.source_id, self.audience):
                yield ProblemRow(located.place, located.problem)

    def page(self, after: int, records: int) -> "ReportPage":
        """Return the problems of some records, those of the run itself left out.

        Args:
            after: position behind which the page begins; 0 for the first.
            records: how many records it has at most.
        """
        rows, positions, following = list[ProblemRow](), set[int](), None
        with self.uow.reading() as look:
            for located in look.outcomes.located(self.run.id, self.run.source_id, self.audience, after):
                if located.position not in positions and len(positions) == records:
                    following = max(positions)
                    break
                positions.add(located.position)
                rows.append(ProblemRow(located.place, located.problem))
        return ReportPage(rows=tuple(rows), following=following)

    def places(self) -> Iterator[str]:
        """Yield where the records of the run stand, good ones too."""
        with self.uow.reading() as look:
            yield from (outcome.place for outcome in look.outcomes.of_run(self.run.id))

    @contextmanager
    def workbook(self) -> Iterator[IO[bytes]]:
        """Lend the workbook that the run read, as its organ handed it in.

        Raises:
            InvalidInput: `no_workbook`, the run read something else, or several files.
            NotAllowed: it holds entries that the audience may not know of.
        """
        if not self.may_return_workbook():
            raise NotAllowed
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

    def has_workbook(self) -> bool:
        """Say whether the run read one file that begins as workbooks do."""
        with self.uow.reading() as look:
            fetches = look.snapshots.of_run(self.run.id)
            return len(fetches) == 1 and next(look.snapshots.chunks(fetches[0].digest), b"").startswith(_WORKBOOK)

    def may_return_workbook(self) -> bool:
        """Say whether the audience may know of all that was read, entries above the ceiling among it."""
        if self.audience is None:
            return True
        with self.uow.reading() as look:
            kept_out = any(
                one.problem.code == "above_ceiling" for one in look.outcomes.located(self.run.id, self.run.source_id)
            )
            return not (kept_out or look.source_reach.is_hidden(self.run.source_id, self.audience))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """The problems of some records of a run.

    Attributes:
        following: position behind which the next page begins; none on the last.
    """

    rows: tuple[ProblemRow, ...]
    following: int | None


@final
class RunReports:
    """Finds reports. For operators and the organ of the source: what they say is not for the public."""

    def __init__(self, uow: UnitsOfWork) -> None:
        self._uow: Final = uow

    def find(self, run_id: RunId, audience: Audience | None = None) -> WrittenReport:
        """Return the report of a run.

        Args:
            run_id: the run.
            audience: who reads it; None for operators at the machine, who read it whole.

        Raises:
            NotFound: no such run.
            InvalidInput: `details_dropped`, its details were let go with time; its figures are still shown.
        """
        with self._uow.reading() as look:
            run = look.runs.by_id(run_id)
            if run.gathered and look.outcomes.gathered(run_id) == 0:
                raise InvalidInput("details_dropped", run=str(run_id))
        return WrittenReport(self._uow, run, audience)
