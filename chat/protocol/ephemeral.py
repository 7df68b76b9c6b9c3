"""Events without a seq: they may be lost, and the truth is read again by a snapshot."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from chat.protocol.shapes import (
    CustomEmoji,
    Draft,
    Me,
    NotificationLevel,
    PresenceStatus,
    Reader,
    Reminder,
    RoomState,
    User,
)


class Hello(TypedDict):
    """The first frame of a connection. `degraded` names what is down; `ticket` makes the next handshake cheap."""

    type: Literal["hello"]
    connection: str
    epoch: str
    heartbeat_s: int
    server_time: str
    user: Me
    limits: dict[str, int]
    degraded: list[str]
    ticket: str


class Degraded(TypedDict):
    """Other parts than before do not work as they should; an empty list: all is well."""

    type: Literal["degraded"]
    parts: list[str]


class Synced(TypedDict):
    """Everything missed has been sent; from here on live."""

    type: Literal["synced"]


class Bye(TypedDict):
    """This server goes away: reconnect after `in_ms`."""

    type: Literal["bye"]
    in_ms: int


class Pong(TypedDict):
    """The answer to a ping."""

    type: Literal["pong"]
    ref: int | str | None


class Typing(TypedDict):
    """Somebody types, or has stopped."""

    type: Literal["typing"]
    room: int
    user: int
    is_typing: bool


class Presence(TypedDict):
    """A user came or went."""

    type: Literal["presence"]
    user: int
    status: PresenceStatus


class UserChanged(TypedDict):
    """Somebody whom I may know has another name, face or doing; `status` is not told here."""

    type: Literal["user.changed"]
    user: User


class MeChanged(TypedDict):
    """My own account is another: a language that I chose elsewhere, a role that I was given."""

    type: Literal["me.changed"]
    user: Me


class Read(TypedDict):
    """Another device of mine has read up to here; with more `backs` than I know of, it has put the mark back."""

    type: Literal["read"]
    room: int
    msg_no: int
    backs: int


class Seen(TypedDict):
    """In a small room others have read further; who hides that is not among them, and is not told."""

    type: Literal["seen"]
    room: int
    readers: list[Reader]


class Level(TypedDict):
    """I have chosen, on any device, of what in a room I want to be told."""

    type: Literal["level"]
    room: int
    level: NotificationLevel


class ThreadChanged(TypedDict):
    """I follow a thread or do not any more, or have read it up to a reply, on whichever device."""

    type: Literal["thread.changed"]
    room: int
    thread: int
    is_followed: bool
    read_seq: int


class VoteCast(TypedDict):
    """What I have chosen in the poll of a message, on whichever device, by place from 0."""

    type: Literal["vote"]
    room: int
    poll: int
    choices: list[int]


class RoomOpened(TypedDict):
    """I am in a new room; its changes after `room.last_seq` follow."""

    type: Literal["room.opened"]
    room: RoomState
    users: list[User]


class RoomClosed(TypedDict):
    """I am no longer in this room."""

    type: Literal["room.closed"]
    room: int


class SidebarChanged(TypedDict):
    """I have arranged my left column anew: read `GET /me/sidebar` again."""

    type: Literal["sidebar.changed"]


class ScheduledChanged(TypedDict):
    """What I want to be sent later is another: read `GET /scheduled` again."""

    type: Literal["scheduled.changed"]


class DraftChanged(TypedDict):
    """On one of my devices something was written, sent or thrown away; what is here and was written later stays."""

    type: Literal["draft.changed"]
    draft: Draft


class RemindersChanged(TypedDict):
    """My reminders are others: read `GET /reminders` again."""

    type: Literal["reminders.changed"]


class SavedChanged(TypedDict):
    """The messages that I have saved are others: read `GET /saved/ids` again."""

    type: Literal["saved.changed"]


class ReportsChanged(TypedDict):
    """What waits to be seen to by me as a moderator or admin is another: read `GET /reports` again."""

    type: Literal["reports.changed"]


class EmojiChanged(TypedDict):
    """The workspace has another emoji of this name, or other aliases of it; null: it has none any more."""

    type: Literal["emoji.changed"]
    name: str
    emoji: CustomEmoji | None


class WorkspaceChanged(TypedDict):
    """The workspace is called otherwise or has another logo: an address of this server, null without one."""

    type: Literal["workspace.changed"]
    name: str
    logo: str | None


class ReminderDue(TypedDict):
    """The time of a reminder of mine has come; it may be said twice, and stays in `GET /reminders`."""

    type: Literal["reminder.due"]
    reminder: Reminder


Ephemeral = (
    Typing
    | Presence
    | UserChanged
    | MeChanged
    | Read
    | Seen
    | Level
    | ThreadChanged
    | VoteCast
    | SidebarChanged
    | RoomOpened
    | RoomClosed
    | Degraded
    | ScheduledChanged
    | RemindersChanged
    | DraftChanged
    | SavedChanged
    | ReminderDue
    | ReportsChanged
    | EmojiChanged
    | WorkspaceChanged
)
