"""A small real OpenID provider on loopback, built with Authlib: discovery, authorisation, token, keys."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "catalogue", "client-secret-of-a-test"


@dataclass
class Provider:
    """What the provider says of whoever comes by.

    Attributes:
        subject: who is signed in there.
        spoil: claims put over the right ones, to see them refused.
    """

    subject: str = "person-1"
    spoil: dict[str, Any] = field(default_factory=dict)
    signs_with: RSAKey | None = None
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)


@contextmanager
def a_provider() -> Iterator[Provider]:
    """Run a provider until the block is left."""
    provider, key = Provider(), RSAKey.generate_key(2048, {"kid": "k1"})
    app = Flask("provider")
    register(app, provider, key)
    server = make_server("127.0.0.1", 0, app)
    provider.issuer = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def register(app: Flask, provider: Provider, key: RSAKey) -> None:
    def discovery() -> dict[str, object]:
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {
            "issuer": provider.issuer,
            **{name: provider.issuer + path for name, path in paths.items()},
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorize() -> ResponseReturnValue:
        code = f"code-{len(provider.codes)}"
        provider.codes[code] = request.args.to_dict()
        return redirect(f"{request.args['redirect_uri']}?code={code}&state={request.args['state']}")

    def token() -> ResponseReturnValue:
        asked = provider.codes.pop(request.form["code"], None)
        given = request.authorization
        proof = create_s256_code_challenge(request.form["code_verifier"])
        is_known = given is not None and (given.username, given.password) == (CLIENT_ID, CLIENT_SECRET)
        if asked is None or not is_known or proof != asked["code_challenge"]:
            return {"error": "invalid_grant"}, 400
        now = int(time.time())
        claims = {
            "iss": provider.issuer,
            "sub": provider.subject,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **provider.spoil,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, provider.signs_with or key)
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": signed}

    app.add_url_rule("/.well-known/openid-configuration", view_func=discovery)
    app.add_url_rule("/authorize", view_func=authorize)
    app.add_url_rule("/token", view_func=token, methods=["POST"])
    app.add_url_rule("/keys", "keys", lambda: json.loads(json.dumps({"keys": [key.as_dict(private=False)]})))
