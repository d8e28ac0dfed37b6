"""Whether the process lives and what it stands on; what goes on while a part is broken."""

import fcntl
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from catalogue_app.domain.vocabulary import Tier
from tests.api.small_catalogue import application, fill, read
from tests.living import open_catalogue


@pytest.fixture
def own_dir(tmp_path: Path) -> Path:
    """Return a catalogue that a test may break."""
    fill(open_catalogue(tmp_path))
    return tmp_path


def spoil(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            file.write_bytes(b"spoilt")


def test_a_process_that_answers_is_alive(portal: FlaskClient) -> None:
    assert read(portal, "/healthz") == {"status": "ok"}
    assert portal.get("/healthz").headers["Cache-Control"] == "no-store"


@pytest.mark.embedded
def test_readiness_names_the_part_that_nobody_does(own_dir: Path) -> None:
    client = application(own_dir, Tier.PORTAL).test_client()
    parts = {"database": "ok", "search": "ok", "scheduler": "absent"}
    assert read(client, "/readyz") == {"status": "degraded", "parts": parts}
    with (own_dir / "scheduler.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert read(client, "/readyz") == {"status": "ready", "parts": {**parts, "scheduler": "ok"}}
    assert read(client, "/readyz")["parts"]["scheduler"] == "absent"


@pytest.mark.embedded
def test_without_search_lists_and_entries_go_on(own_dir: Path) -> None:
    app = application(own_dir, Tier.PORTAL)
    spoil(own_dir / "index")
    client = app.test_client()
    refused = client.get("/api/v1/entries?q=幼儿园")
    assert (refused.status_code, refused.get_json()["code"]) == (503, "search_unavailable")
    assert refused.headers["Retry-After"]
    assert client.get("/search?q=幼儿园").status_code == 503
    assert read(client, "/api/v1/suggest", q="幼")["items"] == [], "suggestions are left out quietly"
    assert read(client, "/api/v1/entries", organ="edu")["total"] == 15
    for address in ("/", "/entries/TJ00000001", "/organs/edu", "/themes/T05", "/api/v1/entries/TJ00000001"):
        assert client.get(address).status_code == 200, address
    health = client.get("/readyz")
    assert health.status_code == 200
    assert health.get_json()["parts"]["search"] == "down"


@pytest.mark.embedded
def test_without_its_database_nothing_is_ready_and_nothing_is_told(own_dir: Path) -> None:
    app = application(own_dir, Tier.PORTAL)
    spoil(own_dir)
    health = app.test_client().get("/readyz")
    assert (health.status_code, health.get_json()["status"]) == (503, "unavailable")
    failed = app.test_client().get("/api/v1/organs")
    assert failed.status_code == 500
    assert "sqlite" not in failed.get_data(as_text=True).lower()
