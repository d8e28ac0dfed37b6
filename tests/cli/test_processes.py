"""The installed command as a shell starts it: its name, an interruption, a reader who goes away."""

import os
import signal
import subprocess
import sys
from itertools import repeat
from pathlib import Path

from tests.servers import Answer, serving, wait_until
from tests.stack import stack_variables

COMMAND = str(Path(sys.executable).parent / "catalogue")
START_S = 240.0
"""Seconds within which a process starts, on a very busy machine."""


def started(folder: Path, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    given = {f"CATALOGUE_{name.upper()}": value for name, value in variables.items()}
    environment = os.environ | stack_variables(folder / "var", migrated=False) | given
    return subprocess.Popen(
        [COMMAND, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_command_is_installed_by_its_name(tmp_path: Path) -> None:
    with started(tmp_path, "--version") as process:
        out, err = process.communicate()
    assert (process.returncode, out.split()[0], err) == (0, "catalogue,", "")


def test_an_interrupted_harvest_ends_quietly_and_can_be_done_again(tmp_path: Path) -> None:
    honest = Answer(body=b'{"dataset": [{"identifier": "a", "title": "\xe7\x94\xb2"}]}')
    endless = Answer(headers={"Content-Length": "9999"}, pieces=repeat(b" "), pause_s=0.1)
    answers = [endless, honest]
    with serving(lambda request: answers[min(request.number, 2) - 1]) as server:
        reach = {"allowed_private_hosts": server.host}
        words = ("--organ", "edu", "--kind", "data_json", "--address", server.address("/data.json"))
        with started(tmp_path, "sources", "add", *words, **reach) as adding:
            source = adding.communicate()[0].strip()
        with started(tmp_path, "harvest", source, **reach) as process:
            assert wait_until(lambda: bool(server.requests), START_S)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=START_S)
        assert (process.returncode, out, "Traceback" in err) == (130, "", False)
        assert "interrupted" in err
        with started(tmp_path, "harvest", source, **reach) as again:
            out, err = again.communicate()
    assert (again.returncode, "complete: gathered 1, added 1" in out) == (0, True), err


def test_a_reader_who_goes_away_is_no_failure_to_talk_about(tmp_path: Path) -> None:
    with started(tmp_path, "organs", "list") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert "Traceback" not in err
    assert process.returncode == 1
