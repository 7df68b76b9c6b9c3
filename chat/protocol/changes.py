"""The durable facts of a room. One type is sent live and replayed; each takes the room's next seq."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from typing_extensions import TypedDict

from chat.protocol.shapes import Message, RoomFields, RoomRole, User


class ChangeKind(StrEnum):
    """Every kind of change that this version writes."""

    MESSAGE_POSTED = "message.posted"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_DELETED = "message.deleted"
    MESSAGE_EXPIRED = "message.expired"
    REACTION_ADDED = "reaction.added"
    REACTION_REMOVED = "reaction.removed"
    PREVIEW_ATTACHED = "preview.attached"
    PREVIEW_REMOVED = "preview.removed"
    MESSAGE_PINNED = "message.pinned"
    MESSAGE_UNPINNED = "message.unpinned"
    QUOTE_WITHDRAWN = "quote.withdrawn"
    ATTACHMENT_READY = "attachment.ready"
    POLL_VOTED = "poll.voted"
    POLL_CLOSED = "poll.closed"
    MEMBER_JOINED = "member.joined"
    MEMBER_LEFT = "member.left"
    MEMBER_CHANGED = "member.changed"
    MEMBER_BANNED = "member.banned"
    MEMBER_UNBANNED = "member.unbanned"
    ROOM_CHANGED = "room.changed"


class _Change(TypedDict):
    room: int
    seq: int
    at: str


class MessageChange(_Change):
    """A message is new, has another text, or is deleted; it comes as it is now."""

    type: Literal["message.posted", "message.edited", "message.deleted"]
    message: Message


class ExpiryChange(_Change):
    """These messages, by id, are past the time for which the room keeps them: they are as if they had never been.

    A thread goes as a whole. In a replay it also stands for a change of a message that has gone since.
    """

    type: Literal["message.expired"]
    messages: list[int]


class ReactionChange(_Change):
    """Somebody reacted or took it back; the message comes as it is now."""

    type: Literal["reaction.added", "reaction.removed"]
    message: Message
    user: int
    emoji: str


class PreviewChange(_Change):
    """What stands behind links of a message was found, or somebody took a preview away; `by` is null for the server.

    The message comes as it is now.
    """

    type: Literal["preview.attached", "preview.removed"]
    message: Message
    by: int | None


class PollChange(_Change):
    """Somebody has voted, or the poll has ended; `by` is null for the server, and for a voter whom nobody is to know.

    The message comes as it is now, with what was chosen.
    """

    type: Literal["poll.voted", "poll.closed"]
    message: Message
    by: int | None


class PinChange(_Change):
    """Somebody pinned a message, or took the pin off; the message comes as it is now."""

    type: Literal["message.pinned", "message.unpinned"]
    message: Message
    by: int | None


class QuoteChange(_Change):
    """What a message has quoted is gone, and its text with it; the message comes as it is now."""

    type: Literal["quote.withdrawn"]
    message: Message


class AttachmentChange(_Change):
    """A picture of a message was made anew and can be shown, or could not be and stays a file; its `state` tells.

    The message comes as it is now.
    """

    type: Literal["attachment.ready"]
    message: Message
    attachment: int


class MemberChange(_Change):
    """Somebody came, went (`by` somebody else: was removed), has another role, is muted or may write again.

    `members` counts after it. `muted_until` is null for who is not muted, and lies in the year 9999 where no end
    was set; `is_banned` tells of a `member.left` that there is no way back, until `banned_until` if that is not null.
    """

    type: Literal["member.joined", "member.left", "member.changed"]
    user: User
    role: RoomRole
    by: int | None
    members: int
    muted_until: str | None
    is_banned: bool
    banned_until: str | None
    reason: str | None


class BanChange(_Change):
    """Somebody who was not in is kept out from here on (`banned_until` null: without an end), or may come back."""

    type: Literal["member.banned", "member.unbanned"]
    user: User
    by: int | None
    banned_until: str | None
    reason: str | None


class RoomChange(_Change):
    """The room has another name, topic or kind, other rules of who writes how often, or is archived or deleted."""

    type: Literal["room.changed"]
    fields: RoomFields
    by: int | None


Change = (
    MessageChange
    | ExpiryChange
    | ReactionChange
    | PreviewChange
    | PinChange
    | QuoteChange
    | AttachmentChange
    | PollChange
    | MemberChange
    | BanChange
    | RoomChange
)
