"""What a server told about the state of a page, so that only changes are asked for (RFC 9110 §13)."""

from dataclasses import dataclass
from datetime import datetime
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """The validators of one page.

    Attributes:
        etag: as the server wrote it, quotes included; empty when it named none.
        last_modified: as the server wrote it; empty when it named none.
        read_at: when the page's body was last received; confirmations since do not count.
        is_trusted: false once the server called a page unchanged that had changed; it is then always read whole.
    """

    etag: str = ""
    last_modified: str = ""
    read_at: datetime
    is_trusted: bool = True
