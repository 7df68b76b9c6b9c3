"""What REST says to those who run the workspace or moderate rooms."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from chat.api.shapes import AccessToken, BrowserSession
from chat.protocol.shapes import Message, RoomKind, Sender, User

ReportKind = Literal["spam", "abuse", "private", "other"]
Resolution = Literal["dismissed", "deleted", "muted", "removed", "banned", "settled"]


class Somewhere(TypedDict):
    """A room by its name; a conversation of fixed people has none."""

    id: int
    name: str
    kind: RoomKind


class Person(User):
    """An account as those see it who run the workspace."""

    email: str
    role: Literal["owner", "admin", "member", "guest"]
    is_active: bool
    is_erased: bool
    created_at: str
    last_login_at: str | None


class PersonDetails(Person):
    """The same with the tokens of its programs, in how many rooms it is, and how many of these it owns."""

    rooms: int
    owned: int
    tokens: list[AccessToken]


class PersonSignIns(TypedDict):
    """With what somebody is signed in; of second factors only what there is."""

    sessions: list[BrowserSession]
    has_password: bool
    app: bool
    recovery_codes: int
    passkeys: int
    required: bool


class Sanction(TypedDict):
    """Somebody who may not write in a room, or not enter it; `until` is null where no end was set."""

    id: int
    kind: Literal["ban", "mute"]
    user: User
    room: Somewhere
    since: str | None
    until: str | None


class Sanctions(TypedDict):
    """A page of bans and mutes, the newest first, and how many there are in all."""

    items: list[Sanction]
    next: str | None
    total: int


class People(TypedDict):
    """A page of accounts by name, and how many there are in all."""

    items: list[Person]
    next: str | None
    total: int


class PasswordLink(TypedDict):
    """Where the link went by mail, or the link itself to be handed over; the other one is null."""

    email: str | None
    url: str | None


class AuditEntry(TypedDict):
    """A deed of the record. `actor` is null for the server and scripts; `facts` belong to the deed."""

    id: int
    at: str
    actor: Sender | None
    deed: str
    subject: Sender | None
    room: Somewhere | None
    message: int | None
    reason: str
    origin: str
    facts: dict[str, Any]


class WorkspaceSettings(TypedDict):
    """What the workspace's admins have set; an empty `signup` or `language` is as the operator says (`_default`)."""

    name: str
    signup: Literal["", "closed", "invite", "domain", "open"]
    signup_default: Literal["closed", "invite", "open"]
    signup_domains: list[str]
    confirms_addresses: bool
    room_makers: Literal["members", "admins"]
    inviters: Literal["members", "admins"]
    group_makers: Literal["members", "admins"]
    emoji_makers: Literal["members", "admins"]
    logo: str | None
    language: str
    language_default: str
    audit_days: int | None


class Queue(TypedDict):
    """A queue of follow-up work; `workers` is null where that is not known."""

    name: str
    due: int
    since: str | None
    parked: int
    workers: int | None


class PutOff(TypedDict):
    """What people have put off and whose time has come."""

    name: str
    due: int
    since: str | None


class TaskFigures(TypedDict):
    """A task since the figures began: how often it came to what, and its seconds."""

    name: str
    done: int
    retried: int
    parked: int
    failed: int
    mean_s: float | None
    most_s: float | None


class Storage(TypedDict):
    """What is stored, in bytes; what is free is null where files are not on a disk of this machine."""

    files: int
    files_bytes: int
    files_max_bytes: int
    exports_bytes: int
    database_bytes: int
    disk_free_bytes: int | None


class Health(TypedDict):
    """How the installation is doing; `degraded` names what does not work as it should."""

    version: str
    parts: dict[str, str]
    degraded: list[str]
    connections: int
    people: dict[str, int]
    rooms: int
    messages: int
    storage: Storage
    has_workers: bool
    is_known: bool
    beats: int | None
    queues: list[Queue]
    later: list[PutOff]
    tasks: list[TaskFigures]


class FailedWork(TypedDict):
    """Work that was put aside, and why."""

    id: int
    task: str
    queue: str
    attempts: int
    created_at: str
    parked_at: str
    error: str


class Retried(TypedDict):
    """How much is tried again."""

    count: int


class Reported(TypedDict):
    """One's own report of a message."""

    message: int
    kind: ReportKind
    at: str


class Report(TypedDict):
    """One person's word about a message, and what came of it."""

    id: int
    kind: ReportKind
    text: str
    by: Sender
    at: str
    resolution: Resolution | None
    resolved_at: str | None
    resolved_by: Sender | None


class Nearby(TypedDict):
    """A message beside a reported one."""

    id: int
    sender: Sender
    body: str
    at: str
    is_before: bool


class ReportedMessage(TypedDict):
    """A message with what was said about it: `said` is its text when it was reported first.

    `context` are messages around it, where one may read the room. Of the reports the newest; `count` tells of all.
    """

    message: Message
    said: str
    room: Somewhere
    may_read: bool
    context: list[Nearby]
    count: int
    reports: list[Report]


class Reports(TypedDict):
    """A page of reported messages, and how many wait to be seen to."""

    items: list[ReportedMessage]
    next: str | None
    open: int


class Resolved(TypedDict):
    """How many reports were settled by it."""

    reports: int
