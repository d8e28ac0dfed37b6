"""Letters to an organ's people about their source: written when its state changes, sent until somebody takes them."""

from typing import Final, final

import structlog

from catalogue_app.domain.address import without_secrets
from catalogue_app.domain.clock import CITY_ZONE, Clock
from catalogue_app.domain.harvest import HarvestRun, Outcome
from catalogue_app.domain.source import Source
from catalogue_app.domain.standing import Standing
from catalogue_app.messages import LetterWordings, Messages
from catalogue_app.persistence.letters import WaitingLetter
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.mail import Letter, MailNotSent, Post

_log = structlog.get_logger()


@final
class SourceLetters:
    """Writes letters, in the unit that closes a run."""

    def __init__(self, messages: Messages, wordings: LetterWordings, *, is_on: bool) -> None:
        """Keep the words.

        Args:
            messages: of problems.
            wordings: of the letters.
            is_on: whether mail is sent at all; without it none is written, so that none piles up.
        """
        self._messages: Final = messages
        self._wordings: Final = wordings
        self._is_on: Final = is_on

    def tell(self, work: UnitOfWork, source: Source, ended: HarvestRun, standing: Standing | None) -> None:
        """Write to everybody the source names, if it now stands otherwise than they were told last."""
        if standing is None or work.sources.told(source.id) == standing:
            return
        work.sources.tell(source.id, standing)
        if not self._is_on:
            return
        subject, text = self._written(work, source, ended, standing)
        at = ended.finished_at or ended.started_at
        for recipient in source.notify:
            letter = WaitingLetter(run_id=ended.id, recipient=recipient, subject=subject, text=text)
            work.letters.write(letter, at)

    def _written(self, work: UnitOfWork, source: Source, ended: HarvestRun, standing: Standing) -> tuple[str, str]:
        """Put it into words, Chinese first."""
        organ = work.organs.by_id(source.organ_id)
        subjects, texts = [], []
        for language in ("zh", "en"):
            problem, mend = "", ""
            if ended.problem is not None:
                problem, mend = self._messages.problem(
                    ended.problem.code, language, value=ended.problem.value, element=ended.problem.element
                )
            values = {
                "organ": organ.name.pick(language)[1],
                "source": without_secrets(source.address),
                "run": str(ended.id),
                "at": ended.started_at.astimezone(CITY_ZONE).strftime("%Y-%m-%d %H:%M"),
                "problem": problem,
                "mend": mend,
                "gathered": ended.gathered,
                "changed": sum(ended.outcomes.get(kind, 0) for kind in (Outcome.ADDED, Outcome.CHANGED)),
                "rejected": ended.outcomes.get(Outcome.REJECTED, 0),
            }
            subject, text = self._wordings.filled(standing, language, values)
            subjects.append(subject)
            texts.append(text)
        return " / ".join(subjects), "\n\n----\n\n".join(texts) + "\n"


@final
class LetterSender:
    """Sends what waits. Any number of processes may: each letter is taken by one at a time.

    A letter is noted as sent after the server took it. A process that dies between the two leaves it to be sent again
    under the same Message-ID, by which mail programs know it as the same letter.
    """

    def __init__(self, uow: UnitsOfWork, post: Post, clock: Clock) -> None:
        self._uow: Final = uow
        self._post: Final = post
        self._clock: Final = clock

    def send_waiting(self) -> int:
        """Send every letter whose time has come; returns how many were taken by the server."""
        count = 0
        while (letter := self._take()) is not None:
            mark = f"{letter.run_id}.{letter.recipient.encode().hex()}"
            try:
                self._post.send(Letter(to=letter.recipient, subject=letter.subject, text=letter.text, mark=mark))
            except MailNotSent as error:
                _log.warning("letter_not_sent", run_id=str(letter.run_id), why=error.parameters.get("why"))
                continue
            with self._uow() as work:
                work.letters.sent(letter, self._clock())
                work.commit()
            count += 1
        return count

    def _take(self) -> WaitingLetter | None:
        with self._uow() as work:
            letter = work.letters.take(self._clock())
            work.commit()
        return letter
