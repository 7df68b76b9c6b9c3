"""What a client may ask, one typed class each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError, model_validator

from chat.protocol import limits
from chat.protocol.command import Command as Command
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import (
    ClientMessageId,
    ClientRoomId,
    Emoji,
    HeldTime,
    Id,
    Link,
    Name,
    OtherName,
    Position,
    Reason,
    Said,
    Slug,
    Time,
    Topic,
)
from chat.protocol.polls import CastVote, ClosePoll, NewPoll
from chat.protocol.shapes import NotificationLevel, RoomCallers, RoomPosting, RoomRole
from chat.protocol.threads import FollowThread, ReadThread, UnfollowThread

_PATH_MAX_CHARS = 100


class PostMessage(Command):
    """Write a message; the same id and body again gets the first answer. With files or a quote its text may be empty.

    A reply in a thread stands `also_in_room` where that is said: one message, in both places. With a `poll` the body
    asks, and people choose below it.

    `quote` is a message that the author may read, in whatever room: it is shown with this one, as it is now.
    """

    type: Literal["message.post"] = "message.post"
    room: Id
    client_message_id: ClientMessageId
    body: Said
    parent: Id | None = None
    attachments: list[Id] = Field(default_factory=list, max_length=limits.ATTACHMENTS_MAX_COUNT)
    also_in_room: bool = False
    poll: NewPoll | None = None
    quote: Id | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.also_in_room and self.parent is None:
            raise ProtocolError(ErrorCode.BAD_FRAME, "also_in_room is for a reply in a thread, give parent")
        if not self.body and (self.poll is not None or (not self.attachments and self.quote is None)):
            raise ProtocolError(ErrorCode.EMPTY, "body holds nothing that can be seen")
        if len(set(self.attachments)) < len(self.attachments):
            raise ProtocolError(ErrorCode.BAD_FRAME, "attachments names one more than once")
        return self


class EditMessage(Command):
    """Give one's own message another text; with the `edited_at` that one holds, only if it is still that one.

    The text of a message with files or a quote may be empty.
    """

    type: Literal["message.edit"] = "message.edit"
    message: Id
    body: Said
    edited_at: HeldTime | None = None

    def is_about(self, edited_at: datetime | None) -> bool:
        """Tell whether this was said of the message as it is: a late repeat must not undo a newer text."""
        if "edited_at" not in self.model_fields_set:
            return True
        if self.edited_at is None or edited_at is None:
            return self.edited_at is None and edited_at is None
        # On the wire are milliseconds.
        held = datetime.fromisoformat(self.edited_at)
        return abs(held - edited_at) < timedelta(milliseconds=1)


class DeleteMessage(Command):
    """Empty a message; its place stays, and for the message of somebody else the `reason`."""

    type: Literal["message.delete"] = "message.delete"
    message: Id
    reason: Reason | None = None


class AddReaction(Command):
    """Put an emoji under a message."""

    type: Literal["reaction.add"] = "reaction.add"
    message: Id
    emoji: Emoji


class RemoveReaction(Command):
    """Take one's own emoji back."""

    type: Literal["reaction.remove"] = "reaction.remove"
    message: Id
    emoji: Emoji


class RemovePreview(Command):
    """Take the preview of a link away for good, from one's own message or, as a moderator, from another's."""

    type: Literal["preview.remove"] = "preview.remove"
    message: Id
    url: Link


class PinMessage(Command):
    """Keep a message at hand for everybody in the room."""

    type: Literal["message.pin"] = "message.pin"
    message: Id


class UnpinMessage(Command):
    """Take a pin off."""

    type: Literal["message.unpin"] = "message.unpin"
    message: Id


class MarkRead(Command):
    """Say how far one has read; the highest wins. With `backs`, only if the mark was not put back since."""

    type: Literal["read.mark"] = "read.mark"
    room: Id
    msg_no: Position
    backs: Position | None = None


class MarkUnread(Command):
    """Put the mark back, so that what comes after `msg_no` is unread again.

    `backs` is the `read_backs` of the room as one holds it: what comes late, or again, changes nothing.
    """

    type: Literal["read.back"] = "read.back"
    room: Id
    msg_no: Position
    backs: Position


