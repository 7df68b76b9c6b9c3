"""Mail as follow-up work: kept in the outbox until a server has taken it."""

from __future__ import annotations

import uuid
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives

from chat.pipeline import outbox

SEND = "chat.mail.send"
# What a server says of an address or a message that it will never take.
_FOR_GOOD = range(500, 600)


def post(message: EmailMessage) -> None:
    """Have a mail sent by a worker; where there are none, send it now.

    Raises as the database does, and without workers as the mail backend does.
    """
    if not settings.HAS_WORKERS:
        message.send()
        return
    # The same id at each try, by which a mailbox knows a mail that has come twice.
    name = uuid.uuid4().hex
    message.extra_headers.setdefault("Message-ID", f"<{name}@{_host(message.from_email)}>")
    outbox.entry(SEND, f"{SEND}:{name}", packed(message)).save(force_insert=True)
    outbox.nudge(["mail"])


def packed(message: EmailMessage) -> dict[str, Any]:
    """Return a mail as JSON can hold it; mails of ours have no attachments."""
    alternatives = getattr(message, "alternatives", [])
    return {
        "subject": str(message.subject),
        "text": message.body,
        "html": next((str(content) for content, kind in alternatives if kind == "text/html"), ""),
        "sender": message.from_email,
        "to": list(message.to),
        "headers": {name: str(value) for name, value in message.extra_headers.items()},
    }


def send(subject: str, text: str, html: str, sender: str, to: list[str], headers: dict[str, str]) -> None:
    """Send a packed mail.

    Raises:
        GiveUp: the server refuses it for good.
        OSError: it could not be sent now, also as SMTPException.
    """
    message = EmailMultiAlternatives(subject, text, sender, to, headers=headers)
    if html:
        message.attach_alternative(html, "text/html")
    try:
        message.send()
    except SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        if codes and all(code in _FOR_GOOD for code in codes):
            raise outbox.GiveUp(f"the server refuses every recipient: {codes}") from refused
        raise
    except SMTPDataError as refused:
        if refused.smtp_code in _FOR_GOOD:
            raise outbox.GiveUp(f"the server refuses the mail: {refused.smtp_code}") from refused
        raise


def _host(address: str) -> str:
    return address.rpartition("@")[2].rstrip(">") or "localhost"
