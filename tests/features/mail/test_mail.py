from collections.abc import Iterator
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from chat.features.mail import service
from chat.models import OutboxEntry
from chat.pipeline import outbox, queues
from chat.tasks import sweep_outbox
from tests.features.mail.server import Mailbox, mail_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", box.port, 5
        settings.HAS_WORKERS = True
        yield box


def letter(to: str = "dora@example.org") -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives("마루에서: hello", "Plain 안녕", "Maru <maru@example.org>", [to])
    mail.attach_alternative("<p>Fancy 안녕</p>", "text/html")
    return mail


def again() -> None:
    OutboxEntry.objects.update(not_before=timezone.now())


def row() -> OutboxEntry:
    return OutboxEntry.objects.get()


def test_a_mail_waits_in_the_outbox_and_arrives_as_it_was_written(mailbox: Mailbox) -> None:
    service.post(letter())
    assert (mailbox.tries_count, row().queue, row().attempts) == (0, "mail", 0)
    assert sweep_outbox("mail") == 1
    (mail,) = mailbox.mails
    assert (mail["Subject"], mail["To"]) == ("마루에서: hello", "dora@example.org")
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert (plain.get_content().strip(), html.get_content().strip()) == ("Plain 안녕", "<p>Fancy 안녕</p>")


def test_the_workers_of_other_queues_leave_mail_alone(mailbox: Mailbox) -> None:
    service.post(letter())
    assert sweep_outbox("fast") == 0
    assert mailbox.tries_count == 0


def test_a_server_that_is_busy_is_asked_again_with_the_same_message_id(mailbox: Mailbox) -> None:
    mailbox.refusals = ["451 come again", ""]
    service.post(letter())
    sent = row().payload["headers"]["Message-ID"]
    sweep_outbox("mail")
    assert (row().attempts, row().done_at, row().parked_at) == (1, None, None)
    again()
    sweep_outbox("mail")
    assert [mail["Message-ID"] for mail in mailbox.mails] == [sent]
    assert sent.endswith("@example.org>")


def test_a_server_that_is_away_is_asked_again(mailbox: Mailbox, settings: Any) -> None:
    service.post(letter())
    settings.EMAIL_PORT = 1
    sweep_outbox("mail")
    assert row().last_error.startswith("ConnectionRefusedError")
    settings.EMAIL_PORT = mailbox.port
    again()
    sweep_outbox("mail")
    assert len(mailbox.mails) == 1


def test_a_mail_that_is_refused_for_good_is_put_aside(mailbox: Mailbox) -> None:
    mailbox.refusals = ["550 no such mailbox"]
    service.post(letter())
    sweep_outbox("mail")
    assert (row().attempts, row().parked_at is not None) == (1, True)
    assert row().last_error == "GiveUp: the server refuses the mail: 550"


def test_a_sent_mail_leaves_no_text_in_the_database(mailbox: Mailbox) -> None:
    service.post(letter())
    sweep_outbox("mail")
    assert row().payload == {}


def test_an_address_cannot_add_a_header(mailbox: Mailbox) -> None:
    service.post(letter("dora@example.org\r\nBcc: eve@example.org"))
    sweep_outbox("mail")
    assert mailbox.tries_count == 0
    assert (row().done_at, row().last_error[:10]) == (None, "ValueError")


def test_without_workers_it_is_sent_at_once(mailbox: Mailbox, settings: Any) -> None:
    settings.HAS_WORKERS = False
    service.post(letter())
    assert len(mailbox.mails) == 1
    assert not OutboxEntry.objects.exists()


def test_every_task_of_the_outbox_has_its_queue() -> None:
    assert queues.of(service.SEND) is queues.MAIL
    assert outbox.entry(service.SEND, "k", {}).queue == "mail"
