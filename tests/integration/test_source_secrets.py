"""Secrets of sources: sent to their own host in their own form, and found nowhere else, whatever servers do."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.services.vault import Vault
from harvesters.credentials import SecretKind
from tests.living import add_source, codes, harvest, open_catalogue
from tests.servers import Answer, Request, Server, serving

SECRET = "s3cret-not-for-anybody"  # noqa: S105 — made up


def a_list(_: Request) -> Answer:
    return Answer(body=json.dumps({"dataset": [{"identifier": "a", "title": "幼儿园名录"}]}).encode())


def opened(server: Server, folder: Path, *others: Server) -> tuple[Container, Source]:
    hosts = ",".join(it.host for it in (server, *others))
    container = open_catalogue(folder / "var", allowed_private_hosts=hosts, harvest_retries="0")
    return container, add_source(container, SourceKind.DATA_JSON, server.address("/data.json?page=1"))


def keep(container: Container, source: Source, kind: SecretKind, name: str = "") -> None:
    container.source_secrets.keep(source.id, kind, name, SECRET, actor="test")


def stored(folder: Path) -> Iterator[str]:
    """Yield every text and every readable blob of the database."""
    with closing(sqlite3.connect(folder / "var" / "catalogue.sqlite3")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f"SELECT * FROM {table}"):  # noqa: S608 — names from the schema itself
                yield from (cell if isinstance(cell, str) else repr(cell) for cell in row)


@pytest.mark.parametrize(
    ("kind", "name", "header", "sent"),
    [
        (SecretKind.BEARER, "", "authorization", f"Bearer {SECRET}"),
        (SecretKind.HEADER, "X-Api-Key", "x-api-key", SECRET),
        (SecretKind.BASIC, "user", "authorization", "Basic "),
    ],
)
def test_a_secret_is_sent_in_its_form_and_stored_nowhere(
    tmp_path: Path, kind: SecretKind, name: str, header: str, sent: str
) -> None:
    with serving(a_list, has_robots=True) as server:
        container, source = opened(server, tmp_path)
        keep(container, source, kind, name)
        assert harvest(container, source.id).state is RunState.COMPLETE
        robots, page = server.requests
        assert header not in robots.headers, "rules for robots are anybody's"
        assert page.headers[header].startswith(sent)
        assert not [cell for cell in stored(tmp_path) if SECRET in cell]


def test_a_key_in_the_address_is_on_the_wire_only(tmp_path: Path) -> None:
    with serving(a_list) as server:
        container, source = opened(server, tmp_path)
        keep(container, source, SecretKind.QUERY, "key")
        harvest(container, source.id)
        assert server.requests[0].query == {"page": "1", "key": SECRET}
        with container.uow.reading() as look:
            [run] = look.runs.latest(source.id)
            [fetch] = look.snapshots.of_run(run.id)
        assert fetch.address == server.address("/data.json?page=1")
        assert not [cell for cell in stored(tmp_path) if SECRET in cell]


@pytest.mark.parametrize("kind", list(SecretKind))
def test_no_redirect_takes_a_secret_to_another_host(tmp_path: Path, kind: SecretKind) -> None:
    with serving(a_list) as there:
        moved = Answer(status=302, headers={"Location": there.address("/data.json")})
        with serving(lambda _: moved) as here:
            container, source = opened(here, tmp_path, there)
            name = {SecretKind.BASIC: "user", SecretKind.HEADER: "X-Key", SecretKind.QUERY: "key"}.get(kind, "")
            keep(container, source, kind, name)
            assert harvest(container, source.id).state is RunState.COMPLETE
            [arrived] = there.requests
            assert SECRET not in arrived.target
            assert not {"authorization", "x-key"} & set(arrived.headers)


def test_a_server_that_copies_the_key_into_its_redirect_does_not_spread_it(tmp_path: Path) -> None:
    with (
        serving(a_list) as there,
        serving(lambda request: Answer(status=302, headers={"Location": there.address(request.target)})) as here,
    ):
        container, source = opened(here, tmp_path, there)
        keep(container, source, SecretKind.QUERY, "key")
        assert harvest(container, source.id).state is RunState.COMPLETE
        assert [request.query for request in there.requests] == [{"page": "1"}]


def test_a_secret_elsewhere_in_a_redirect_ends_the_run(tmp_path: Path) -> None:
    with (
        serving(a_list) as there,
        serving(lambda _: Answer(status=302, headers={"Location": there.address(f"/x/{SECRET}")})) as here,
    ):
        container, source = opened(here, tmp_path, there)
        keep(container, source, SecretKind.BEARER)
        report = harvest(container, source.id)
        assert codes(report) == ["secret_in_redirect"]
        assert there.requests == []
        assert not [cell for cell in stored(tmp_path) if SECRET in cell]


def test_an_error_of_the_server_does_not_tell_the_key(tmp_path: Path) -> None:
    with serving(lambda _: Answer(status=404)) as server:
        container, source = opened(server, tmp_path)
        keep(container, source, SecretKind.QUERY, "key")
        report = harvest(container, source.id)
        assert codes(report) == ["http_status"]
        assert not [problem for problem in report.problems if SECRET in problem.value]


def test_a_new_host_forgets_the_secret_and_a_new_path_does_not(tmp_path: Path) -> None:
    with serving(a_list) as old, serving(a_list) as new:
        container, source = opened(old, tmp_path, new)
        keep(container, source, SecretKind.BEARER)
        container.sources.change(source.id, {}, address=old.address("/other.json"), actor="test")
        assert container.source_secrets.kept(source.id) is not None
        container.sources.change(source.id, {}, address=new.address("/data.json"), actor="test")
        assert container.source_secrets.kept(source.id) is None
        harvest(container, source.id)
        assert "authorization" not in new.requests[0].headers


def test_keys_are_changed_one_after_the_other(tmp_path: Path) -> None:
    with serving(a_list) as server:
        container, source = opened(server, tmp_path)
        keep(container, source, SecretKind.BEARER)
        hosts, folder = server.host, tmp_path / "var"
        both = open_catalogue(folder, allowed_private_hosts=hosts, harvest_secret_keys="a new key,an older one")  # noqa: S106 — made up
        assert both.source_secrets.reseal(actor="test") == 1
        (folder / "secret.key").write_text("another installation", encoding="ascii")
        after = open_catalogue(folder, allowed_private_hosts=hosts, harvest_secret_keys="a new key")  # noqa: S106 — made up
        assert harvest(after, source.id).state is RunState.COMPLETE
        lost = open_catalogue(folder, allowed_private_hosts=hosts, harvest_secret_keys="quite another")  # noqa: S106 — made up
        report = harvest(lost, source.id)
        assert (report.state, codes(report)) == (RunState.ABORTED, ["secret_unreadable"])
        assert len(server.requests) == 1, "without its secret a source is not asked at all"


def test_a_secret_moved_to_another_source_opens_no_more() -> None:
    vault = Vault(["key"])
    sealed = vault.seal("text", "one https://a.cn:443")
    assert vault.open(sealed, "one https://a.cn:443") == "text"
    with pytest.raises(InvalidInput, match="secret_unreadable"):
        vault.open(sealed, "two https://a.cn:443")


@pytest.mark.parametrize(
    ("kind", "name", "secret", "code"),
    [
        (SecretKind.BEARER, "", "short", "secret_too_short"),
        (SecretKind.BEARER, "", "long enough\r\nX: y", "secret_too_short"),
        (SecretKind.BEARER, "name", "long enough", "secret_name"),
        (SecretKind.BEARER, "", "密码密码密码密码密码", "secret_not_ascii"),
        (SecretKind.HEADER, "Host", "long enough", "secret_name"),
        (SecretKind.HEADER, "a b", "long enough", "secret_name"),
        (SecretKind.BASIC, "", "long enough", "secret_name"),
        (SecretKind.QUERY, "", "long enough", "secret_name"),
    ],
)
def test_what_cannot_be_sent_is_refused(tmp_path: Path, kind: SecretKind, name: str, secret: str, code: str) -> None:
    container = open_catalogue(tmp_path / "var")
    source = add_source(container, SourceKind.DATA_JSON, "https://example.org/data.json")
    with pytest.raises(InvalidInput, match=code):
        container.source_secrets.keep(source.id, kind, name, secret, actor="test")


def test_a_file_has_no_secret(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("{}", encoding="utf-8")
    container = open_catalogue(tmp_path / "var")
    source = add_source(container, SourceKind.DATA_JSON, tmp_path / "list.json")
    with pytest.raises(InvalidInput, match="secret_for_file"):
        keep(container, source, SecretKind.BEARER)
