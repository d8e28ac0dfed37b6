"""The description of the API (OpenAPI 3.1) is complete and true: every route, every answer."""

from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.web.endpoint import description_of
from catalogue_app.web.schemas.metadata import MetadataSchema
from tests.api.small_catalogue import read

ANSWERS = (
    ("/entries", "/entries?facets=organ,theme&q=幼儿园&limit=5", 200),
    ("/entries", "/entries?fields=code", 200),
    ("/entries", "/entries?limit=0", 400),
    ("/entries/{code}", "/entries/TJ00000001", 200),
    ("/entries/{code}", "/entries/TJ00000002?lang=en", 200),
    ("/entries/{code}", "/entries/TJ00000034", 410),
    ("/entries/{code}", "/entries/TJ99999999", 404),
    ("/entries/{code}/revisions", "/entries/TJ00000001/revisions", 200),
    ("/organs", "/organs", 200),
    ("/organs/{organ}", "/organs/edu", 200),
    ("/organs/{organ}", "/organs/nobody", 404),
    ("/findings", "/findings?limit=50", 200),
    ("/findings", "/findings?cursor=x", 400),
    ("/suggest", "/suggest?q=幼", 200),
    ("/suggest", "/suggest", 400),
    ("/profile", "/profile", 200),
)


@pytest.fixture(scope="module")
def description(portal_app: Flask) -> dict[str, Any]:
    return dict(description_of(portal_app))


def test_the_description_served_is_the_one_made(portal: FlaskClient, description: dict[str, Any]) -> None:
    served = read(portal, "/api/v1/openapi.json")
    assert served["openapi"].startswith("3.1")
    assert served == description


def test_every_route_of_the_api_is_described(portal_app: Flask, description: dict[str, Any]) -> None:
    routes = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in portal_app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and not rule.rule.endswith("openapi.json")
    }
    assert routes == set(description["paths"])


def test_every_parameter_and_operation_has_words(description: dict[str, Any]) -> None:
    operations = [
        (f"{method} {path}", operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    ]
    for name, operation in operations:
        assert operation["summary"], name
        assert {"400", "406"} <= set(operation["responses"]), name
        assert {"200", "201"} & set(operation["responses"]), name
        assert len({parameter["name"] for parameter in operation["parameters"]}) == len(operation["parameters"]), name
    assert len({operation["operationId"] for _, operation in operations}) == len(operations)


def test_every_change_says_that_it_needs_a_token_and_what_it_takes(description: dict[str, Any]) -> None:
    changes = [
        (method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in {"post", "put", "patch", "delete"}
    ]
    assert len(changes) >= 9
    assert description["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for method, path, operation in changes:
        assert operation["security"] == [{"token": []}], path
        assert operation["requestBody"]["content"], path
        assert {"401", "403", "409", "415", "422", "429"} <= set(operation["responses"]), path
        is_versioned = "If-Match" in {parameter["name"] for parameter in operation["parameters"]}
        assert is_versioned is ({"412", "428"} <= set(operation["responses"])), path
        assert is_versioned is (method != "post" or "{proposal_id}" in path), path


@pytest.mark.parametrize(("path", "address", "status"), ANSWERS, ids=[answer[1] for answer in ANSWERS])
def test_answers_are_as_described(
    portal: FlaskClient, description: dict[str, Any], path: str, address: str, status: int
) -> None:
    answer = portal.get(f"/api/v1{address}")
    assert answer.status_code == status
    response = description["paths"][f"/api/v1{path}"]["get"]["responses"][str(status)]
    schema = response["content"][answer.mimetype]["schema"]
    document = {**schema, "components": description["components"]}
    jsonschema_rs.Draft202012Validator(document).validate(answer.get_json())


def test_the_schema_of_metadata_has_every_element_and_no_other() -> None:
    assert list(MetadataSchema().fields) == list(EntryMetadata.__dataclass_fields__)
