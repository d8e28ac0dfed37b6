"""What one process of the server runs: the application, and a watch that ends it when the server is gone."""

import multiprocessing
import os
import signal
import threading

from flask import Flask

from catalogue_app.cli.application import Application
from catalogue_app.cli.figures import serve_figures
from catalogue_app.web.app import create_app


def make_app() -> Flask:
    """Build the application from the settings of this process."""
    threading.Thread(target=_end_with_server, name="server-watch", daemon=True).start()
    container = Application().container
    serve_figures(container)
    return create_app(container)


def _end_with_server() -> None:
    """Wait for the server's end, also a violent one: an orphan would keep the port and answer for ever."""
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os.kill(os.getpid(), signal.SIGTERM)
