"""Gives a monitor the figures of this process and of the catalogue, at an address of their own, not the public one."""

from typing import Final

import structlog
from prometheus_client import start_http_server

from catalogue_app.container import Container

_log: Final = structlog.get_logger()


def serve_figures(container: Container) -> None:
    """Answer `/metrics` at the address of the settings while this process lives; not at all where the port is 0.

    An address that cannot be had is logged: nobody's page waits for the monitor.
    """
    metrics, registry = container.settings.metrics, container.instruments.registry
    if metrics.port == 0:
        return
    registry.register(container.monitoring)
    try:
        start_http_server(metrics.port, metrics.host, registry)
    except OSError as error:
        _log.warning("metrics_address_not_free", address=f"{metrics.host}:{metrics.port}", why=error.strerror)
