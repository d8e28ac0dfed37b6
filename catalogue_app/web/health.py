"""`/healthz` and `/readyz`: whether this process lives, and which of the parts it stands on do their work."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from catalogue_app.services.health import PartState
from catalogue_app.web.context import services

HEALTH: Final = Blueprint("health", __name__)
_UNKEPT: Final = {"Cache-Control": "no-store"}


@HEALTH.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Say that the process answers, whatever else is broken."""
    return jsonify({"status": "ok"}), HTTPStatus.OK, _UNKEPT


@HEALTH.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Say which part is degraded; 503 only where no page could be shown, since most live without search."""
    parts = services().health.parts()
    is_ready = parts["database"] is PartState.OK
    is_whole = all(state is PartState.OK for state in parts.values())
    status = "ready" if is_whole else "degraded" if is_ready else "unavailable"
    document = {"status": status, "parts": {name: state.value for name, state in parts.items()}}
    return jsonify(document), HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE, _UNKEPT
