"""Source kind `oai_pmh`: a repository of the Open Archives Initiative (OAI-PMH 2.0), or answers of it saved as files.

The address is the repository's base address, which is paged through by resumption tokens; the address of one answer
(with a `verb`); a file, or a folder of files. Records may be in Dublin Core, ISO 19139 or another standard that
`xml_record` reads (`prefix`). Identity is the identifier of the header.

A record whose header says `deleted` is no record: in a whole reading its entry is no longer seen, and the rules for
vanished entries hold. With `increment=yes` only what changed is asked for; where the repository tells any deletion in
that time, the run reads the whole repository instead, so that no deletion is passed over.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, final

import httpx

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import Source, SourceKind
from harvesters.fields import Readings
from harvesters.files import files_of
from harvesters.oai_answer import Answer, read_answer, refusal, split_answer
from harvesters.port import Fetcher, Payload, RawRecord, RefusedByServer, Unreadable
from harvesters.xml_record import read_record

EMPTY_PAGES: Final = 10
"""Pages without any record in a row, after which a list leads nowhere."""

_EXPIRED: Final = "badResumptionToken"
_NOTHING: Final = "noRecordsMatch"
_DAY: Final = "YYYY-MM-DD"
_PROTOCOL: Final = frozenset({"verb", "metadataPrefix", "set", "from", "until", "resumptionToken", "identifier"})
"""Parameters of the protocol; whatever else stands in the address is the repository's own."""


@final
class OaiPmhHarvester:
    """Reads one repository."""

    kind = SourceKind.OAI_PMH
    version = 2
    options: Mapping[str, str] = {
        "increment": r"yes|no",
        "prefix": r"[A-Za-z0-9_.!~*'()-]{1,100}",
        "set": r"\S{1,500}",
        "total": r"trust|ignore",
        "since": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z",
    }

    def __init__(self, source: Source, readings: Readings) -> None:
        """Decide from address and options what is asked for."""
        self._address, self._readings = source.address, readings
        self._is_site = _is_site(source.address)
        asked = {"metadataPrefix": source.options.get("prefix", "oai_dc"), "set": source.options.get("set", "")}
        self._asked = {name: value for name, value in asked.items() if value}
        is_increment = self._is_site and source.options.get("increment") == "yes"
        self._trusts_total = source.options.get("total") != "ignore"
        self._since = source.options.get("since", "") if is_increment else ""
        self.is_partial = bool(self._since)

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the pages of the repository, or the saved answers."""
        if not self._is_site:
            yield from files_of(fetcher, self._address, {"xml"})
            return
        asked = dict(self._asked)
        if self._since:
            since = {"from": self._from(fetcher)}
            self.is_partial = not self._is_any_deleted(fetcher, asked | since)
            asked |= since if self.is_partial else {}
        records = _List(fetcher, self._address, "ListRecords", asked)
        for payload, _ in records.pages():
            yield payload
        if self._trusts_total:
            records.check_total()

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the records of one answer, those marked as deleted left out."""
        return split_answer(payload)

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read one record."""
        return read_record(record, self._readings)

    def _from(self, fetcher: Fetcher) -> str:
        """Return the instant to ask from, as fine as the repository counts."""
        with _asking(fetcher, self._address, {"verb": "Identify"}) as (_, answer):
            return self._since[: len(_DAY)] if answer.granularity == _DAY else self._since

    def _is_any_deleted(self, fetcher: Fetcher, asked: Mapping[str, str]) -> bool:
        pages = _List(fetcher, self._address, "ListIdentifiers", asked).pages()
        return any(answer.is_any_deleted for _, answer in pages)


@final
class _List:
    """One list of a repository, followed from token to token."""

    def __init__(self, fetcher: Fetcher, address: str, verb: str, asked: Mapping[str, str]) -> None:
        self._fetcher, self._address, self._verb, self._asked = fetcher, address, verb, asked
        self._seen: set[str] = set()
        self._tokens: set[str] = set()
        self._restarted = False
        self._empty = self._came = self._stated = 0

    def pages(self) -> Iterator[tuple[Payload, Answer]]:
        """Yield page after page until one has no token.

        A token that has expired is answered by one new beginning, in which pages met before are passed over.

        Raises:
            SourceCutShort: tokens lead in a circle, or expire twice.
            SourceError: the repository reports an error.
        """
        token = ""
        while True:
            with _asking(self._fetcher, self._address, self._parameters(token)) as (payload, answer):
                if answer.error == _EXPIRED and token:
                    self._restart()
                    token = ""
                    continue
                if answer.error == _NOTHING and token:
                    raise SourceCutShort("resumption_expired", address=self._address, records=len(self._seen))
                _check(self._address, answer)
                is_new = not self._seen.issuperset(answer.identifiers)
                self._check_progress(answer, token, is_new=is_new)
                self._came += len(answer.identifiers) if is_new else 0
                self._stated = max(self._stated, answer.stated)
                if is_new or not answer.identifiers:
                    yield payload, answer
            self._seen.update(answer.identifiers)
            self._tokens.add(token)
            token = answer.token
            if not token:
                return

    def _parameters(self, token: str) -> Mapping[str, str]:
        return {"verb": self._verb, **({"resumptionToken": token} if token else self._asked)}

    def _restart(self) -> None:
        if self._restarted:
            raise SourceCutShort("resumption_expired", address=self._address, records=len(self._seen))
        self._restarted = True
        self._tokens.clear()

    def check_total(self) -> None:
        """Believe a repository that says it has more than it gave.

        Raises:
            SourceCutShort: it does.
        """
        if self._came < self._stated:
            raise SourceCutShort("fewer_than_stated", stated=self._stated, records=self._came, address=self._address)

    def _check_progress(self, answer: Answer, token: str, *, is_new: bool) -> None:
        """Leave a list that brings nothing new and leads back to where it was; one new record is progress."""
        self._empty = 0 if answer.identifiers else self._empty + 1
        is_circle = answer.token in self._tokens | {token} if answer.token else False
        is_repeated = bool(answer.identifiers) and not is_new and not self._restarted
        if (is_circle and not is_new) or (is_repeated and token) or self._empty > EMPTY_PAGES:
            raise SourceCutShort("resumption_loop", address=self._address, records=len(self._seen))


@contextmanager
def _asking(fetcher: Fetcher, address: str, parameters: Mapping[str, str]) -> Iterator[tuple[Payload, Answer]]:
    """Ask once; errors of the protocol are answers, also where they come with a status that is no success."""
    try:
        with fetcher.fetch(address, parameters) as payload:
            yield payload, read_answer(payload)
    except RefusedByServer as refused:
        told = refusal(refused)
        if told is None or not told[1].error:
            raise
        refused_with = told
    else:
        return
    yield refused_with


def _check(address: str, answer: Answer) -> None:
    if answer.error and answer.error != _NOTHING:
        raise SourceError("source_reports_error", message=f"{answer.error} {answer.message}".strip(), address=address)


def _is_site(address: str) -> bool:
    """Tell whether an address is the repository itself, and not one answer of it or a file."""
    if not address.startswith(("http://", "https://")):
        return False
    try:
        return _PROTOCOL.isdisjoint(httpx.URL(address).params)
    except httpx.InvalidURL:
        return True
