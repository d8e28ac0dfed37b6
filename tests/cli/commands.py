"""Commands as scripts run them: words in, exit code and two streams out."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.shared import ROOT


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command said, and the code it ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the one document on standard output: anything beside it is an error."""
        return json.loads(self.out)

    def answer(self) -> Any:
        """Return the document of a command that did its work."""
        assert self.code == 0, self.err
        return self.json

    def refusal(self, code: int = 1) -> dict[str, str]:
        """Return the refusal, which is told on both streams, in words, without a trace of the inner workings."""
        assert self.code == code, (self.out, self.err)
        assert "Traceback" not in self.err
        assert list(self.json) == ["error"]
        error: dict[str, str] = self.json["error"]
        assert set(error) == {"code", "message", "mend"}
        assert all(error.values()), error
        assert not {"\n", "\r"} & set(error["message"] + error["mend"]) or code == 2
        assert error["message"] in self.err
        return error


class Shell:
    """Runs commands, each a process of its own that was spared the imports."""

    def __init__(self, server: "subprocess.Popen[str]", streams: Path) -> None:
        self._server = server
        self._streams = streams

    def run(self, folder: Path, variables: dict[str, str], *arguments: str) -> Said:
        paths = {name: self._streams / name for name in ("out", "err")}
        order = {
            "arguments": arguments,
            "variables": variables,
            "folder": str(folder),
            **{name: str(path) for name, path in paths.items()},
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        return Said(code=code, **{name: path.read_text("utf-8") for name, path in paths.items()})


@contextmanager
def a_shell(streams: Path) -> Iterator[Shell]:
    command = [sys.executable, "-m", "tests.cli.fork_server"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield Shell(server, streams)
        server.communicate()


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The command on one data directory: `catalogue("sources", "list")`."""

    shell: Shell
    folder: Path
    variables: dict[str, str]

    def __call__(self, *arguments: object, **variables: str) -> Said:
        """Run a command with `--json`; variables without their prefix, in small letters."""
        return self.told(*arguments, "--json", **variables)

    def told(self, *arguments: object, **variables: str) -> Said:
        """Run a command as a person would."""
        words = [str(argument) for argument in arguments]
        given = {f"CATALOGUE_{name.upper()}": value for name, value in variables.items()}
        return self.shell.run(self.folder, self.variables | given, *words)

    def write(self, name: str, text: str) -> Path:
        """Write a file into the folder where commands run."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def add(self, path: object, *options: str, kind: str = "data_json", organ: str = "data") -> str:
        """Register a source; return its id."""
        given = [word for option in options for word in ("--option", option)]
        source = self("sources", "add", "--organ", organ, "--kind", kind, "--address", path, *given).answer()["id"]
        return str(source)
