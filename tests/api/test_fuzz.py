"""Every operation of the description, asked with whatever the description allows and forbids."""

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
PATHS = (
    "/entries",
    "/entries/{code}",
    "/entries/{code}/revisions",
    "/organs",
    "/organs/{organ}",
    "/findings",
    "/suggest",
    "/profile",
)


@pytest.fixture(scope="module")
def described(portal_app: Flask) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", portal_app)


@pytest.mark.full
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", PATHS)
def test_the_api_keeps_its_description(described: schemathesis.BaseSchema, path: str, mode: GenerationMode) -> None:
    operation = described[f"/api/v1{path}"]["GET"]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:  # type: ignore[type-arg]  # of whatever the operation takes
        # Blank values and commas are understood beyond what the description says, so that only what it
        # promises is held against the answers; refusals have tests of their own.
        case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})

    ask()
