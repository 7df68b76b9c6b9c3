"""Stories: batches of what people might do in a room, some of it refused; and the room as the server shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from chat.actions.state import SYSTEM_ID, Request
from chat.live.envelope import RoomChanges
from chat.models import Attachment, Membership, Message, Room, User
from chat.pipeline.execute import Executed, execute
from chat.protocol import commands
from chat.protocol.shapes import NotificationLevel, RoomPosting
from chat.protocol.system import AttachPreviews, FinishAttachment, FoundLink, SystemCommand
from chat.queries import changes, payloads, rooms
from tests.cast import Cast
from tests.laws.reducer import RoomView
from tests.make import make_room

# What is done: a name, who does it, and two numbers to choose a message, a user or a text by.
Step = tuple[str, int, int, int]
KINDS = [
    "post", "post", "post", "reply", "edit", "edit", "delete", "react", "react", "unreact",
    "join", "leave", "add", "remove", "role", "rename", "archive", "previews", "rules", "read",
    "level", "attach", "attach", "hide",
    "picture", "picture", "finish", "finish", "pin", "pin", "unpin", "back",
]  # fmt: skip
WORDS = [
    "hi",
    "안녕하세요",
    "**bold**",
    "@alice look",
    "@bob @mina",
    "@room and @here: look",
    "x" * 200,
    "`code` @carol",
    "see http://a.example.com",
    "http://a.example.com http://b.example.com",
]
EMOJIS = ["👍", "🎉", "❤️"]
POSTINGS: list[RoomPosting] = ["everyone", "everyone", "threads", "moderators"]
LEVELS: list[NotificationLevel] = ["all", "mentions", "none"]
LINKS = ["http://a.example.com", "http://b.example.com"]

steps = st.tuples(st.sampled_from(KINDS), st.integers(0, 4), st.integers(0, 9), st.integers(0, 9))
batches = st.lists(st.lists(steps, min_size=1, max_size=6), min_size=1, max_size=6)


class Stage:
    """A new room with the cast: Alice owns it, Mina keeps order, Bob and 지우 are in, Carol is outside."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.people = [cast.alice, cast.bob, cast.mina, cast.jiwoo, cast.carol]
        self.room = make_room(cast.alice, cast.bob, cast.mina, cast.jiwoo, name="Stage")
        execute(
            [
                Request(
                    cast.alice.pk,
                    commands.UpdateMember(room=self.room.pk, user=cast.mina.pk, role="moderator"),
                )
            ]
        )
        self._count = 0

    def play(self, story: Sequence[Step], times: int = 1) -> Executed:
        """Carry a batch out, each command so many times."""
        known = list(Message.objects.filter(room=self.room).order_by("seq").values_list("pk", flat=True))
        asked = [request for step in story if (request := self.request(step, known))]
        executed = execute([Request(one.actor_id, one.command) for one in asked for _ in range(times)])
        # One run for the room: the batch was not taken apart, which would hide what it cannot do together.
        assert len([item for item in executed.items if isinstance(item, RoomChanges)]) <= 1
        return executed

    def request(self, step: Step, known: Sequence[int]) -> Request | None:
        """Return what a step asks for; None when it is about a message and there is none."""
        kind, who, first, second = step
        actor, subject = self.people[who], self.people[first % 5]
        command = (
            self._picture(actor) if kind == "picture" else self._command(kind, subject, first, second, known)
        )
        if command is None:
            return None
        return Request(SYSTEM_ID if isinstance(command, SystemCommand) else actor.pk, command)

    def _command(
        self, kind: str, subject: User, first: int, second: int, known: Sequence[int]
    ) -> commands.Command | None:
        room, word = self.room.pk, WORDS[second % len(WORDS)]
        match kind:
            case "post":
                return commands.PostMessage(room=room, client_message_id=self._key(), body=word)
            case "join":
                return commands.JoinRoom(room=room)
            case "leave":
                return commands.LeaveRoom(room=room)
            case "add":
                return commands.AddMember(room=room, user=subject.pk)
            case "remove":
                return commands.RemoveMember(room=room, user=subject.pk)
            case "role":
                return commands.UpdateMember(
                    room=room, user=subject.pk, role="moderator" if second % 2 else "member"
                )
            case "rename":
                return commands.UpdateRoom(room=room, name=f"Name {second}", topic=word)
            case "archive":
                return commands.UpdateRoom(room=room, archived=second > 7)
            case "previews":
                return commands.UpdateRoom(room=room, previews=second > 1)
            case "rules":
                posting = POSTINGS[first % 4]
                return commands.UpdateRoom(
                    room=room,
                    posting=posting,
                    slow_s=second // 9,
                    seen=second > 2,
                    calls="everyone" if second % 2 else "nobody",
                )
            case "level":
                return commands.SetLevel(room=room, level=LEVELS[second % 3])
            case "read":
                return commands.MarkRead(room=room, msg_no=second)
            case "back":
                return commands.MarkUnread(room=room, msg_no=second, backs=first % 3)
        if not known:
            return None
        message, emoji = known[first % len(known)], EMOJIS[second % len(EMOJIS)]
        match kind:
            case "reply":
                return commands.PostMessage(
                    room=room, client_message_id=self._key(), body=word, parent=message
                )
            case "edit":
                return commands.EditMessage(message=message, body=word)
            case "delete":
                return commands.DeleteMessage(message=message)
            case "react":
                return commands.AddReaction(message=message, emoji=emoji)
            case "pin":
                return commands.PinMessage(message=message)
            case "unpin":
                return commands.UnpinMessage(message=message)
            case "unreact":
                return commands.RemoveReaction(message=message, emoji=emoji)
            case "attach":
                edited_at = Message.objects.get(pk=message).edited_at
                found = [
                    FoundLink(url=url, title=url, description="", site="") for url in LINKS[: second % 2 + 1]
                ]
                return AttachPreviews(message=message, edited_at=edited_at, found=found)
            case "finish":
                waiting = Attachment.objects.filter(message=message).first()
                return FinishAttachment(
                    message=message, attachment=waiting.pk if waiting else 1, is_ready=second > 3,
                    file_type="image/png", size_bytes=9, width=4, height=3,
                )  # fmt: skip
            case "hide":
                return commands.RemovePreview(message=message, url=LINKS[second % 2])
        raise AssertionError(kind)

    def _picture(self, actor: User) -> commands.Command:
        upload = Attachment.objects.create(
            uploader=actor, key=self._key(), name="a.png", type="image/png", bytes=9, state="waiting"
        )
        return commands.PostMessage(
            room=self.room.pk, client_message_id=self._key(), body="", attachments=[upload.pk]
        )

    def view(self) -> RoomView:
        """Return the room as the server shows it now, in the terms of a client."""
        found: dict[str, Any] = dict(rooms.written(self.cast.alice, self.room.pk))
        told = (
            "last_seq",
            "last_msg_no",
            "last_at",
            "name",
            "topic",
            "kind",
            "slug",
            "archived",
            "members",
            "previews",
            "posting",
            "slow_s",
            "calls",
            "seen",
        )
        rows = Message.objects.filter(room=self.room).select_related("sender").order_by("seq")
        members = Membership.objects.filter(room=self.room, left_seq=None)
        return RoomView(
            {name: found[name] for name in told},
            {shape["id"]: dict(shape) for shape in payloads.messages(list(rows))},
            {row.user_id: row.role for row in members},
        )

    def log(self, after: int) -> list[dict[str, Any]]:
        """Return the changes after a seq, as a replay sends them."""
        found: list[dict[str, Any]] = []
        while page := changes.since(self.room.pk, after + len(found), 50):
            found += [dict(change) for change in page]
        return found

    def refreshed(self) -> Room:
        """Return the room's row as it is now."""
        return Room.objects.get(pk=self.room.pk)

    def _key(self) -> str:
        self._count += 1
        return f"room-{self.room.pk}-message-{self._count}"
