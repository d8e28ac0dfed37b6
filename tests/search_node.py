"""A real Elasticsearch on loopback: started on free ports as a user made for it, killed, restarted, thrown away."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final

from tests.shared import ROOT, absent, require

USER: Final = "catalogue-search"
"""The user made by `.ci/services`: the server refuses to run as root."""
PATIENCE_S: Final = 240.0
"""Seconds a busy machine may take to start a server or to form a cluster."""
QUICK: Final = "-XX:+UseSerialGC\n-XX:TieredStopAtLevel=1\n"
"""Starts soon and stays small: for tests."""
THOROUGH: Final = "-XX:+UseG1GC\n"
"""As in operation: for measuring."""
_JVM: Final = """-Djava.io.tmpdir=${ES_TMPDIR}
-XX:+ExitOnOutOfMemoryError
--add-modules=jdk.incubator.vector
-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1
"""


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def distribution() -> Path:
    """Return the unpacked server, another one if `ELASTICSEARCH_HOME` names it, or end the running test."""
    named = os.environ.get("ELASTICSEARCH_HOME") or ROOT / ".tools" / "elasticsearch"
    return require(Path(named), "Elasticsearch (.ci/services installs it)").resolve()


def java_home() -> str:
    """Return where Java is, or end the running test."""
    java = os.environ.get("ES_JAVA_HOME") or shutil.which("java") or absent("Java (.ci/services installs it)")
    path = Path(java).resolve()
    return str(path.parent.parent if path.is_file() else path)


@dataclass(kw_only=True)
class SearchNode:
    """One server process and its folder; the same ports and data for all its lives.

    Attributes:
        name: of the node; its folder is called so.
        peers: transport addresses of all nodes of the cluster; empty for a cluster of one.
    """

    folder: Path
    name: str = "node"
    heap: str = "512m"
    jvm: str = QUICK
    port: int = field(default_factory=free_port)
    transport: int = field(default_factory=free_port)
    masters: Sequence[str] = ()
    peers: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process; it answers some seconds later, see `wait`."""
        settings = self._write_settings()
        user = USER if os.geteuid() == 0 else None
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "ES_PATH_CONF": str(settings),
            "ES_JAVA_OPTS": f"-Xms{self.heap} -Xmx{self.heap}",
            "CLI_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx64m",
            "ES_TMPDIR": str(self._part("tmp")),
            "ES_JAVA_HOME": java_home(),
        }
        with (self.folder / f"{self.name}.out").open("ab") as out:
            self.process = subprocess.Popen(
                [str(distribution() / "bin" / "elasticsearch")],
                env=environment,
                cwd=self._part("tmp"),
                user=user,
                group=user,
                extra_groups=[] if user else None,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def wait(self, status: str = "yellow", nodes: int = 1) -> None:
        """Return once the cluster has so many nodes and this state."""
        path = f"/_cluster/health?wait_for_status={status}&wait_for_nodes=>={nodes}&timeout=5s"
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            health = self.ask(path)
            if health is not None and not health.get("timed_out", True):
                return
            time.sleep(0.2)
        raise RuntimeError(f"the search server did not come up:\n{self.said()}")

    def ask(self, path: str) -> Mapping[str, Any] | None:
        """Return the JSON answer to a plain question; None where nobody answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            read: Mapping[str, Any] = json.loads(body)
        except (OSError, HTTPException, ValueError):
            return None
        finally:
            connection.close()
        return read

    def kill(self) -> None:
        """End every process of the node at once, as a loss of power would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the node to end, and wait."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        group = self.process.pid
        for sent in (how, signal.SIGKILL):
            try:
                os.killpg(group, sent)
                self.process.wait(timeout=30)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self.process.wait()
        _await_end_of_group(group)
        self.process = None

    def said(self) -> str:
        """Return the end of what the server said."""
        out = self.folder / f"{self.name}.out"
        return "\n".join(out.read_text("utf-8", "replace").splitlines()[-40:]) if out.exists() else "(nothing)"

    def _part(self, name: str) -> Path:
        return self.folder / self.name / name

    def _write_settings(self) -> Path:
        settings = self._part("config")
        for name in ("config", "config/jvm.options.d", "data", "logs", "tmp"):
            self._part(name).mkdir(parents=True, exist_ok=True)
        cluster: Mapping[str, object] = (
            {"discovery.seed_hosts": list(self.peers), "cluster.initial_master_nodes": list(self.masters)}
            if self.peers
            else {"discovery.type": "single-node"}
        )
        said = {
            "cluster.name": "catalogue-tests",
            "node.name": self.name,
            "path.data": str(self._part("data")),
            "path.logs": str(self._part("logs")),
            "network.host": "127.0.0.1",
            "http.port": self.port,
            "transport.port": self.transport,
            "node.processors": 2,
            "xpack.security.enabled": False,
            "cluster.routing.allocation.disk.threshold_enabled": False,
            "action.auto_create_index": False,
            "action.destructive_requires_name": False,
            "cluster.max_shards_per_node": 5000,
            **cluster,
        }
        lines = [f"{name}: {json.dumps(value)}\n" for name, value in said.items()]
        (settings / "elasticsearch.yml").write_text("".join(lines), "utf-8")
        (settings / "jvm.options").write_text(self.jvm + _JVM, "utf-8")
        shutil.copy(distribution() / "config" / "log4j2.properties", settings / "log4j2.properties")
        _hand_over(self.folder)
        return settings


def _hand_over(folder: Path) -> None:
    """Give a folder to the user that the server runs as."""
    if os.geteuid() == 0:
        owner = pwd.getpwnam(USER)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _await_end_of_group(group: int) -> None:
    """Wait until no process of a group is left, so that its ports and its data are free."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)


@contextmanager
def a_folder() -> Iterator[Path]:
    """Make a folder that the server's user can reach; it is removed after."""
    folder = Path(tempfile.mkdtemp(prefix="catalogue-search-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_server(heap: str = "512m", jvm: str = QUICK) -> Iterator[SearchNode]:
    """Run a cluster of one for the length of a test."""
    with a_folder() as folder:
        node = SearchNode(folder=folder, heap=heap, jvm=jvm)
        node.start()
        try:
            node.wait()
            yield node
        finally:
            node.stop()


@contextmanager
def a_cluster(size: int = 3, heap: str = "256m") -> Iterator[list[SearchNode]]:
    """Run a cluster of several nodes for the length of a test."""
    names = [f"node-{number}" for number in range(1, size + 1)]
    ports = [free_port() for _ in names]
    peers = [f"127.0.0.1:{port}" for port in ports]
    with a_folder() as folder, ExitStack() as stack:
        nodes = [
            SearchNode(folder=folder, name=name, heap=heap, transport=port, masters=names, peers=peers)
            for name, port in zip(names, ports, strict=True)
        ]
        for node in nodes:
            node.start()
            stack.callback(node.kill)
        for node in nodes:
            node.wait(nodes=size)
        yield nodes
