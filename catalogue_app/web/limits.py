"""How often one address may try: changes of every kind, and attempts to sign in; reading is not limited here."""

from collections.abc import Callable
from typing import Final, final

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from catalogue_app.settings import Web
from catalogue_app.web.network import client_address

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

View = Callable[..., ResponseReturnValue]


@final
class Limits:
    """The limits of one application."""

    def __init__(self, app: Flask, web: Web) -> None:
        """Count the changes of an application by the address they come from."""
        self._limiter: Final = Limiter(
            lambda: client_address(request, web),
            app=app,
            storage_uri=web.limits_storage,
            application_limits=[web.write_limit],
            application_limits_exempt_when=lambda: request.method in _SAFE,
            headers_enabled=True,
        )
        self._sign_in: Final = web.sign_in_limit

    def of_sign_in(self, view: View) -> View:
        """Limit a view's attempts further: somebody may be guessing."""
        limited: View = self._limiter.limit(self._sign_in, methods=["POST"], override_defaults=False)(view)
        return limited
