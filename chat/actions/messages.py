"""Post, edit, delete."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from chat.actions import ballots, calls, permissions, quotes, threads
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Draft, Request, RoomState, State, already, decided
from chat.models import (
    Attachment,
    Call,
    Change,
    Message,
    Poll,
    Quote,
    Revision,
    ThreadFollow,
    rows,
)
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import DeleteMessage, EditMessage, PostMessage
from chat.protocol.errors import ErrorCode, Refused


@dataclass(slots=True)
class MessageDraft(Draft):
    """What the changes of a message share."""

    message: Message = None  # type: ignore[assignment]  # after the defaults of Draft; always given

    def row(self) -> Change:
        """Return the log row with the message."""
        row = Draft.row(self)
        row.message_id = self.message.id
        # What follows a change may depend on the text, and must not read it again.
        row._state.fields_cache["message"] = self.message
        return row


@dataclass(slots=True)
class MessagePosted(MessageDraft):
    """A new message; in the main timeline it takes the room's next msg_no, a reply only when it is said there too."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MESSAGE_POSTED
    mentioned: Sequence[int] = ()
    calls: Sequence[Call] = ()
    attachments: Sequence[Attachment] = ()
    is_in_room: bool = True
    # Who wrote the message that is answered.
    answered: int | None = None
    # Who follows the thread from here on, or has read it further.
    follows: Sequence[ThreadFollow] = ()
    poll: Poll | None = None
    quote: Quote | None = None

    def apply(self, state: State) -> None:
        """Number the message, remember it for repeats in the same batch, and read the room up to it for its author."""
        message, room = self.message, self.room.room
        message.id, message.seq = next(state.message_ids), self.seq
        if self.is_in_room:
            room.last_msg_no += 1
            message.msg_no = room.last_msg_no
            self.room.members[self.actor.id].read_msg_no = room.last_msg_no
        if message.parent_id is not None:
            state.living.add(message.parent_id)
            named = (*self.mentioned, *calls.of_groups(self.calls))
            self.follows = threads.note_reply(state, message, self.answered, named)
        if self.calls:
            calls.place(self.calls, message, self.seq)
            message.fresh_calls = self.calls
        if room.slow_s:
            self.room.members[self.actor.id].slow_at = state.now
        if message.client_message_id is not None:
            state.sent[self.actor.id, message.client_message_id] = message
        if self.poll is not None:
            self.poll.message_id = message.id
            # So that its wire shape needs no look at the database.
            message._state.fields_cache["poll"] = self.poll
        for place, attachment in enumerate(self.attachments):
            attachment.message_id, attachment.place = message.id, place
        if self.quote is not None:
            self.quote.message_id = message.id

    def own_events(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Tell the devices of who is made to follow the thread; the author's know it by the reply."""
        for row in self.follows:
            if row.user_id != self.actor.id:
                yield threads.told(self.room, row)


@dataclass(slots=True)
class MessageEdited(MessageDraft):
    """Another text for a message."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MESSAGE_EDITED
    body: str = ""
    html: str | None = None
    mentioned: Sequence[int] = ()
    calls: Sequence[Call] = ()
    had_calls: bool = False
    links: Sequence[str] = ()
    earlier: Revision | None = None

    def apply(self, state: State) -> None:
        """Keep the earlier text and take the new one."""
        self.earlier = Revision(message=self.message, body=self.message.body, at=self.at)
        self.message.body, self.message.html, self.message.edited_at = self.body, self.html, self.at
        calls.place(self.calls, self.message, self.seq)
        state.calls[self.message.pk] = list(self.calls)
        if held := state.previews.get(self.message.pk):
            held[:] = [one for one in held if one.removed_at is not None or one.url in self.links]


@dataclass(slots=True)
class MessageDeleted(MessageDraft):
    """The message keeps its place and nothing else."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MESSAGE_DELETED
    had_attachments: bool = False
    # Found out while it is written.
    was_quoted: bool = False
    reason: str | None = None

    @property
    def is_of_another(self) -> bool:
        """Tell whether a person has deleted what somebody else said."""
        return bool(self.actor.pk) and self.actor.pk != self.message.sender_id

    def apply(self, state: State) -> None:
        """Empty the message."""
        self.message.body, self.message.html, self.message.deleted_at = "", None, self.at
        self.had_attachments, self.message.attachment_count = self.message.attachment_count > 0, 0
        self.message.has_poll = False
        state.polls.pop(self.message.pk, None)
        self.room.pin_count -= self.message.pinned_at is not None
        self.message.pinned_at = self.message.pinned_by_id = None
        self.message.quote_chars = 0
        state.reactions.pop(self.message.pk, None)
        state.deletions[self.message.pk] = (self.actor.pk, self.seq)


def post(state: State, request: Request) -> Decision:
    """Store a message; the same id and content again gets the first answer.

    Refuses with not_found, forbidden, muted, archived, conflict.
    """
    command = cast(PostMessage, request.command)
    actor = state.users[request.actor_id]
    digest = _digest(command)
    first = state.sent.get((actor.id, command.client_message_id))
    if first is not None:
        if first.client_digest != digest:
            raise Refused(ErrorCode.CONFLICT, "client_message_id was used for another message")
        return Decision((), lambda: _stored(first))
    room = state.rooms.get(command.room)
    if room is None:
        raise permissions.missing_room()
    membership = room.members.get(actor.id)
    permissions.require(Deed.POST, actor, room.room, membership, state.now)
    # What is said to the room too has to be allowed there.
    is_answer = command.parent is not None and not command.also_in_room
    permissions.require_voice(actor, room.room, membership, state.now, is_answer=is_answer)
    attachments = _claimed(state, actor.id, command.attachments) if command.attachments else ()
    answered = _answered(state, room, command.parent) if command.parent is not None else None
    quote = quotes.of(state, actor, command.quote) if command.quote is not None else None
    said = {
        "room_id": room.room.id,
        "sender_id": actor.id,
        "parent_id": answered and (answered.parent_id or answered.pk),
        "body": command.body,
        "html": request.html,
        "client_message_id": command.client_message_id,
        "client_digest": digest,
        "at": state.at(room),
        "attachment_count": len(attachments),
        "has_poll": command.poll is not None,
        "quote_chars": quotes.chars(quote) if quote is not None else 0,
    }
    mentioned = [user_id for user_id in request.mentioned if room.member(user_id)]
    called: Sequence[Call] = ()
    if request.calls:
        called, said["html"] = calls.allowed(state, room, request, mentioned, is_answer=is_answer)
    message = rows.new(Message, said, {"sender": actor})
    draft = MessagePosted(
        room=room, actor=actor, at=message.at, message=message, mentioned=mentioned, calls=called,
        attachments=attachments,
        is_in_room=answered is None or command.also_in_room, answered=_person(answered),
        poll=ballots.asked(command.poll, state.now) if command.poll is not None else None,
        quote=quote,
    )  # fmt: skip
    return Decision((draft,), lambda: _stored(message))


def edit(state: State, request: Request) -> Decision:
    """Give one's own message another text. Refuses with not_found, forbidden, muted, archived, empty, conflict."""
    command = cast(EditMessage, request.command)
    room, message = visible(state, request, command.message)
    actor = state.users[request.actor_id]
    deed = Deed.EDIT_OWN if message.sender_id == actor.pk else Deed.EDIT_OTHERS
    permissions.require(deed, actor, room.room, room.members.get(actor.pk), state.now)
    if message.has_poll:
        raise Refused(ErrorCode.FORBIDDEN, "what people vote on stays as it was asked")
    if not command.body and not message.attachment_count and not message.quote_chars:
        raise Refused(ErrorCode.EMPTY, "body holds nothing that can be seen")
    if message.body == command.body:
        place = already(room).result()
        return Decision((), lambda: {**place, "edited_at": message.edited_at})
    if not command.is_about(message.edited_at):
        raise Refused(ErrorCode.CONFLICT, "the message has another text by now")
    mentioned = [user_id for user_id in request.mentioned if room.member(user_id)]
    called: Sequence[Call] = ()
    html = request.html
    if request.calls:
        is_answer = message.parent_id is not None and message.msg_no is None
        called, html = calls.allowed(
            state, room, request, mentioned, is_answer=is_answer, before=state.calls.get(message.pk, ())
        )
    draft = MessageEdited(
        room=room, actor=actor, at=state.at(room), message=message,
        body=command.body, html=html, mentioned=mentioned, calls=called, links=request.links,
        had_calls=bool(state.calls.get(message.pk)),
    )  # fmt: skip
    return Decision((draft,), lambda: {"room": room.room.pk, "seq": draft.seq, "edited_at": draft.at})


def delete(state: State, request: Request) -> Decision:
    """Empty a message; the actor's own deletion again gets the first answer. Refuses with not_found, forbidden."""
    command = cast(DeleteMessage, request.command)
    actor = state.users[request.actor_id]
    by, seq = state.deletions.get(command.message, (None, 0))
    if by == actor.pk:
        room_id = state.messages[command.message].room_id
        return Decision((), lambda: {"room": room_id, "seq": seq})
    room, message = existing(state, command.message)
    deed = Deed.DELETE_OWN if message.sender_id == actor.pk else Deed.DELETE_OTHERS
    membership = room.members.get(actor.pk)
    # A workspace admin may remove what was reported in a room that the admin does not read.
    if permissions.answer(deed, actor, room.room, membership, state.now) is not permissions.Answer.YES:
        visible(state, request, command.message)
    permissions.require(deed, actor, room.room, membership, state.now)
    return decided(
        MessageDeleted(room=room, actor=actor, at=state.at(room), message=message, reason=command.reason)
    )


def visible(state: State, request: Request, message_id: int) -> tuple[RoomState, Message]:
    """Return a message that the actor may read and its room.

    Raises:
        Refused: not_found, the same for a message that is missing, deleted or hidden.
    """
    room, message = existing(state, message_id)
    actor = state.users[request.actor_id]
    membership = room.members.get(actor.pk)
    if permissions.answer(Deed.READ, actor, room.room, membership, state.now) is not permissions.Answer.YES:
        raise permissions.missing_message()
    return room, message


def existing(state: State, message_id: int) -> tuple[RoomState, Message]:
    """Return a message that is not deleted and its room, whoever asks. Refuses with not_found."""
    message = state.messages.get(message_id)
    room = state.rooms.get(message.room_id) if message is not None else None
    if message is None or room is None or message.deleted_at is not None:
        raise permissions.missing_message()
    return room, message


def _answered(state: State, room: RoomState, message_id: int) -> Message:
    """Return what is answered; a reply to a reply goes to the same thread. Refuses with not_found."""
    message = state.messages.get(message_id)
    if message is None or message.room_id != room.room.pk or message.deleted_at is not None:
        raise permissions.missing_message()
    return message


def _person(answered: Message | None) -> int | None:
    """Return who is to hear of answers: a bot reads none."""
    return None if answered is None or answered.sender.is_bot else answered.sender_id


def _claimed(state: State, user_id: int, ids: Sequence[int]) -> list[Attachment]:
    """Return one's own uploads that no message has yet.

    Raises:
        Refused: not_found, the same for a missing, a foreign and a used one.
    """
    found = [state.attachments.get(pk) for pk in ids]
    free = [
        one
        for one in found
        if one is not None
        and one.uploader_id == user_id
        and one.message_id is None
        and one.dropped_at is None
        and one.state != Attachment.State.ARRIVING
    ]
    if len(free) < len(ids):
        raise Refused(ErrorCode.NOT_FOUND, "no such attachment")
    return free


def _digest(command: PostMessage) -> str:
    also: tuple[object, ...] = (True,) if command.also_in_room else ()
    if command.poll is not None:
        also = (*also, command.poll.model_dump_json())
    # What quotes nothing has the digest that it had before there were quotes.
    more = () if command.quote is None else (command.quote,)
    said = repr((command.room, command.body, command.parent, command.attachments, *more, *also))
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _stored(message: Message) -> dict[str, object]:
    return {
        "room": message.room_id,
        "seq": message.seq,
        "id": message.pk,
        "msg_no": message.msg_no,
        "at": message.at,
    }