class SetLevel(Command):
    """Say of what in a room one wants to be told; all of one's devices show it."""

    type: Literal["level.set"] = "level.set"
    room: Id
    level: NotificationLevel


class CreateRoom(Command):
    """Make a room and be its owner; the same id again gets the room that was made first."""

    type: Literal["room.create"] = "room.create"
    name: Name
    client_room_id: ClientRoomId | None = None
    kind: Literal["open", "closed"] = "open"
    topic: Topic = ""
    slug: Slug | None = None
    members: list[Id] = Field(default_factory=list, max_length=limits.HISTORY_LIMIT_MAX)


class UpdateRoom(Command):
    """Change what is given, leave the rest; an empty name takes that of a conversation of a group away."""

    type: Literal["room.update"] = "room.update"
    room: Id
    name: OtherName | None = None
    topic: Topic | None = None
    kind: Literal["open", "closed"] | None = None
    archived: bool | None = None
    previews: bool | None = None
    posting: RoomPosting | None = None
    slow_s: Annotated[int, Field(ge=0, le=limits.SLOW_MAX_S)] | None = None
    calls: RoomCallers | None = None
    seen: bool | None = None


class DeleteRoom(Command):
    """End a room for everybody."""

    type: Literal["room.delete"] = "room.delete"
    room: Id


class JoinRoom(Command):
    """Enter an open room."""

    type: Literal["room.join"] = "room.join"
    room: Id


class LeaveRoom(Command):
    """Leave a room."""

    type: Literal["room.leave"] = "room.leave"
    room: Id


class AddMember(Command):
    """Bring somebody into a room."""

    type: Literal["member.add"] = "member.add"
    room: Id
    user: Id


class UpdateMember(Command):
    """Give a member another role."""

    type: Literal["member.update"] = "member.update"
    room: Id
    user: Id
    role: RoomRole


class RemoveMember(Command):
    """Take somebody out of a room; to remove oneself is to leave."""

    type: Literal["member.remove"] = "member.remove"
    room: Id
    user: Id
    reason: Reason | None = None


class _TimedCommand(Command):
    """What is done to somebody of a room until a time, for some minutes, or, with neither, until it is taken back."""

    room: Id
    user: Id
    until: Time | None = None
    minutes: Annotated[int, Field(ge=1, le=limits.MUTE_MAX_MINUTES)] | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.until is not None and self.minutes is not None:
            raise ProtocolError(ErrorCode.BAD_FRAME, "give at most one of until, minutes")
        return self

    def end(self, now: datetime) -> datetime | None:
        """Return when it is over; None where no end was set."""
        if self.minutes is not None:
            return now + timedelta(minutes=self.minutes)
        return datetime.fromisoformat(self.until).astimezone(UTC) if self.until is not None else None


class MuteMember(_TimedCommand):
    """Let a member only read: until a time, for some minutes, or, with neither, until unmuted."""

    type: Literal["member.mute"] = "member.mute"


class UnmuteMember(Command):
    """Let a muted member write again."""

    type: Literal["member.unmute"] = "member.unmute"
    room: Id
    user: Id


class BanMember(_TimedCommand):
    """Take somebody out of a room, or keep out who is not in: until a time, for some minutes, or until unbanned."""

    type: Literal["member.ban"] = "member.ban"


class UnbanMember(Command):
    """Let somebody who was banned come back."""

    type: Literal["member.unban"] = "member.unban"
    room: Id
    user: Id


class OpenDirect(Command):
    """Open the conversation of exactly these users and oneself; it is made at the first time."""

    type: Literal["direct.open"] = "direct.open"
    users: list[Id] = Field(min_length=1, max_length=limits.DIRECT_USERS_MAX_COUNT)


