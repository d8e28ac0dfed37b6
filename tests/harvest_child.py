"""Run as a process of its own: harvests an installation and says how far it is, until it ends or is killed."""

import sys
from pathlib import Path

from catalogue_app.services.harvest_steps import Progress
from tests.installation import reopen


def tell(progress: Progress) -> None:
    sys.stdout.write(f"{progress.stage} {progress.records}\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    place = reopen(folder)
    sys.stdout.write("open 0\n")
    sys.stdout.flush()
    place.harvesting(watch=tell).run(place.source.id, actor="tester")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
