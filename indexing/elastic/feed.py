"""Sends documents in bulk: chunks on two connections, what a busy cluster turned away again; late writers lose."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import structlog
from elasticsearch import Elasticsearch, NotFoundError

from catalogue_app.domain.errors import SearchUnavailable
from indexing.elastic.connection import told

_CHUNK: Final = 1000
"""Documents of one request."""
_CHUNK_BYTES: Final = 8 << 20
"""Bytes after which a request is sent however few documents it has."""
_THREADS: Final = 2
_AHEAD: Final = 2
"""Chunks that wait for a connection; more would only take memory."""
_DEADLINE_S: Final = 60.0
"""Seconds one request may take: longer than the cluster needs to find a new master."""
_PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Waits before what was turned away is sent again."""
_KEPT: Final = frozenset({200, 201, 409})
"""States of a document that is in the index, at this version or a later one."""
_GONE: Final = 404
_OUR_FAULT: Final = 400
_BUSY: Final = 429

_log: Final = structlog.get_logger()


class IndexGone(Exception):
    """The index is no longer there: it was swapped away or thrown away."""


def feed(
    client: Elasticsearch, index: str, operations: Iterable[bytes], each_chunk: Callable[[], None] = lambda: None
) -> int:
    """Send documents to an index; returns how many.

    Args:
        client: of the cluster.
        index: its own name, no alias.
        operations: one document each, as two lines.
        each_chunk: called before each chunk is handed over.

    Raises:
        IndexGone: there is no such index.
        SearchUnavailable: the cluster does not answer, or refuses a document; others may have been kept.
    """
    count = 0
    waiting: deque[Future[None]] = deque()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="bulk") as pool:
        for chunk in _chunks(operations):
            each_chunk()
            while len(waiting) >= _THREADS + _AHEAD:
                waiting.popleft().result()
            waiting.append(pool.submit(_send, client, index, chunk))
            count += len(chunk)
        for sent in waiting:
            sent.result()
    return count


def _chunks(operations: Iterable[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    size = 0
    for operation in operations:
        if chunk and (len(chunk) >= _CHUNK or size + len(operation) > _CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(operation)
        size += len(operation)
    if chunk:
        yield chunk


def _send(client: Elasticsearch, index: str, chunk: list[bytes]) -> None:
    """Send one chunk until every document of it is kept; all of it is safe to send twice."""
    remaining = chunk
    for pause_s in (*_PAUSES_S, None):
        states = _states(client, index, remaining)
        if _GONE in states:
            raise IndexGone(index)
        if any(_OUR_FAULT <= state < _BUSY and state not in _KEPT for state in states):
            raise SearchUnavailable(why="a document was refused", index=index)
        remaining = [it for it, state in zip(remaining, states, strict=True) if state not in _KEPT]
        if not remaining:
            return
        if pause_s is not None:
            time.sleep(pause_s)
    raise SearchUnavailable(why="the cluster turned documents away", documents=len(remaining))


def _states(client: Elasticsearch, index: str, operations: list[bytes]) -> list[int]:
    """Send documents once; returns the state of each."""
    patient = client.options(request_timeout=_DEADLINE_S, retry_on_timeout=True)
    try:
        with told():
            answer = patient.bulk(
                index=index,
                operations=operations,  # type: ignore[arg-type]  # lines ready to be sent, which its types forget
                filter_path="errors,items.*.status,items.*.error.type",
            )
    except SearchUnavailable as error:
        if isinstance(error.__cause__, NotFoundError):
            raise IndexGone(index) from error
        raise
    items = [item["index"] for item in answer["items"]]
    kinds = {str(item["error"]["type"]) for item in items if "error" in item} - {"version_conflict_engine_exception"}
    if kinds:
        _log.warning("documents_turned_away", index=index, kinds=sorted(kinds))
    return [int(item["status"]) for item in items]
