"""What was written to the current generation while another was being built, to be written to that one too.

One JSON document a line, after a line break, so that a line cut off by the death of its writer spoils no other; what it
held was never acknowledged.
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Final, final
from uuid import UUID

import orjson

from catalogue_app.domain.ids import EntryId
from indexing.document import SearchDocument
from indexing.fields import FacetField

_NAME: Final = "meanwhile.jsonl"
_LISTS: Final = ("titles", "keywords", "organ_names", "items", "codes")


@final
class Journal:
    """The journal of one generation."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._read = 0

    def append(self, documents: Iterable[SearchDocument]) -> None:
        """Write documents down; called by who holds the right to write, before they are written themselves."""
        lines = [b"\n" + orjson.dumps(it, default=sorted, option=orjson.OPT_NON_STR_KEYS) for it in documents]
        with self._path.open("ab") as file:
            file.write(b"".join(lines) + b"\n")

    def news(self) -> list[SearchDocument]:
        """Return what was written down since this was asked last."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        return [document for line in whole.splitlines() if line and (document := _read(line)) is not None]

    def clear(self) -> None:
        """Forget it all."""
        self._path.unlink(missing_ok=True)


def _read(line: bytes) -> SearchDocument | None:
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return SearchDocument(
        entry_id=EntryId(UUID(said["entry_id"])),
        serial=said["serial"],
        revision=said["revision"],
        labels=frozenset(said["labels"]),
        abstract=said["abstract"],
        facets={FacetField(name): tuple(values) for name, values in said["facets"].items()},
        folded_title=said["folded_title"],
        changed_at=datetime.fromisoformat(said["changed_at"]),
        updated_on=date.fromisoformat(said["updated_on"]) if said["updated_on"] else None,
        **{name: tuple(said[name]) for name in _LISTS},
    )
