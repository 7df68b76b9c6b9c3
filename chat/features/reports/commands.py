"""What people say about a message, and what those in charge say of that."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from chat.protocol import limits, text_rules
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import Reason


def _text(value: str) -> str:
    return text_rules.clean_line(value, "text", limits.REASON_MAX_CHARS, may_be_empty=True)


class ReportMessage(Command):
    """Tell those in charge about a message; an `other` kind needs words."""

    kind: Literal["spam", "abuse", "private", "other"]
    text: Annotated[str, AfterValidator(_text)] = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.kind == "other" and not self.text:
            raise ProtocolError(ErrorCode.EMPTY, "text: say what is wrong")
        return self


class ResolveReports(Command):
    """Say what was done about a message, and have it done: all its open reports are resolved.

    `minutes` is for how long somebody is muted or banned; without it there is no end. With `delete` the message goes
    too. The `reason` is told in the room where a deed has one.
    """

    resolution: Literal["dismissed", "deleted", "muted", "removed", "banned", "settled"]
    reason: Reason | None = None
    minutes: Annotated[int, Field(ge=1, le=limits.MUTE_MAX_MINUTES)] | None = None
    delete: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.minutes is not None and self.resolution not in ("muted", "banned"):
            raise ProtocolError(ErrorCode.BAD_FRAME, "minutes: goes with muted and banned alone")
        if self.delete and self.resolution in ("dismissed", "settled"):
            raise ProtocolError(ErrorCode.BAD_FRAME, "delete: goes with what is done to the author")
        return self
