"""Secrets as they are made, compared and kept: digests, sealed texts, and the one secret of an installation."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final, final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from catalogue_app.domain.errors import ConfigurationError

_BYTES: Final = 32


def new_secret() -> str:
    """Return 256 random bits as text that may stand in an address."""
    return secrets.token_urlsafe(_BYTES)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret we made: it has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret(secret: str, digest: str) -> bool:
    """Compare a secret with what was kept, in the same time for every answer."""
    return hmac.compare_digest(digest_of(secret), digest)


def read_secret(configured: str, data_dir: Path) -> str:
    """Return the secret of this installation: the setting, else the file in the data directory, made when first needed.

    Raises:
        ConfigurationError: the setting is too short, or the file cannot be read or written.
    """
    if configured:
        return configured
    return secret_of_file(data_dir / "secret.key")


def secret_of_file(path: Path) -> str:
    """Return the secret in a file that only its owner may read, made when first needed.

    Raises:
        ConfigurationError: the file cannot be read or written.
    """
    try:
        return _read_or_make(path)
    except OSError as error:
        raise ConfigurationError("data_dir_unusable", folder=str(path), why=str(error)) from error


def _read_or_make(path: Path) -> str:
    """Read the file; two processes that start at once agree on the one that was there first, and whole."""
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(new_secret())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


@final
class Seal:
    """Keeps a text unreadable for who has only the database: it opens with the secret of the installation."""

    def __init__(self, secret: str) -> None:
        """Derive the key of one purpose from the secret."""
        key = HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=b"second factor").derive(secret.encode())
        self._box: Final = Fernet(base64.urlsafe_b64encode(key))

    def close(self, text: str) -> str:
        """Return the text sealed."""
        return self._box.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str | None:
        """Return the text, or None where it was sealed with another secret."""
        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None
