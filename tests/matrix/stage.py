"""Everybody of the table, and rooms in which each of them is what the table says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import unquote

from django.utils import timezone

from chat import database
from chat.actions.state import SYSTEM_ID
from chat.features.exports import keeping, service
from chat.features.notifications.push import keys
from chat.files import storage
from chat.models import (
    Attachment,
    Avatar,
    BrowserSession,
    Export,
    Invite,
    Membership,
    Message,
    OutboxEntry,
    Preview,
    PushSubscription,
    Reminder,
    Report,
    Room,
    Saved,
    ScheduledMessage,
    Token,
    User,
    UserGroup,
    UserGroupMember,
    Workspace,
)
from chat.pipeline.runtime import Runtime
from chat.protocol.commands import (
    BanMember,
    Command,
    CreateRoom,
    LeaveRoom,
    MuteMember,
    OpenDirect,
    PostMessage,
    UpdateMember,
)
from chat.protocol.system import AttachPreviews, FoundLink
from tests.cast import make_user, token_of
from tests.features.notifications.push.service import Browser
from tests.make import client_message_id, make_room
from tests.matrix import planting
from tests.matrix.table import ROLES
from tests.socket_client import Frame, Socket

SIGNED_IN = [role for role in ROLES if role not in ("anon", "dead", "rev")]
OUTSIDERS = ("other", "left", "ban", "gso", "adm")
# Never in, and not in charge of the workspace.
STRANGERS = ("other", "gso")
_INSIDE = {
    "closed": ("mem", "mut", "mod", "own", "gst", "bot"),
    "open": ("mem", "mut", "mod", "own", "gst", "bot"),
    "direct": ("mem", "mut", "gst", "bot"),
}
SECRET = "between us: http://site.example.com/"
PREVIEW_URL = "http://site.example.com/"
FACE_KEY = "f" * 32
# In every name, topic and text of a room that strangers know nothing of.
MARK = "hush"
_numbers = count(1)


@dataclass
class Crew:
    """Accounts by role. `watch` listens in every room, `spare` is a member, `lost` banned, `stranger` nowhere.

    And for each role one who is nowhere yet, `new-<role>`.
    """

    users: dict[str, User]
    tokens: dict[str, str]
    # Tokens that nobody uses, to be revoked.
    unused: dict[str, int]
    invite: int
    # What waits for its time, in a room of one's own.
    scheduled: dict[str, int]
    # The same, to be cancelled.
    unwanted: dict[str, int]
    reminders: dict[str, int]
    # The browsers of everybody, and those that are to be removed.
    pushes: dict[str, int]
    unwanted_pushes: dict[str, int]
    # Files of one's own data that are ready, and the keys of their links.
    exports: dict[str, int]
    export_keys: dict[str, str]
    # Files of one's own that no message has yet.
    uploads: dict[str, list[int]]
    # A room of one's own, with a message in it that one has saved.
    desks: dict[str, int]
    saved: dict[str, int]
    # Work that was put aside.
    work: int
    # Browsers that are to be signed out.
    sessions: dict[str, int]
    # Groups that nobody here has made, one for everybody who wants to delete it.
    groups: dict[str, int]


def make_crew() -> Crew:
    Workspace.objects.get_or_create(pk=1)
    Room.objects.get_or_create(slug="lobby", defaults={"name": "Lobby", "kind": Room.Kind.OPEN})
    kinds: dict[str, dict[str, Any]] = {
        "gst": {"role": User.Role.GUEST},
        "gso": {"role": User.Role.GUEST},
        "adm": {"role": User.Role.ADMIN},
        "bot": {"is_bot": True},
    }
    names = [role for role in ROLES if role != "anon"] + ["watch", "spare", "lost", "stranger"]
    names += [f"new-{role}" for role in ROLES]
    handles = {"stranger": "nowhere"}
    users = {name: make_user(handles.get(name, f"the-{name}"), **kinds.get(name, {})) for name in names}
    tokens = {name: token_of(user) for name, user in users.items()}
    for user in users.values():
        Token.objects.create(user=user, label="unused", digest=Token.digest_of(f"unused {user.pk}"))
    unused = {name: Token.objects.get(user=user, label="unused").pk for name, user in users.items()}
    # So that there is somebody whom the guest knows, in whatever room the test goes on.
    make_room(users["own"], users["gst"], users["watch"], users["left"], name="Hall", kind="closed")
    User.objects.filter(pk=users["dead"].pk).update(is_active=False)
    Token.objects.filter(digest=Token.digest_of(tokens["rev"])).update(revoked_at=timezone.now())
    for name in ("stranger", "watch"):
        Avatar.objects.create(user=users[name], key=FACE_KEY, small=SECRET.encode(), large=SECRET.encode())
    planting.store_emoji(FACE_KEY, SECRET, users)
    tomorrow = timezone.now() + timedelta(days=1)
    invite = Invite.objects.create(
        digest=Token.digest_of("invite"), created_by=users["own"], expires_at=tomorrow, max_uses=5
    )
    browsers = (_browsers(users, "wanted"), _browsers(users, "unwanted"))
    later, taken = _later(users), _taken(users)
    desks, saved = _put_aside(users)
    return Crew(
        users,
        tokens,
        unused,
        invite.pk,
        *later,
        *browsers,
        *taken,
        _uploads(users),
        desks=desks,
        saved=saved,
        work=_work(),
        sessions=_sessions(users),
        groups=_groups(users),
    )


def _groups(users: dict[str, User]) -> dict[str, int]:
    """Make a group for each of some people, who are in it."""
    found = {}
    for name in (*ROLES[1:], "watch"):
        row = UserGroup.objects.create(handle=f"group-{name}", name=name)
        UserGroupMember.objects.create(group=row, user=users[name])
        found[name] = row.pk
    return found


def _put_aside(users: dict[str, User]) -> tuple[dict[str, int], dict[str, int]]:
    """Let everybody have saved a message in a room of their own."""
    desks: dict[str, int] = {}
    saved: dict[str, int] = {}
    for name, user in users.items():
        desk = Room.objects.get(slug=f"desk-{user.pk}")
        said = Message.objects.create(room=desk, seq=1, msg_no=1, sender=user, body="kept", at=timezone.now())
        Room.objects.filter(pk=desk.pk).update(last_seq=1, last_msg_no=1, expired_seq=1)
        Saved.objects.create(user=user, message=said)
        desks[name], saved[name] = desk.pk, said.pk
    return desks, saved


def _browsers(users: dict[str, User], label: str) -> dict[str, int]:
    """Let everybody be pushed to in a browser."""
    found = {}
    for name, user in users.items():
        browser = Browser(f"/{label}/{name}")
        found[name] = PushSubscription.objects.create(
            user=user,
            digest=Token.digest_of(browser.path),
            label=label,
            server_key=keys.public(),
            **browser.body,
        ).pk
    return found


def _uploads(users: dict[str, User]) -> dict[str, list[int]]:
    """Let everybody have some files that are in no message."""
    return {
        name: [
            Attachment.objects.create(
                uploader=user, key=storage.new_key(), name=SECRET, type="text/plain", bytes=5, state="ready"
            ).pk
            for _ in range(6)
        ]
        for name, user in users.items()
    }


def _work() -> int:
    now = timezone.now()
    return OutboxEntry.objects.create(task="chat.mail.send", queue="mail", key="aside", parked_at=now).pk


def _sessions(users: dict[str, User]) -> dict[str, int]:
    """Let everybody be signed in with a browser."""
    return {
        name: BrowserSession.objects.create(user=user, session_key=f"session-of-{user.pk}").pk
        for name, user in users.items()
    }


def _later(users: dict[str, User]) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Let everybody have two messages and a reminder that wait."""
    scheduled: dict[str, int] = {}
    unwanted: dict[str, int] = {}
    reminders: dict[str, int] = {}
    tomorrow = timezone.now() + timedelta(days=1)
    for name, user in users.items():
        desk = Room.objects.create(kind=Room.Kind.CLOSED, slug=f"desk-{user.pk}", name="Desk")
        Membership.objects.create(room=desk, user=user, role=Membership.Role.OWNER)
        for found, key in ((scheduled, "to-be-sent"), (unwanted, "unwanted")):
            found[name] = ScheduledMessage.objects.create(
                author=user, room=desk, body=SECRET, due_at=tomorrow, client_scheduled_id=key
            ).pk
        reminders[name] = Reminder.objects.create(
            user=user, text=SECRET, due_at=tomorrow, client_reminder_id="a-reminder"
        ).pk
    return scheduled, unwanted, reminders


