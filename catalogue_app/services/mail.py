"""Letters to people: the port that sends one, and the sender by SMTP."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Final, Protocol, final

from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import CatalogueError
from catalogue_app.settings import MailServer

_TIMEOUT_S: Final = 20
_DOMAIN: Final = "catalogue.invalid"


class MailNotSent(CatalogueError):
    """The mail server did not take a letter; says why."""

    code = "mail_not_sent"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter of plain text to one person.

    Attributes:
        mark: the same whenever this very letter is sent again, so that programs know it by; none makes each one new.
    """

    to: str
    subject: str
    text: str
    mark: str = ""


class Post(Protocol):
    """Whatever takes letters."""

    def send(self, letter: Letter) -> None:
        """Hand a letter over.

        Raises:
            MailNotSent: it was not taken.
        """
        ...


@final
class SmtpPost:
    """Hands letters to a mail server."""

    def __init__(self, server: MailServer, clock: Clock) -> None:
        self._server: Final = server
        self._clock: Final = clock

    def send(self, letter: Letter) -> None:
        """Hand a letter to the server, over TLS where it is set so.

        Raises:
            MailNotSent: no server is configured, or it did not take the letter.
        """
        server = self._server
        if not server.host:
            raise MailNotSent(why="mail.host is empty")
        try:
            with smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_S) as connection:
                if server.starttls:
                    connection.starttls(context=ssl.create_default_context())
                if server.username:
                    connection.login(server.username, server.password)
                connection.send_message(self._written(letter))
        except (OSError, smtplib.SMTPException) as error:
            raise MailNotSent(why=type(error).__name__) from error

    def _written(self, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._server.sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(self._clock())
        message["Message-ID"] = f"<{letter.mark}@{_DOMAIN}>" if letter.mark else make_msgid(domain=_DOMAIN)
        message.set_content(letter.text)
        return message
