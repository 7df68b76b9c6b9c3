"""What the server itself asks of the write path. No frame can name it: none of these is among COMMANDS."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chat.protocol import limits
from chat.protocol.commands import Command
from chat.protocol.fields import Id, Link


class SystemCommand(Command):
    """What these commands share: their actor is the server and not a user."""


class FoundLink(BaseModel):
    """What was found behind a link: cleaned text, and an image that is stored here."""

    model_config = ConfigDict(strict=True, frozen=True)

    url: Link
    title: Annotated[str, Field(max_length=limits.PREVIEW_TITLE_MAX_CHARS)]
    description: Annotated[str, Field(max_length=limits.PREVIEW_DESCRIPTION_MAX_CHARS)]
    site: Annotated[str, Field(max_length=limits.PREVIEW_SITE_MAX_CHARS)]
    image: Id | None = None


class AttachPreviews(SystemCommand):
    """Put what was found under the message in whose text of `edited_at` the links stand."""

    type: Literal["preview.attach"] = "preview.attach"
    message: Id
    edited_at: datetime | None
    found: list[FoundLink] = Field(min_length=1, max_length=limits.PREVIEWS_PER_MESSAGE_MAX_COUNT)


class ExpireMessages(SystemCommand):
    """Let these messages of a room go, if they are from before a time and so is the newest reply of their thread.

    A thread with replies that are not named is emptied and closed first, so that it can go in several steps.
    """

    type: Literal["message.expire"] = "message.expire"
    room: Id
    before: datetime
    messages: list[Id] = Field(min_length=1, max_length=limits.EXPIRY_MAX_COUNT)


class EraseMember(SystemCommand):
    """Take an erased account out of a room; where it was the last owner, who was longest in charge follows it."""

    type: Literal["member.erase"] = "member.erase"
    room: Id
    user: Id


class EraseMessages(SystemCommand):
    """Empty messages of an erased account."""

    type: Literal["message.erase"] = "message.erase"
    room: Id
    user: Id
    messages: list[Id] = Field(min_length=1, max_length=limits.ERASURE_MAX_COUNT)


class EndPoll(SystemCommand):
    """End a poll whose time has come."""

    type: Literal["poll.end"] = "poll.end"
    message: Id


class WithdrawQuote(SystemCommand):
    """Tell the room of a message that what the message quotes is gone."""

    type: Literal["quote.withdraw"] = "quote.withdraw"
    message: Id


class FinishAttachment(SystemCommand):
    """Say what has become of a picture of a message: its new file, or that there is none."""

    type: Literal["attachment.finish"] = "attachment.finish"
    message: Id
    attachment: Id
    is_ready: bool
    file_type: Annotated[str, Field(max_length=limits.FILE_TYPE_MAX_CHARS)] = ""
    size_bytes: Annotated[int, Field(ge=0)] = 0
    width: Annotated[int, Field(ge=0)] = 0
    height: Annotated[int, Field(ge=0)] = 0


SYSTEM_COMMANDS: tuple[type[SystemCommand], ...] = (
    AttachPreviews,
    ExpireMessages,
    EraseMember,
    EraseMessages,
    WithdrawQuote,
    FinishAttachment,
    EndPoll,
)
