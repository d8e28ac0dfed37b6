"""Addresses as they may be stored, logged and shown: without names, passwords and keys in them."""

import re
from typing import Final

_USER: Final = re.compile(r"([a-z][a-z0-9+.-]*:[\\/]{1,3}|(?<![\w:.\\/])[\\/]{2})[^\\/?#\s]*@", re.IGNORECASE)
_KEY: Final = re.compile(
    r"([?&;](?!resumption)"
    r"(?:[\w.-]*(?:api_?key|access_?key|token|secret|passw(?:or)?d|signature|credential)|key|pwd|auth|sig|sign)=)"
    r"[^&;#\s]+",
    re.IGNORECASE,
)
"""A parameter whose name says that its value is nobody else's business."""
_HIDDEN: Final = "…"


def without_secrets(text: str) -> str:
    """Return a text with what stands for somebody's identity in its addresses taken out or hidden.

    Names and passwords before a host go; values of parameters such as `api_key` or `token` become an ellipsis.
    """
    return _KEY.sub(rf"\1{_HIDDEN}", _USER.sub(r"\1", text))