class Resume(Command):
    """Take up the conversation with the cursors that the client holds."""

    type: Literal["resume"] = "resume"
    is_durable: ClassVar[bool] = False
    epoch: str | None = None
    rooms: dict[str, Position] = Field(default_factory=dict)

    def cursors(self) -> dict[int, int]:
        """Return room id -> last seq held; keys that are no ids are refused with bad_frame."""
        if len(self.rooms) > limits.RESUME_ROOMS_MAX_COUNT:
            detail = f"rooms has {len(self.rooms):,} entries, at most {limits.RESUME_ROOMS_MAX_COUNT}"
            raise ProtocolError(ErrorCode.TOO_MANY, detail)
        found: dict[int, int] = {}
        for key, seq in self.rooms.items():
            if not key.isascii() or not key.isdigit() or len(key) > 16 or int(key) > limits.INTEGER_MAX:
                raise ProtocolError(ErrorCode.BAD_FRAME, "rooms: a key is not a room id")
            found[int(key)] = seq
        return found


class GetHistory(Command):
    """Read a page of messages by seq; at most one of before, after, around; none = the newest."""

    type: Literal["history.get"] = "history.get"
    is_durable: ClassVar[bool] = False
    is_prompt: ClassVar[bool] = False
    room: Id
    before: Position | None = None
    after: Position | None = None
    around: Position | None = None
    limit: Annotated[int, Field(ge=1, le=limits.HISTORY_LIMIT_MAX)] = limits.HISTORY_LIMIT_DEFAULT

    @model_validator(mode="after")
    def _one_anchor(self) -> Self:
        if sum(anchor is not None for anchor in (self.before, self.after, self.around)) > 1:
            raise ProtocolError(ErrorCode.BAD_FRAME, "give at most one of before, after, around")
        return self


class GetChanges(Command):
    """Read the changes after a seq."""

    type: Literal["changes.get"] = "changes.get"
    is_durable: ClassVar[bool] = False
    is_prompt: ClassVar[bool] = False
    room: Id
    after: Position
    limit: Annotated[int, Field(ge=1, le=limits.CHANGES_LIMIT_MAX)] = limits.CHANGES_LIMIT_DEFAULT


class StartTyping(Command):
    """Say that one types."""

    type: Literal["typing.start"] = "typing.start"
    is_durable: ClassVar[bool] = False
    has_reply: ClassVar[bool] = False
    room: Id


class StopTyping(Command):
    """Say that one has stopped typing."""

    type: Literal["typing.stop"] = "typing.stop"
    is_durable: ClassVar[bool] = False
    has_reply: ClassVar[bool] = False
    room: Id


class Ping(Command):
    """Ask whether the server is there."""

    type: Literal["ping"] = "ping"
    is_durable: ClassVar[bool] = False


COMMANDS: dict[str, type[Command]] = {
    kind.model_fields["type"].default: kind
    for kind in (
        PostMessage, EditMessage, DeleteMessage, AddReaction, RemoveReaction, RemovePreview, PinMessage, UnpinMessage,
        MarkRead, MarkUnread, SetLevel, FollowThread, UnfollowThread, ReadThread, CastVote, ClosePoll,
        CreateRoom, UpdateRoom, DeleteRoom, JoinRoom, LeaveRoom, AddMember, UpdateMember, RemoveMember,
        MuteMember, UnmuteMember, BanMember, UnbanMember,
        OpenDirect, Resume, GetHistory, GetChanges, StartTyping, StopTyping, Ping,
    )
}  # fmt: skip


def parse(kind: type[Command], fields: dict[str, Any]) -> Command:
    """Build a command from decoded JSON.

    Raises:
        ProtocolError: bad_frame that names the field, or the text's own code.
    """
    try:
        # What model_validate comes to, without its options.
        command: Command = kind.__pydantic_validator__.validate_python(fields)
        return command
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        # A key of the client's own may be in it, as long as the whole frame.
        path = ".".join(str(part) for part in first["loc"])[:_PATH_MAX_CHARS] or "frame"
        code = ErrorCode.TOO_MANY if first["type"] == "too_long" else ErrorCode.BAD_FRAME
        raise ProtocolError(code, f"{path}: {first['msg'].lower()}") from None
