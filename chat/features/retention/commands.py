"""What an admin may ask."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from chat.protocol import limits
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, ProtocolError

Days = Annotated[int, Field(ge=limits.RETENTION_MIN_DAYS, le=limits.RETENTION_MAX_DAYS)]


class SetRetention(Command):
    """Keep messages for so many days where a room says nothing else; null: for ever."""

    days: Days | None


class SetRoomRetention(Command):
    """Keep the messages of a room as long as the workspace says, for ever, or for so many days."""

    keep: Literal["workspace", "forever", "days"]
    days: Days | None = None

    @model_validator(mode="after")
    def _days_where_they_count(self) -> Self:
        if (self.days is not None) != (self.keep == "days"):
            raise ProtocolError(ErrorCode.BAD_FRAME, 'days: goes with keep "days", and with no other')
        return self
