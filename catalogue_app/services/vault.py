"""Seals secrets of sources with a key outside the database, and lets keys be changed one after the other."""

import base64
from collections.abc import Sequence
from typing import Final, final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from catalogue_app.domain.errors import InvalidInput

_BYTES: Final = 32
_PURPOSE: Final = b"secrets of sources"


@final
class Vault:
    """Opens with any of its keys, and seals with the first."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Derive the keys of this one purpose.

        Args:
            keys: texts of any length, the present one first, then those it took the place of; at least one.
        """
        self._box: Final = MultiFernet([Fernet(_derived(key)) for key in keys])

    def seal(self, text: str, bound_to: str) -> str:
        """Return a text sealed, for one source and origin only: moved elsewhere in the database it opens no more."""
        return self._box.encrypt(f"{bound_to}\n{text}".encode()).decode("ascii")

    def open(self, sealed: str, bound_to: str) -> str:
        """Return the text.

        Raises:
            InvalidInput: `secret_unreadable`, it was sealed with a key that is not here, or for something else.
        """
        try:
            owner, _, text = self._box.decrypt(sealed.encode()).decode().partition("\n")
        except InvalidToken as error:
            raise InvalidInput("secret_unreadable") from error
        if owner != bound_to:
            raise InvalidInput("secret_unreadable")
        return text


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(
        HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=_PURPOSE).derive(key.encode())
    )
