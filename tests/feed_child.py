"""A process of its own that drains the outbox of a catalogue again and again, to be killed at any moment.

Run as `python -m tests.feed_child DATABASE_URL INDEX_FOLDER`; says `up` when it begins, then runs until it is killed.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.base import make_engine
from catalogue_app.persistence.entries import EntryPolicy
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.index_feed import IndexFeed
from indexing.embedded.engine import EmbeddedEngine
from tests.searching import a_language

_PAUSE_S = 0.02
"""Between two looks at an empty outbox."""


def main(database_url: str, folder: str) -> None:
    """Drain until killed."""
    policy = EntryPolicy(code_prefix="TJ", tier_ceiling=Tier.INTRANET)
    uow = UnitsOfWork(make_engine(database_url), clock=lambda: datetime(2026, 11, 24, tzinfo=UTC), policy=policy)
    feed = IndexFeed(uow, EmbeddedEngine(Path(folder), a_language))
    a_language()
    sys.stdout.write("up\n")
    sys.stdout.flush()
    while True:
        if not feed.drain():
            time.sleep(_PAUSE_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