def _taken(users: dict[str, User]) -> tuple[dict[str, int], dict[str, str]]:
    """Let everybody have a file to fetch."""
    exports: dict[str, int] = {}
    keys: dict[str, str] = {}
    now = timezone.now()
    for name, user in users.items():
        row = Export.objects.create(
            user=user, kind=Export.Kind.OWN, state=Export.State.READY, expires_at=now + timedelta(days=1)
        )
        path = keeping.path_of(row)
        path.parent.mkdir(exist_ok=True)
        path.write_text(SECRET)
        exports[name] = row.pk
        keys[name] = unquote((service.link(row, now) or "").partition("key=")[2])
    return exports, keys


@dataclass
class Stage:
    """A room with everybody in place, and what each of them has said."""

    kind: str
    room: int
    slug: str
    # Said by `watch` when `left` and `ban` had gone.
    secret: int
    # Under the secret, with a picture.
    preview: int = 0
    # A picture of the secret.
    attachment: int = 0
    own: dict[str, int] = field(default_factory=dict)
    # A poll of the watcher's, and one of each.
    poll: int = 0
    polls: dict[str, int] = field(default_factory=dict)


@dataclass
class House:
    """The running application with everybody's socket open."""

    runtime: Runtime
    crew: Crew
    sockets: dict[str, Socket]

    @property
    def watch(self) -> Socket:
        return self.sockets["watch"]

    def pk(self, name: str) -> int:
        return self.crew.users[name].pk

    async def submit(self, name: str, command: Command) -> dict[str, Any]:
        """Carry out what must be allowed."""
        return await self.runtime.committer.submit(self.pk(name), command)

    async def post(self, name: str, room: int, body: str) -> int:
        command = PostMessage(room=room, client_message_id=client_message_id(), body=body)
        return int((await self.submit(name, command))["id"])

    async def build(self, kind: str) -> Stage:
        """Make a room of a kind; returns when everybody who is in has heard of it."""
        if kind == "direct":
            return await self._build_direct()
        slug = f"{MARK if kind == 'closed' else 'stage'}-{next(_numbers)}"
        guests = [*_INSIDE[kind], "left", "ban", "rev", "watch", "spare", "lost"]
        members = [self.pk(name) for name in guests if name != "own"]
        fields = {"name": slug, "topic": slug, "slug": slug, "kind": kind, "members": members}
        made = await self.submit("own", CreateRoom.model_validate(fields))
        room = int(made["room"])
        authors = [*_INSIDE[kind], "left", "ban", "rev"]
        said = await asyncio.gather(*(self.post(name, room, f"{slug} by {name}") for name in authors))
        await self.submit("own", UpdateMember(room=room, user=self.pk("mod"), role="moderator"))
        await self.submit("left", LeaveRoom(room=room))
        for name in ("ban", "lost"):
            await self.submit("own", BanMember(room=room, user=self.pk(name), reason=slug))
        await self.submit("own", MuteMember(room=room, user=self.pk("mut"), minutes=60, reason=slug))
        own = dict(zip(authors, said, strict=True))
        stage = Stage(kind, room, slug, await self._settle(room), own=own)
        await self._attach(stage)
        await self._arrive(kind, room)
        return stage

    async def _build_direct(self) -> Stage:
        names = [*_INSIDE["direct"], "rev"]
        made = await self.submit("watch", OpenDirect(users=[self.pk(name) for name in names]))
        room = int(made["room"])
        # Else what is said might come with the room instead of as messages.
        await self._told_of("watch", room)
        said = await asyncio.gather(*(self.post(name, room, f"{MARK} by {name}") for name in names))
        own = dict(zip(names, said, strict=True))
        stage = Stage("direct", room, "", await self._settle(room), own=own)
        await self._attach(stage)
        await self._arrive("direct", room)
        return stage

    async def _attach(self, stage: Stage) -> None:
        """Put a preview under the secret and under what each has said."""
        image = await database.run(planting.store_picture)
        found = [FoundLink(url=PREVIEW_URL, title=SECRET, description="", site="", image=image)]
        submit = self.runtime.committer.submit
        asked = [
            AttachPreviews(message=message, edited_at=None, found=found)
            for message in (stage.secret, *stage.own.values())
        ]
        await asyncio.gather(*(submit(SYSTEM_ID, one) for one in asked))
        stage.preview = (await database.run(Preview.objects.get, message=stage.secret)).pk
        authors = {name: self.pk(name) for name in stage.own}
        stage.poll, stage.polls = await database.run(
            planting.store_polls, stage.room, "which?", self.pk("watch"), authors
        )
        stage.attachment = await database.run(planting.store_file, MARK, stage.secret, self.pk("watch"))

    async def _settle(self, room: int) -> int:
        await database.run(self._put_in_place, room)
        secret = await self.post("watch", room, SECRET)
        await database.run(self._report, room, secret)
        return secret

    def _report(self, room: int, message: int) -> None:
        Report.objects.create(
            message_id=message, room_id=room, reporter=self.crew.users["spare"], kind="abuse"
        )

    def _put_in_place(self, room: int) -> None:
        """Set what no command sets: nobody is muted in a direct conversation, and who is disabled does not come."""
        rows, now = Membership.objects.filter(room=room), timezone.now()
        rows.filter(user=self.pk("mut")).update(muted_until=now + timedelta(hours=1))
        Membership.objects.get_or_create(room_id=room, user=self.crew.users["dead"])

    async def _arrive(self, kind: str, room: int) -> None:
        for name in (*_INSIDE[kind], "watch"):
            await self._told_of(name, room)
        await self.heard(room)

    async def _told_of(self, name: str, room: int) -> None:
        socket = self.sockets[name]
        if not any(_is_opening(frame, room) for frame in socket.seen):
            await socket.until(lambda frame: _is_opening(frame, room))

    async def heard(self, room: int) -> list[Frame]:
        """Return what the watcher has heard of the room since this was last asked."""
        fence = f"fence {next(_numbers)}"
        since = len(self.watch.seen)
        await self.post("watch", room, fence)
        await self.watch.until(
            lambda frame: frame.get("room") == room and frame.get("message", {}).get("body") == fence
        )
        return [frame for frame in self.watch.seen[since:-1] if frame.get("room") == room]


def _is_opening(frame: Frame, room: int) -> bool:
    return frame.get("type") == "room.opened" and frame["room"]["id"] == room
