"""The files of a source, each a part of its own: the loop that every kind reads folders and archives with."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from dataclasses import replace

from catalogue_app.domain.errors import SourceError
from harvesters.port import Fetcher, Part, Payload, Unreadable


def files_of(fetcher: Fetcher, address: str, endings: AbstractSet[str]) -> Iterator[Payload | Unreadable]:
    """Yield what stands at an address: the one document, or every file of a folder or archive as a part.

    Every file is tried, whatever it is called; its name only says what a failure means.

    Args:
        fetcher: of this run.
        address: of the source.
        endings: last parts of the names of files that ought to hold records, in lower case and without the dot. The
            ending `gz` is looked through.

    Raises:
        SourceError: the folder or archive itself, or the one document, cannot be read.
    """
    addresses = fetcher.expand(address)
    if addresses == (address,):
        with fetcher.fetch(address) as payload:
            yield payload
        return
    for one in addresses:
        name = one.removeprefix(address).lstrip("!/\\")
        part = Part(name=name, is_expected=_ending(name) in endings)
        with ExitStack() as opened:
            try:
                payload = opened.enter_context(fetcher.fetch(one))
            except SourceError as error:
                yield Unreadable(part=part, error=error)
                continue
            yield replace(payload, part=part)


def _ending(name: str) -> str:
    """Return what stands after the last dot of a file's name; empty where there is none."""
    plain = name.lower().removesuffix(".gz")
    return plain.rpartition("/")[2].rpartition(".")[2] if "." in plain else ""
