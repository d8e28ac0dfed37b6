"""Run as a process of its own: imports the command once, then runs each order in a fresh fork, as a shell would."""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from catalogue_app.cli.main import main

STREAMS = {1: "out", 2: "err"}


def run(order: Mapping[str, Any]) -> None:
    """Become the command: its streams, its folder, its variables and no others of the catalogue."""
    for number, name in STREAMS.items():
        os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(order["folder"])
    for name in [name for name in os.environ if name.startswith("CATALOGUE_")]:
        del os.environ[name]
    os.environ |= order["variables"]
    code = 0
    try:
        main(order["arguments"])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def serve() -> None:
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            run(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 — the answer to the order


if __name__ == "__main__":
    serve()
