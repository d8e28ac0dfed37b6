"""A catalogue with people and sources for the pages of the source desk, on the extranet, where organs work."""

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, final

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.domain.harvest import HarvestRun
from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.jobs import tasks
from catalogue_app.web.app import create_app
from tests.accounts.conftest import GENEROUS
from tests.accounts.people import NAMES, fill, form_token, hire, sign_in
from tests.living import add_source, open_catalogue
from tests.sheets import csv_bytes

HEADERLESS: Final = csv_bytes(
    [
        ["幼儿园名录", "收录全市各区幼儿园的名称、地址、性质和联系电话。", "每年一次", "307001/000001"],
        ["中小学名录", "收录全市中小学校的名称、地址、学段和联系电话。", "每月", "307001/000002"],
        ["", "没有名称的一行", "每月", "307001/000003"],
    ]
)
"""A table without headers whose third row has no title."""

COLUMNS: Final[Mapping[str, str]] = {
    "column-0": "title",
    "column-1": "abstract",
    "column-2": "update_cycle",
    "column-3": "resource_code",
    "first_row": "1",
}
_MAIN: Final = re.compile(r"<main.*</main>", re.DOTALL)
_TAGS: Final = re.compile(r"<[^>]+>")


def list_of(titles: Sequence[str]) -> bytes:
    """Write a table with headers, one entry a title, its code made from the title."""
    rows = [
        [title, f"3070{number:02}/000001", "部分开放" if title.startswith("内") else "开放"]
        for number, title in enumerate(titles)
    ]
    return csv_bytes([["信息资源名称", "信息资源代码", "开放类型"], *rows])


@final
class SourceDesk:
    """The catalogue, its people at their browsers, and files for its sources."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.container: Container = open_catalogue(folder / "var", **{"web_tier": "extranet", **GENEROUS, **variables})
        hire(self.container)
        self.app = create_app(self.container)
        self.app.testing = True

    def enter(self, role: Role) -> FlaskClient:
        """Return the browser of somebody of a role who signed in."""
        client = self.app.test_client()
        assert sign_in(client, NAMES[role]).status_code == 303
        return client

    def source(self, body: bytes, *, organ: str = "edu", name: str = "list.csv", **options: str) -> Source:
        """Register a source that reads a file."""
        path = self.folder / f"{organ}-{name}"
        path.write_bytes(body)
        return add_source(self.container, SourceKind.SHEET, path, organ, **options)

    def work(self) -> None:
        """Do what the scheduler does at its next look."""
        tasks.harvest_due(self.container)
        self.container.harvest_pool.finish()
        self.container.index_feed.drain()

    def harvest(self, source: Source) -> HarvestRun:
        return self.container.harvesting.run(source.id, actor="test").run

    def audit(self) -> list[tuple[str, str]]:
        """Return (actor, action) of every line of the audit log."""
        with self.container.uow.reading() as look:
            return [(line.event.actor, line.event.action) for line in look.audit.lines()]

    def runs(self, source_id: SourceId) -> tuple[HarvestRun, ...]:
        return self.container.sources.view(source_id).runs


def hand_in(client: FlaskClient, body: bytes, name: str = "目录.csv", **fields: str) -> TestResponse:
    """Fill in the form of a new source with a file."""
    sent = {"organ": "edu", "address": "", "csrf_token": form_token(client, "/desk/sources/new"), **fields}
    boundary, form = encode_multipart({**sent, "file": FileStorage(io.BytesIO(body), filename=name)})
    return client.post("/desk/sources/new", data=form, content_type=f"multipart/form-data; boundary={boundary}")


def words(answer: TestResponse) -> str:
    """Return what a page says, without its frame and tags."""
    found = _MAIN.search(answer.get_data(as_text=True))
    assert found is not None
    return " ".join(_TAGS.sub(" ", found[0]).split())


def press(client: FlaskClient, path: str, shown_on: str, **fields: object) -> TestResponse:
    """Press a button of a page."""
    return fill(client, path, fields, shown_on=shown_on)
