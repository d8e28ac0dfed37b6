"""Passwords: which will do, and how they are kept (argon2id, RFC 9106)."""

import base64
import secrets
from typing import Final, final

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from catalogue_app.domain.account import Account
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.text import fold

_LONGEST: Final = 200
_FEWEST_KINDS: Final = 5
"""Different characters of a password."""


@final
class Passwords:
    """Checks and keeps passwords; a name without an account costs the same time as one with."""

    def __init__(self, shortest: int) -> None:
        """Say how many characters a password has at least."""
        self._shortest: Final = shortest
        self._hasher: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._nobody: Final = _of_nobody(RFC_9106_LOW_MEMORY)

    def keep(self, password: str) -> str:
        """Return what is kept of a password."""
        return self._hasher.hash(password)

    def matches(self, kept: str, password: str) -> bool:
        """Compare a password with what was kept; nothing kept is compared too, and never matches."""
        try:
            is_right = self._hasher.verify(kept or self._nobody, password[:_LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return bool(kept) and is_right

    def is_outdated(self, kept: str) -> bool:
        """Say whether a password should be kept anew, with today's parameters."""
        return self._hasher.check_needs_rehash(kept)

    def check_new(self, password: str, account: Account) -> None:
        """Judge a password its owner chose: long enough, and not to be guessed from the name.

        Raises:
            InvalidInput: says what it lacks.
        """
        if not self._shortest <= len(password) <= _LONGEST:
            raise InvalidInput("password_length", shortest=self._shortest, longest=_LONGEST)
        folded = fold(password)
        if len(set(folded)) < _FEWEST_KINDS or account.name in folded or fold(account.person) in folded:
            raise InvalidInput("password_guessable")


def _of_nobody(kept_by: Parameters) -> str:
    """Return what is kept of no password at all: a digest by chance, which costs as much to compare with as any.

    To make it from a password would take 64 MiB and a moment of every process, most of which never compare one.
    """
    chance = (secrets.token_bytes(length) for length in (kept_by.salt_len, kept_by.hash_len))
    salt, digest = (base64.b64encode(it).decode().rstrip("=") for it in chance)
    costs = f"m={kept_by.memory_cost},t={kept_by.time_cost},p={kept_by.parallelism}"
    return f"$argon2id$v={kept_by.version}${costs}${salt}${digest}"
