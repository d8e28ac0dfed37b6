"""Letters to an organ's people: only when the state changes, one a run, true to it, neither lost nor doubled."""

import email
import email.policy
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from catalogue_app.container import Container
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.services.source_letters import LetterSender
from tests.living import add_source, harvest, open_catalogue

GOOD = '{"dataset": [%s]}'
NOTIFY = "zhang@edu.example.cn,li@edu.example.cn"


def datasets(count: int) -> str:
    return GOOD % ",".join(f'{{"identifier": "d-{number}", "title": "第{number}号名录"}}' for number in range(count))


class Mailbox:
    """Takes letters, or refuses them as told."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 — aiosmtpd's name
        del server, session
        if self.refuses:
            return "451 later"
        assert isinstance(envelope.content, bytes)
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, str(port)
    finally:
        controller.stop()


def opened(folder: Path, port: str) -> tuple[Container, Source, Path]:
    container = open_catalogue(
        folder / "var", mail_host="127.0.0.1", mail_port=port, mail_starttls="false", mail_sender="c@example.cn"
    )
    path = folder / "list.json"
    path.write_text(datasets(30), encoding="utf-8")
    return container, add_source(container, SourceKind.DATA_JSON, path, notify=NOTIFY), path


def run_on(container: Container, source: Source, path: Path, text: str) -> int:
    path.write_text(text, encoding="utf-8")
    harvest(container, source.id)
    return container.letter_sender.send_waiting()


def test_people_are_told_when_the_state_changes_and_only_then(tmp_path: Path) -> None:
    with mailbox() as (box, port):
        container, source, path = opened(tmp_path, port)
        good, broken, empty = datasets(30), '{"dataset": [', datasets(0)
        sent = [run_on(container, source, path, text) for text in [good, good, broken, broken, broken, broken]]
        assert sent == [0, 0, 0, 0, 2, 0], "at the third failure in a row, to both, once"
        assert run_on(container, source, path, good) == 2
        assert [run_on(container, source, path, empty) for _ in range(2)] == [2, 0]
        subjects = [str(letter["Subject"]) for letter in box.letters]
        assert [("采集失败" in it, "恢复正常" in it, "待确认" in it) for it in subjects[::2]] == [
            (True, False, False),
            (False, True, False),
            (False, False, True),
        ]
        assert {str(letter["To"]) for letter in box.letters[:2]} == set(NOTIFY.split(","))


def test_a_letter_says_in_both_languages_what_is_wrong_and_how_to_mend_it(tmp_path: Path) -> None:
    with mailbox() as (box, port):
        container, source, path = opened(tmp_path, port)
        for _ in range(3):
            run_on(container, source, path, '{"dataset": [')
        text = box.letters[0].get_content()
        zh, _, en = text.partition("----")
        assert "原因：" in zh
        assert "如何处理：" in zh
        assert "Why: " in en
        assert "How to mend it: " in en
        assert str(path) in zh
        assert "{" not in text


def test_a_letter_that_is_not_taken_waits_and_goes_out_once(tmp_path: Path) -> None:
    with mailbox() as (box, port):
        container, source, path = opened(tmp_path, port)
        box.refuses = True
        for _ in range(3):
            assert run_on(container, source, path, "{") == 0
        assert container.letter_sender.send_waiting() == 0, "not asked again at once"
        box.refuses = False
        later = LetterSender(
            container.uow, container.letter_sender._post, lambda: container.clock() + timedelta(hours=1)
        )
        assert [later.send_waiting(), later.send_waiting()] == [2, 0]
        assert len(box.letters) == 2


def test_several_senders_share_the_letters_out(tmp_path: Path) -> None:
    with mailbox() as (box, port):
        container, source, path = opened(tmp_path, port)
        path.write_text("{", encoding="utf-8")
        for _ in range(3):
            harvest(container, source.id)
        with ThreadPoolExecutor(4) as pool:
            sent = list(pool.map(lambda _: container.letter_sender.send_waiting(), range(8)))
        assert sum(sent) == len(box.letters) == 2
        assert len({str(letter["Message-ID"]) for letter in box.letters}) == 2


def test_without_a_mail_server_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text("{", encoding="utf-8")
    container = open_catalogue(tmp_path / "var")
    source = add_source(container, SourceKind.DATA_JSON, path, notify=NOTIFY)
    for _ in range(3):
        harvest(container, source.id)
    with container.uow() as work:
        assert work.letters.take(container.clock()) is None


@pytest.mark.parametrize("address", ["nobody", "a@b c@d", "a@b\nBcc: x@y", "a@b,,c@d"])
def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    container = open_catalogue(tmp_path / "var")
    with pytest.raises(InvalidInput, match="invalid_option"):
        add_source(container, SourceKind.DATA_JSON, "https://example.org/", notify=address)
