"""The second factor: one-time codes of an authenticator (RFC 6238) and recovery codes for when it is lost."""

import secrets
from datetime import datetime
from typing import Final

import pyotp

from catalogue_app.services.secrecy import digest_of

RECOVERY_CODES: Final = 10
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_HALF: Final = 5
_STEP_S: Final = 30
_DRIFT: Final = 1
"""Steps of 30 seconds by which a person's clock may be off, each way."""


def new_totp_secret() -> str:
    """Return a secret for an authenticator, in base 32."""
    return pyotp.random_base32()


def address_for(secret: str, name: str, issuer: str) -> str:
    """Return the `otpauth` address that an authenticator reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Return the number of the 30 seconds that a one-time code is of; None where it is wrong."""
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // _STEP_S
    digits = code.replace(" ", "")
    steps = range(now - _DRIFT, now + _DRIFT + 1)
    return next((step for step in steps if pyotp.utils.strings_equal(totp.generate_otp(step), digits)), None)


def new_recovery_codes() -> tuple[str, ...]:
    """Return codes that each let in once, such as `k7m2p-x9q4r`."""
    return tuple(
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_HALF)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    )


def recovery_digest(code: str) -> str:
    """Return what is kept of a recovery code, however its owner typed it."""
    return digest_of("".join(letter for letter in code.lower() if letter in _ALPHABET))
