"""Comparing a password where none is kept costs what comparing with a kept one does."""

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from catalogue_app.services.passwords import Passwords

SOME = "correct horse battery"


def test_what_is_kept_of_nobody_is_compared_by_the_very_parameters_of_a_kept_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[str] = []
    verify = PasswordHasher.verify

    def watched(self: PasswordHasher, kept: str, password: str) -> bool:
        compared.append(kept)
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    passwords = Passwords(12)
    assert not passwords.matches("", SOME)
    assert passwords.matches(passwords.keep(SOME), SOME)
    nobody, somebody = (kept.split("$")[:4] for kept in compared)
    assert nobody == somebody
    with pytest.raises(VerifyMismatchError):  # not one that cannot be read, which would take no time
        PasswordHasher().verify(compared[0], SOME)
