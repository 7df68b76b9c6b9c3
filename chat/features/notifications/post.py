"""Hand a mail to the server, and tell what it said."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from email.policy import Compat32
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from typing import Any

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives

from chat.models.notifications import SAID_MAX_CHARS

_FOR_GOOD = range(500, 600)
_UNFOLDED = frozenset({"List-Unsubscribe"})
# Failures before anything of the mail was sent.
_BEFORE = (
    ConnectionRefusedError, socket.gaierror, SMTPConnectError, SMTPAuthenticationError, SMTPNotSupportedError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mail:
    """What one person gets."""

    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


class _OnOneLine(Compat32):
    """Folds headers as usual, but for those that hold one address.

    One longer than a usual line would be folded right after the header's name, where some mail programs do not look.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if name in _UNFOLDED:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


class _Message(EmailMultiAlternatives):
    def message(self, **options: Any) -> Any:
        made = super().message(**options)
        made.policy = _OnOneLine()
        return made


class Refused(Exception):
    """No server will take this mail."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said[:SAID_MAX_CHARS]


class Later(Exception):
    """It was not taken now; or, where the connection broke, nobody knows.

    `is_away`: nobody else's mail would go either.
    """

    def __init__(self, said: str, *, may_have_arrived: bool, is_away: bool) -> None:
        super().__init__(said)
        self.said = said[:SAID_MAX_CHARS]
        self.may_have_arrived = may_have_arrived
        self.is_away = is_away


def send(mail: Mail, name: str) -> None:
    """Send a mail, under the same Message-ID for the same name.

    Raises:
        Refused: for good.
        Later: another try may succeed.
    """
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    headers = {"Message-ID": f"<{name}@{host}>", "Auto-Submitted": "auto-generated", **mail.headers}
    message = _Message(mail.subject, mail.text, settings.DEFAULT_FROM_EMAIL, [mail.to], headers=headers)
    message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _answered(code, said) from error
    except SMTPDataError as error:
        raise _answered(error.smtp_code, error.smtp_error) from error
    except (BadHeaderError, UnicodeError, ValueError) as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    except _BEFORE as error:
        raise Later(_words(error), may_have_arrived=False, is_away=True) from error
    except SMTPResponseException as error:
        # About us, not about this mail: the sender is not welcome, or the greeting.
        words = _said(error.smtp_code, error.smtp_error)
        raise Later(words, may_have_arrived=False, is_away=True) from error
    except (SMTPException, OSError) as error:
        raise Later(_words(error), may_have_arrived=True, is_away=True) from error


def _answered(code: int, said: bytes | str) -> Refused | Later:
    words = _said(code, said)
    return Refused(words) if code in _FOR_GOOD else Later(words, may_have_arrived=False, is_away=False)


def _said(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.replace(chr(0), '').split())}"


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".replace(chr(0), "").split())
