"""Long work over the API: told on the extranet, nothing on the portal."""

from flask.testing import FlaskClient

from tests.api.small_catalogue import read


def test_officers_see_the_work_and_the_portal_sees_none(portal: FlaskClient, extranet: FlaskClient) -> None:
    told = read(extranet, "/api/v1/work")["items"]
    assert "index_rebuild" in {work["kind"] for work in told}
    assert all(work["state"] == "done" and work["ended_at"].endswith("Z") for work in told)
    assert read(portal, "/api/v1/work") == {"items": []}
