"""What is asked of polls."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chat.protocol import limits
from chat.protocol.command import Command
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import ClosingTime, Id, PollOption

_Place = Annotated[int, Field(ge=0, lt=limits.POLL_OPTIONS_MAX_COUNT)]


class NewPoll(BaseModel):
    """What can be chosen under a message whose body asks: one of the options, or with `multiple` any of them.

    With `anonymous` nobody is told who has chosen what.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    options: list[PollOption] = Field(min_length=2, max_length=limits.POLL_OPTIONS_MAX_COUNT)
    multiple: bool = False
    anonymous: bool = False
    closes_at: ClosingTime | None = None

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(self.options)) < len(self.options):
            raise ProtocolError(ErrorCode.BAD_FRAME, "poll.options names one more than once")
        return self


class CastVote(Command):
    """Choose among the options of a poll, by place from 0; again replaces what was chosen, none takes it back."""

    type: Literal["poll.vote"] = "poll.vote"
    message: Id
    choices: list[_Place] = Field(max_length=limits.POLL_OPTIONS_MAX_COUNT)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.choices)) < len(self.choices):
            raise ProtocolError(ErrorCode.BAD_FRAME, "choices names one more than once")
        return self


class ClosePoll(Command):
    """End a poll for good: one's own or, as a moderator, another's."""

    type: Literal["poll.close"] = "poll.close"
    message: Id
