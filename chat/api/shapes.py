"""What only REST says; rooms, messages, members and users are the protocol's own shapes."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from typing_extensions import TypedDict

from chat.protocol.replies import ErrorShape
from chat.protocol.shapes import Message, NotificationLevel, Reader, RoomState, Sender, User
from chat.text.excerpts import Piece

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """One page of a list; `next` is the `cursor` of the following page, null on the last one."""

    items: list[Item]
    next: str | None


class History(TypedDict):
    """A page of messages, seq ascending; `next` goes on in the direction that was asked for."""

    items: list[Message]
    next: str | None
    has_before: bool
    has_after: bool


class Place(TypedDict):
    """Where in a room a command came to stand."""

    room: int
    seq: int


class Mark(TypedDict):
    """How far one has read a room, and how often one has put that back."""

    room: int
    msg_no: int
    backs: int


class Readers(TypedDict):
    """How far the others in a room have read."""

    items: list[Reader]


class ReaderPage(Page[User]):
    """Who has read a message, how many have, and of how many that is shown."""

    count: int
    of: int


class Version(TypedDict):
    """An earlier text of a message, and when another one took its place."""

    body: str
    until: str


class SavedMessage(TypedDict):
    """A message that I have put aside, as it is now."""

    message: Message
    saved_at: str
    done_at: str | None


class SavedIds(TypedDict):
    """The messages that I have put aside and am not done with."""

    messages: list[int]


class Level(TypedDict):
    """Of what in a room one is told."""

    room: int
    level: NotificationLevel


class Chosen(TypedDict):
    """What one has chosen in a poll, by place from 0."""

    choices: list[int]


class ChosenPlace(Place):
    """The same, and where in the room that came to stand."""

    choices: list[int]


class ThreadMark(TypedDict):
    """What one has with a thread, by its first message."""

    room: int
    message: int
    is_followed: bool
    read_seq: int


class Error(TypedDict):
    """Every refusal."""

    error: ErrorShape


class AccessToken(TypedDict):
    """A program's token, without its secret."""

    id: int
    label: str
    created_at: str
    last_used_at: str | None


class NewAccessToken(AccessToken):
    """A token just made; the secret is not shown again."""

    token: str


class BrowserSession(TypedDict):
    """A browser that somebody is signed in with: as it calls itself, and the address it came from last."""

    id: int
    agent: str
    address: str
    created_at: str
    last_seen_at: str
    current: bool


class Passkey(TypedDict):
    """A key of a device that signs in alone."""

    id: int
    name: str
    created_at: str
    last_used_at: str | None


class Provider(TypedDict):
    """The OpenID Connect provider of this server, and whether my account is connected with one there."""

    name: str
    connected: bool


class SecondFactors(TypedDict):
    """What a sign-in asks for beside the password: an `app` for codes, passkeys; how many recovery codes are left."""

    has_password: bool
    provider: Provider | None
    required: bool
    app: bool
    recovery_codes: int
    passkeys: list[Passkey]


class InviteLink(TypedDict):
    """A link with which people come in; it is not shown again."""

    id: int
    url: str
    expires_at: str
    max_uses: int


class Invitation(TypedDict):
    """An invite link as admins see it, without its secret."""

    id: int
    created_by: int
    room: int | None
    role: Literal["admin", "member", "guest"]
    created_at: str
    expires_at: str
    max_uses: int
    uses: int


class InviteUse(TypedDict):
    """Somebody who came by an invite link."""

    user: User
    at: str


class TestMail(TypedDict):
    """The last test mail; `said` is what the mail server answered where it has not taken it yet."""

    at: str
    sent_at: str | None
    said: str


class NotificationSettings(TypedDict):
    """What I am told by mail; times of quiet hours by the clock of `time_zone`, empty where there are none."""

    mail: bool
    quiet_from: str
    quiet_to: str
    digest: Literal["off", "daily", "weekly"]
    next_digest_at: str | None
    time_zone: str
    email: str
    no_mail: Literal["bot", "guest", "inactive", "no_address", "unconfirmed"] | None
    test: TestMail | None


