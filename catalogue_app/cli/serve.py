"""`catalogue serve`, all in one, and `catalogue web`, the portal and its API alone."""

import os
import socket
from contextlib import AbstractContextManager, nullcontext

import click
from granian import Granian
from granian.constants import Interfaces

from catalogue_app.cli.answer import give, json_option
from catalogue_app.cli.application import Application
from catalogue_app.cli.beside import beside
from catalogue_app.domain.errors import Conflict

host_option = click.option("--host", metavar="ADDRESS", help="Address to listen on; default: setting web.host.")
port_option = click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help="Port to listen on; default: setting web.port."
)


@click.command()
@host_option
@port_option
@click.option("--scheduler/--no-scheduler", default=True, help="Run the scheduled sweeps beside it, or not.")
@json_option
@click.pass_obj
def serve(application: Application, host: str | None, port: int | None, scheduler: bool, as_json: bool) -> None:
    """Serve the portal and the API until interrupted; says where before it begins."""
    commands = ("scheduler", "worker") if application.container.settings.shares_work else ("scheduler",)
    _serve(application, host, port, beside(*commands) if scheduler else nullcontext(), as_json=as_json)


@click.command()
@host_option
@port_option
@json_option
@click.pass_obj
def web(application: Application, host: str | None, port: int | None, as_json: bool) -> None:
    """Serve the portal and the API only; any number of them, each at its own port, may share one database."""
    _serve(application, host, port, nullcontext(), as_json=as_json)


def _serve(
    application: Application,
    host: str | None,
    port: int | None,
    company: AbstractContextManager[None],
    *,
    as_json: bool,
) -> None:
    settings = application.container.settings.web
    host, port = host or settings.host, port or settings.port
    _check_free(host, port)
    base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    document = {"portal": f"{base}/", "api": f"{base}/api/v1/", "pid": os.getpid()}
    lines = (f"portal: {document['portal']}   API: {document['api']}   stop with Ctrl-C",)
    give(document, lines, as_json=as_json)
    server = Granian(
        "catalogue_app.cli.wsgi:make_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=settings.threads,
        factory=True,
    )
    with company:
        server.serve()


def _check_free(host: str, port: int) -> None:
    """Refuse an address where somebody listens already, or that is not this machine's.

    Raises:
        Conflict: names the address.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Conflict("address_not_free", address=f"{host}:{port}", why=error.strerror) from error
