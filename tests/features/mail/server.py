"""A mail server on this machine, which keeps what it takes and can refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from threading import Condition
from typing import Any

from aiosmtpd.controller import Controller

from scripts.services.ports import free_port


@dataclass
class Mailbox:
    """What has arrived. `refusals` are answered first, one for each mail that is tried; "" takes it."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    tries_count: int = 0
    _news: Condition = field(default_factory=Condition)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take or refuse one mail."""
        with self._news:
            self.tries_count += 1
            self._news.notify_all()
            if self.refusals and (refusal := self.refusals.pop(0)):
                return refusal
            self.mails.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 OK"

    def has(self, count: int, within_s: float) -> bool:
        """Wait until so many mails have arrived."""
        with self._news:
            return self._news.wait_for(lambda: len(self.mails) >= count, within_s)


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run a server on a free port of loopback."""
    mailbox = Mailbox(free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
