"""How an organ's people are told that their source stands: well, failing, or waiting for one of them."""

from enum import StrEnum, unique

from catalogue_app.domain.harvest import HarvestRun, RunState


@unique
class Standing(StrEnum):
    """What an organ's people are told of their source; a row of `config/messages/letters.csv` each."""

    GOOD = "good"
    FAILING = "failing"
    HELD = "held"


def standing_after(ended: HarvestRun, failures: int, failing_after: int) -> Standing | None:
    """Return how a source stands after a run; none where the run changes nothing that people are told of."""
    match ended.state:
        case RunState.COMPLETE:
            return Standing.GOOD
        case RunState.HELD:
            return Standing.HELD
        case RunState.ABORTED if failures >= failing_after:
            return Standing.FAILING
        case _:
            return None
