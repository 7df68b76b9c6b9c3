"""The nouns on the wire: what a user, a message and a room look like to a client."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

PresenceStatus = Literal["online", "away", "offline", "unknown"]
RoomKind = Literal["open", "closed", "direct"]
RoomRole = Literal["owner", "moderator", "member", "guest"]
NotificationLevel = Literal["all", "mentions", "none"]
# Who may write: everybody; moderators begin and everybody answers in threads; moderators alone.
RoomPosting = Literal["everyone", "threads", "moderators"]


# Who calls everybody with @here and @room: as the size of the room says, everybody, moderators, nobody.
RoomCallers = Literal["auto", "everyone", "moderators", "nobody"]


class Doing(TypedDict):
    """What somebody says they are doing; gone by itself at `until`, null: until it is taken back."""

    emoji: str
    text: str
    until: str | None


class User(TypedDict):
    """A person or a bot, as others see it; `avatar` is an address of this server, with `?size=large` 512 pixels."""

    id: int
    handle: str
    name: str
    avatar: str | None
    is_bot: bool
    status: PresenceStatus
    doing: Doing | None


class Profile(User):
    """What somebody tells of themselves; an empty time zone is not told."""

    title: str
    pronouns: str
    time_zone: str


class Me(User):
    """The signed-in user; who hides what they have read is not shown what others have."""

    role: Literal["owner", "admin", "member", "guest"]
    email: str
    language: str
    time_zone: str
    hides_reading: bool


class Sender(TypedDict):
    """Who wrote a message, by the name of now."""

    id: int
    handle: str
    name: str
    avatar: str | None
    is_bot: bool


class Reaction(TypedDict):
    """One emoji under a message and who chose it, in the order of choosing."""

    emoji: str
    users: list[int]


class CustomEmoji(TypedDict):
    """An emoji of the workspace's own: `:name:` in texts and reactions; by its aliases in texts too.

    `url` is an address of this server, another one for another picture. `by` is null for an account that is gone.
    """

    name: str
    aliases: list[str]
    url: str
    width: int
    height: int
    animated: bool
    by: int | None
    at: str


class Attachment(TypedDict):
    """A file of a message; `url` and `thumbnail` are addresses of this server, for who may read the message alone.

    `type` was found in its content; application/octet-stream is what is only kept. A picture is `waiting` until it was
    made anew: then it is `ready` and has its sizes, or `failed` and stays a file. Other files are `ready` at once.
    `alt` tells in words what is to be seen. `thumbnail` is at most 480 pixels a side; with `?size=large` 1,600.
    """

    id: int
    name: str
    type: str
    bytes: int
    url: str
    state: Literal["waiting", "ready", "failed"]
    alt: str
    width: int | None
    height: int | None
    thumbnail: str | None


class Preview(TypedDict):
    """What stands behind a link, as plain text; `image` is an address of this server, for members alone."""

    url: str
    title: str
    description: str
    site: str
    image: str | None
    image_width: int | None
    image_height: int | None


class ThreadSummary(TypedDict):
    """Who answered to a message, the latest three by id, the last one first, and when the last answer came."""

    people: list[int]
    last_at: str


class PollOption(TypedDict):
    """What can be chosen, how many have, and who: the first 50, nobody where the poll is anonymous."""

    text: str
    votes: int
    users: list[int]


class Poll(TypedDict):
    """What can be chosen below a message, and what was. It takes votes until `closes_at`, and none once it is closed.

    `voters` is how many people have chosen anything.
    """

    options: list[PollOption]
    multiple: bool
    anonymous: bool
    voters: int
    closes_at: str | None
    closed_at: str | None


class Quote(TypedDict):
    """What a message quotes: the text of that moment, its author, time and files, for whoever reads the message.

    `room`, `seq` and `parent` tell where it stands, for who may go there. Once that message is deleted or has expired
    it is `gone`, and all else is empty or null.
    """

    message: int | None
    room: int | None
    seq: int | None
    parent: int | None
    sender: Sender | None
    body: str
    html: str | None
    at: str | None
    attachments: list[Attachment]
    gone: bool


class Pinned(TypedDict):
    """Who has pinned a message, null where that account is gone, and when."""

    by: int | None
    at: str


class Removal(TypedDict):
    """Who has deleted the message of somebody else, and why; `by` is null for an account that is gone."""

    by: int | None
    reason: str


class Call(TypedDict):
    """Many who are called at once: `here` and `group` by their ids, `room` is everybody in it but the `mentions`.

    A call is no command: it is a word of the message, marked in its `html` with `data-call`.
    """

    kind: Literal["here", "room", "group"]
    group: int | None
    users: list[int]


class Message(TypedDict):
    """A message as it is now; a deleted one keeps its place with an empty body.

    `parent` is the first message of the thread in which it is a reply. A reply with a `msg_no` stands in the main
    timeline too. `thread` is there where there are replies, `poll` where there is one.
    `calls`, `quote` and `pinned` are there only when it has them, a `removal` only when somebody else has deleted it.
    """

    id: int
    room: int
    seq: int
    msg_no: int | None
    sender: Sender
    body: str
    html: str | None
    parent: int | None
    attachments: list[Attachment]
    previews: list[Preview]
    reactions: list[Reaction]
    mentions: list[int]
    at: str
    edited_at: str | None
    deleted_at: str | None
    client_message_id: str | None
    reply_count: int
    thread: NotRequired[ThreadSummary]
    poll: NotRequired[Poll]
    calls: NotRequired[list[Call]]
    quote: NotRequired[Quote]
    pinned: NotRequired[Pinned]
    removal: NotRequired[Removal]


class ThreadState(TypedDict):
    """A thread that I follow, by its first message. `unread` counts the replies of others after `read_seq`.

    It was counted when the room had come to `counted_seq`; `last_at` is the time of the last reply, or of the first
    message where there is none.
    """

    message: int
    room: int
    read_seq: int
    unread: int
    counted_seq: int
    last_at: str


class Thread(ThreadState):
    """A thread that I follow with its first message and its last replies, ascending."""

    first: Message
    replies: list[Message]


class RoomState(TypedDict):
    """A room as one user sees it; `peers` are the other users of a direct room, `role` is null for an outsider.

    A direct room is called by its people, unless `named` tells that a group has given it its `name`.
    `muted_until`: until then the user only reads. `previews`: links of new messages get one. `slow_s`: a member who is
    no moderator waits so long between two messages, this one until `slow_until`. `calls`: who may call everybody with
    @here and @room; `auto` is everybody while the room is small, moderators once it is not. `seen`: it is shown who
    has read.
    `read_backs`: how often the user has put the read mark back.
    """

    id: int
    slug: str | None
    name: str
    topic: str
    kind: RoomKind
    epoch: str
    last_seq: int
    last_msg_no: int
    read_msg_no: int
    read_backs: int
    unread: int
    mentions: int
    role: RoomRole | None
    level: NotificationLevel
    members: int
    peers: list[int]
    archived: bool
    last_at: str | None
    muted_until: str | None
    previews: bool
    posting: RoomPosting
    slow_s: int
    slow_until: str | None
    calls: RoomCallers
    seen: bool
    named: bool


class Member(TypedDict):
    """A user in a room; who is muted only reads until then."""

    user: User
    role: RoomRole
    joined_at: str
    muted_until: str | None


class Reader(TypedDict):
    """How far somebody has read a room, by the `msg_no` of a message of the main timeline."""

    user: int
    msg_no: int


class Ban(TypedDict):
    """Somebody who is kept out of a room; `banned_until` is null where no end was set."""

    user: User
    banned_at: str
    banned_until: str | None


class RoomFields(TypedDict):
    """What `room.changed` says of a room."""

    name: str
    topic: str
    slug: str | None
    kind: RoomKind
    archived: bool
    deleted: bool
    previews: bool
    posting: RoomPosting
    slow_s: int
    calls: RoomCallers
    seen: bool


class Draft(TypedDict):
    """What I have begun to write in a room, or in a thread by its first message; empty: it was sent or thrown away."""

    room: int
    parent: int | None
    body: str
    written_at: str


class SidebarSection(TypedDict):
    """A part of the left column with a name of one's own; its rooms stand as they were put."""

    id: str
    name: str
    rooms: list[int]


class Sidebar(TypedDict):
    """How one has arranged the left column; rooms that are in no list stand where they do by themselves.

    `folded`: ids of sections, and `favourites`, `rooms`, `directs`. `sort` is of what has no order of its own.
    """

    version: int
    favourites: list[int]
    sections: list[SidebarSection]
    folded: list[str]
    sort: Literal["name", "activity", "unread"]
    only_unread: bool


class Reminder(TypedDict):
    """What one wants to be told of; `room` is that of `message`. It is `due` from its time until it is done."""

    id: int
    message: int | None
    room: int | None
    text: str
    label: str
    due_at: str
    state: Literal["waiting", "due", "done"]
    created_at: str
    client_reminder_id: str