class SentTo(TypedDict):
    """Where a mail goes."""

    email: str


class Notification(TypedDict):
    """A row of the ledger: by which rule and in which way a message could tell me, and what became of it."""

    id: int
    message: int
    room: int
    seq: int
    msg_no: int | None
    rule: Literal["mention", "direct", "thread", "here", "room", "group"]
    way: Literal["mail", "push"]
    outcome: Literal["waiting", "sent", "suppressed", "failed"]
    why: str | None
    until: str | None
    said: str
    at: str
    changed_at: str


class Reason(TypedDict):
    """Why a scheduled message could not be sent: a code of the one table, and the sentence to it."""

    code: str
    detail: str


class Scheduled(TypedDict):
    """A message that waits for its time; `time_zone` is the author's at the choosing, for showing only.

    When it was sent, `message` and `seq` tell where, and `body` is empty.
    """

    id: int
    room: int
    parent: int | None
    body: str
    due_at: str
    time_zone: str
    state: Literal["waiting", "sending", "sent", "failed"]
    error: Reason | None
    message: int | None
    seq: int | None
    created_at: str
    client_scheduled_id: str


class PushSubscription(TypedDict):
    """A browser that is told while the page is closed; `said` is the last answer of a service that took nothing."""

    id: int
    label: str
    created_at: str
    last_used_at: str | None
    said: str


class Push(TypedDict):
    """With which key a browser subscribes, null where push is off on this server; and my browsers."""

    key: str | None
    subscriptions: list[PushSubscription]


class Hold(TypedDict):
    """A legal hold: who set it, null where that account is gone, and when."""

    by: int | None
    at: str


class Retention(TypedDict):
    """For how many days messages are kept where a room says nothing else; null: for ever."""

    days: int | None
    hold: Hold | None


class RoomRetention(TypedDict):
    """What a room says, and what comes of it: `days` that hold there, whether anything holds it."""

    room: int
    name: str
    kind: Literal["open", "closed", "direct"]
    keep: Literal["workspace", "forever", "days"]
    days: int | None
    hold: Hold | None
    is_held: bool


class Going(TypedDict):
    """What would go in a room. `bytes` are of texts; `file_bytes` is null where there are too many files to ask."""

    room: int
    name: str
    kind: Literal["open", "closed", "direct"]
    days: int
    is_held: bool
    messages: int
    reactions: int
    previews: int
    log_rows: int
    bytes: int
    files: int
    file_bytes: int | None


class Erased(TypedDict):
    """An account that was erased; until `finished_at` something of it may still be there."""

    user: int
    at: str
    messages: Literal["keep", "remove"]
    finished_at: str | None


class Export(TypedDict):
    """A file of data that somebody has asked for; `download` is an address for that person alone, for an hour.

    `step`, `percent` and `rows` tell how far it is. `reason` is why direct conversations are in it.
    """

    id: int
    kind: Literal["own", "workspace"]
    directs: bool
    reason: str
    by: Sender
    state: Literal["waiting", "running", "ready", "failed", "cancelled", "gone"]
    failure: Literal["disk_full", "too_large", "worker_lost", "forbidden", "fault"] | None
    step: str
    percent: int
    rows: int
    bytes: int
    created_at: str
    ended_at: str | None
    expires_at: str | None
    downloads: int
    downloaded_at: str | None
    download: str | None


class FoundMessage(TypedDict):
    """A message that was found; the part of its text around what was found, and the names of its files, in pieces."""

    message: Message
    excerpt: list[Piece]
    names: list[list[Piece]]


class Found(TypedDict):
    """A page of what was found; `behind`: there may be more that was written just now."""

    items: list[FoundMessage]
    next: str | None
    behind: bool


class UnreadRoom(TypedDict):
    """A room with something unread: how it stands, and the newest unread messages, ascending."""

    room: RoomState
    messages: list[Message]


class UnreadMention(TypedDict):
    """A message that names or calls me; `unread` where it stands behind what I have read of its room."""

    message: Message
    unread: bool
