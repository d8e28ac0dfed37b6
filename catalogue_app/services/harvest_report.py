"""What a run tells those who asked for it: its state, its figures, and every problem with how to mend it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import final

from catalogue_app.domain.harvest import HarvestRun, Outcome, Problem, RunState
from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.metadata import Document
from catalogue_app.messages import Messages
from catalogue_app.persistence.unit_of_work import UnitsOfWork


@final
@dataclass(frozen=True, slots=True)
class RunProblems:
    """Every problem of a run, complete however many; read from the database each time it is walked.

    First what is wrong with the run itself, then its records in the order of the source: why they were rejected or are
    duplicates, and for those in the catalogue where their entries depart from the profile.
    """

    uow: UnitsOfWork
    run: HarvestRun

    def __iter__(self) -> Iterator[Problem]:
        if self.run.problem is not None:
            yield self.run.problem
        with self.uow.reading() as look:
            yield from look.outcomes.problems(self.run.id, self.run.source_id)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What one run did.

    Attributes:
        run: the run as it ended.
        problems: all of them, to be walked once or more; not held in memory.
    """

    run: HarvestRun
    problems: Iterable[Problem]

    @property
    def source_id(self) -> SourceId:
        """The source that was harvested."""
        return self.run.source_id

    @property
    def state(self) -> RunState:
        """`complete`, `held` or `aborted`."""
        return self.run.state

    def tallies(self) -> Mapping[str, int]:
        """Return the figures by name: gathered, one for each outcome, vanished, restored, lapsed."""
        outcomes = {outcome.value: self.run.outcomes.get(outcome, 0) for outcome in Outcome}
        return {
            "gathered": self.run.gathered,
            **outcomes,
            "vanished": self.run.vanished,
            "restored": self.run.restored,
            "lapsed": self.run.lapsed,
        }

    def document(self, messages: Messages) -> Document:
        """Write the report as one JSON object, its problems in words."""
        return {
            "source": str(self.run.source_id),
            "run": str(self.run.id),
            "state": self.run.state.value,
            "undoes": str(self.run.undoes) if self.run.undoes else None,
            **self.tallies(),
            "problems": [in_words(problem, messages) for problem in self.problems],
        }


def in_words(problem: Problem, messages: Messages) -> Document:
    """Write a problem as one JSON object, in both languages, with how to mend it."""
    message, mend = messages.problem(problem.code, "en", value=problem.value, element=problem.element)
    message_zh, mend_zh = messages.problem(problem.code, "zh", value=problem.value, element=problem.element)
    return {
        "record": problem.record,
        "element": problem.element,
        "code": problem.code,
        "value": problem.value,
        "message": message,
        "mend": mend,
        "message_zh": message_zh,
        "mend_zh": mend_zh,
    }
