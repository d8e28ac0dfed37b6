"""What stands for somebody's identity in an address is in no problem, snapshot, audit row or answer."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from catalogue_app.container import Container
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.source import SourceKind
from tests.living import add_source, harvest, open_catalogue
from tests.servers import Answer, serving

SECRET = "s3cret-4711"  # noqa: S105 — nobody's
KIND = SourceKind.DATA_JSON


def tables_with(container: Container, words: str) -> set[str]:
    """Return the tables in which these words stand, in whatever column, of its database and of files beside it."""
    found = set[str]()
    files = (file for file in container.settings.data_dir.rglob("*") if file.is_file())
    beside = {f"sqlite:///{file}" for file in files if file.read_bytes()[:6] == b"SQLite"}
    for address in {container.settings.database_url, *beside}:
        engine = create_engine(address)
        with engine.connect() as connection:
            for table in inspect(engine).get_table_names():
                rows = connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608 — names of our own tables
                if any(words in str(value) for row in rows for value in row):
                    found.add(table)
        engine.dispose()
    return found


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_key_in_an_address_is_kept_where_it_is_needed_and_nowhere_else(status: int, tmp_path: Path) -> None:
    body = b'{"dataset": [{"identifier": "1", "title": "\xe5\x90\x8d\xe5\xbd\x95\xe5\x86\x8c"}]}'
    with serving(lambda _: Answer(status=status, body=body)) as server:
        container = open_catalogue(tmp_path / "var", allowed_private_hosts=server.host, harvest_retries="0")
        source = add_source(container, KIND, server.address(f"/data.json?api_key={SECRET}&page=1"))
        report = harvest(container, source.id)
        container.sources.change(source.id, {}, actor="test", address=server.address(f"/b.json?token={SECRET}"))
        assert server.requests[0].query["api_key"] == SECRET
    document: Any = report.document(container.reference.messages)
    assert SECRET not in str(document)
    if status != 200:
        assert "page=1" in str(document), "the rest of the address is told"
    assert tables_with(container, "page=1"), "the look into the tables sees something"
    assert tables_with(container, SECRET) == {"source"}


@pytest.fixture
def catalogue(tmp_path: Path) -> Container:
    return open_catalogue(tmp_path / "var")


@pytest.mark.parametrize(
    "address",
    [
        f"https://user:{SECRET}@example.org/data.json",
        f"https://{SECRET}@example.org/data.json",
        f" https://user:{SECRET}@example.org/data.json",
        f"ftp://user:{SECRET}@example.org/data.json",
        f"http:/user:{SECRET}@example.org/data.json",
        f"//user:{SECRET}@example.org/data.json",
        f"http://user:{SECRET}@[bad/data.json",
        f"http:\\\\user:{SECRET}@example.org/data.json",
    ],
)
def test_an_address_with_a_password_is_refused_and_not_repeated(catalogue: Container, address: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        add_source(catalogue, KIND, address)
    assert SECRET not in str(caught.value)
    assert tables_with(catalogue, SECRET) == set()


def test_blanks_around_an_address_are_nobodys_intention(catalogue: Container) -> None:
    assert add_source(catalogue, KIND, " https://example.org/data.json\n").address == "https://example.org/data.json"
