"""What a person may ask."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import ClientReminderId, DueTime, Id, ReminderLabel, ReminderText


class CreateReminder(Command):
    """Remind me of a message, of a text, or of both; the same id and content again gets the first one."""

    client_reminder_id: ClientReminderId
    due_at: DueTime
    message: Id | None = None
    text: ReminderText = ""
    label: ReminderLabel = ""

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        if self.message is None and not self.text:
            raise ProtocolError(ErrorCode.EMPTY, "give a message, a text, or both")
        return self


class UpdateReminder(Command):
    """Change what is given, leave the rest; another time puts off what is due."""

    due_at: DueTime | None = None
    text: ReminderText | None = None
    label: ReminderLabel | None = None
