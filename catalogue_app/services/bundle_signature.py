"""Who made a bundle: the signing key of this deployment, and the one rule by which signatures are made and checked.

Ed25519 (RFC 8032) over a fixed first line and the bytes of the manifest, so that no signature made for anything else
counts for a bundle. Keys are written as `ed25519:` and 32 bytes in base64.
"""

import base64
import binascii
from pathlib import Path
from typing import Final, final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from catalogue_app.domain.bundle import FORMAT
from catalogue_app.domain.errors import BundleRefused, ConfigurationError, InvalidInput
from catalogue_app.services.secrecy import secret_of_file

_ALGORITHM: Final = "ed25519:"
_PURPOSE: Final = f"{FORMAT}\n".encode()
KEY_FILE: Final = "bundle.key"
"""Holds the signing key in the data directory; readable by its owner alone."""


@final
class SigningKey:
    """The key of this deployment, made when it is first asked for."""

    def __init__(self, data_dir: Path) -> None:
        """Keep where the key lies."""
        self._path: Final = data_dir / KEY_FILE

    @property
    def public(self) -> str:
        """What others trust this deployment by.

        Raises:
            ConfigurationError: the key cannot be read or made.
        """
        return _ALGORITHM + base64.b64encode(self._read().public_key().public_bytes_raw()).decode()

    def sign(self, manifest: bytes) -> bytes:
        """Return the signature over a manifest as text.

        Raises:
            ConfigurationError: the key cannot be read or made.
        """
        return base64.b64encode(self._read().sign(_PURPOSE + manifest))

    def _read(self) -> Ed25519PrivateKey:
        written = secret_of_file(self._path)
        try:
            return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))
        except (binascii.Error, ValueError) as error:
            raise ConfigurationError("data_dir_unusable", folder=str(self._path), why="not a signing key") from error


def check_key(public_key: str) -> str:
    """Return a public key as `SigningKey.public` writes it.

    Raises:
        InvalidInput: `bundle_key_malformed`.
    """
    try:
        return _ALGORITHM + base64.b64encode(_public(public_key.strip()).public_bytes_raw()).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("bundle_key_malformed", value=public_key[:80]) from error


def check_signature(manifest: bytes, signature: bytes, public_key: str) -> None:
    """Refuse a manifest that the owner of a trusted key did not sign just so.

    Raises:
        BundleRefused: `bundle_signature_wrong`.
    """
    try:
        _public(public_key).verify(base64.b64decode(signature, validate=True), _PURPOSE + manifest)
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise BundleRefused("bundle_signature_wrong") from error


def _public(written: str) -> Ed25519PublicKey:
    if not written.startswith(_ALGORITHM):
        raise ValueError("algorithm")
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(written.removeprefix(_ALGORITHM), validate=True))
