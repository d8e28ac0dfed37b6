"""Ten thousand unchanged records: all accounted for, not fetched again, and told with what time and memory it took."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.memory import own_peak_bytes
from catalogue_app.domain.harvest import Outcome
from catalogue_app.domain.source import SourceKind
from tests.living import add_source, harvest, open_catalogue, tally
from tests.servers import Answer, Request, serving
from tests.shared import ROOT

RECORDS = 10_000


def page(request: Request) -> Answer:
    if request.headers.get("if-none-match") == '"1"':
        return Answer(status=304)
    abstract = "全市名录的名称、地址和开放时间，供居民查询使用。" * 4
    rows = [
        {"identifier": f"d-{number}", "title": f"第{number}号名录", "description": abstract}
        for number in range(RECORDS)
    ]
    return Answer(headers={"ETag": '"1"'}, body=json.dumps({"dataset": rows}).encode())


@pytest.mark.full
def test_ten_thousand_unchanged_records_cost_little(tmp_path: Path) -> None:
    with serving(page) as server:
        container = open_catalogue(tmp_path / "var", allowed_private_hosts=server.host)
        source = add_source(container, SourceKind.DATA_JSON, server.address("/data.json"))
        assert tally(harvest(container, source.id))[:2] == (RECORDS, RECORDS)
        command = [sys.executable, "-m", "tests.integration.test_unchanged", str(tmp_path / "var"), server.host]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        seconds, mebibytes = map(float, said.split())
        assert len(server.requests) == 2
        assert container.sources.view(source.id).runs[0].outcomes[Outcome.UNCHANGED] == RECORDS
    sys.stderr.write(f"\n{RECORDS} unchanged records: {seconds:.1f} s, {mebibytes:.0f} MiB at most\n")


def harvest_again(data_dir: Path, host: str) -> None:
    """Harvest the one source in a process of its own, and print seconds and the most memory it ever held."""
    container = open_catalogue(data_dir, allowed_private_hosts=host)
    [source] = container.sources.all()
    began = time.monotonic()
    container.harvesting.run(source.id, actor="test")
    seconds = time.monotonic() - began
    sys.stdout.write(f"{seconds} {own_peak_bytes() / 2**20}\n")


if __name__ == "__main__":
    harvest_again(Path(sys.argv[1]), sys.argv[2])
