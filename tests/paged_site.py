"""A CKAN site of five pages behind every first part of the path; run as `python -m tests.paged_site ROWS PAUSE_S`.

In a process of its own it takes nothing from the process that is measured; it ends when its standard input does.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers import Answer, Request, Responder, serving
from tests.shared import ROOT

PAGES = 5


def paged(of_a_page: int, pause_s: float) -> Responder:
    """Answer with so many records a page, after a pause."""

    def respond(request: Request) -> Answer:
        start, site = int(request.query.get("start", 0)), request.path.split("/")[1]
        ids = [f"{site}-{at}" for at in range(start, min(start + of_a_page, PAGES * of_a_page))]
        rows = [{"id": it, "name": it, "title": f"第{it}号名录"} for it in ids]
        body = {"success": True, "result": {"count": PAGES * of_a_page, "results": rows}}
        return Answer(headers={"Content-Type": "application/json"}, body=json.dumps(body).encode(), pause_s=pause_s)

    return respond


@contextmanager
def site_apart(of_a_page: int, pause_s: float) -> Iterator[str]:
    """Run the site in a process of its own; yields its address, ending in a slash."""
    command = [sys.executable, "-m", "tests.paged_site", str(of_a_page), str(pause_s)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def main(of_a_page: int, pause_s: float) -> None:
    with serving(paged(of_a_page, pause_s)) as server:
        sys.stdout.write(f"{server.address()}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
