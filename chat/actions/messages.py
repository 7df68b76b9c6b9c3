"""Post, edit, delete."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from django.db.models import Count

from chat.actions import permissions, quotes, reads
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Draft, Request, RoomState, State, already, decided
from chat.models import (
    Attachment,
    Change,
    Membership,
    Mention,
    Message,
    Preview,
    Quote,
    Reaction,
    Revision,
    Saved,
    rows,
    statements,
)
from chat.models.statements import Statement
from chat.protocol import limits
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import DeleteMessage, EditMessage, PostMessage
from chat.protocol.errors import ErrorCode, Refused

_COLUMNS = rows.names_of(Message)


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
    """A new message; in the main timeline it takes the room's next msg_no."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MESSAGE_POSTED
    mentioned: Sequence[int] = ()
    attachments: Sequence[Attachment] = ()
    quote: Quote | None = None

    def apply(self, state: State) -> None:
        """Number the message, remember it for repeats in the same batch, and read the room up to it for its author."""
        message, room = self.message, self.room.room
        message.id, message.seq = next(state.message_ids), self.seq
        if message.parent_id is None:
            room.last_msg_no += 1
            message.msg_no = room.last_msg_no
            self.room.members[self.actor.id].read_msg_no = room.last_msg_no
        else:
            state.living.add(message.parent_id)
        if room.slow_s:
            self.room.members[self.actor.id].slow_at = state.now
        if message.client_message_id is not None:
            state.sent[self.actor.id, message.client_message_id] = message
        for place, attachment in enumerate(self.attachments):
            attachment.message_id, attachment.place = message.id, place
        if self.quote is not None:
            self.quote.message_id = message.id


@dataclass(slots=True)
class MessageEdited(MessageDraft):
    """Another text for a message."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MESSAGE_EDITED
    body: str = ""
    html: str | None = None
    mentioned: Sequence[int] = ()
    links: Sequence[str] = ()
    earlier: Revision | None = None

    def apply(self, state: State) -> None:
        """Keep the earlier text and take the new one."""
        self.earlier = Revision(message=self.message, body=self.message.body, at=self.at)
        self.message.body, self.message.html, self.message.edited_at = self.body, self.html, self.at
        if held := state.previews.get(self.message.pk):
            held[:] = [one for one in held if one.removed_at is not None or one.url in self.links]


@dataclass(slots=True)
class MessageDeleted(MessageDraft):
    """The message keeps its place and nothing else."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MESSAGE_DELETED
    had_attachments: bool = False
    # Found out while it is written.
    was_quoted: bool = False

    def apply(self, state: State) -> None:
        """Empty the message."""
        self.message.body, self.message.html, self.message.deleted_at = "", None, self.at
        self.had_attachments, self.message.attachment_count = self.message.attachment_count > 0, 0
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
    is_answer = command.parent is not None
    permissions.require_voice(actor, room.room, membership, state.now, is_answer=is_answer)
    attachments = _claimed(state, actor.id, command.attachments) if command.attachments else ()
    quote = quotes.of(state, actor, command.quote) if command.quote is not None else None
    said = {
        "room_id": room.room.id,
        "sender_id": actor.id,
        "parent_id": _thread(state, room, command.parent),
        "body": command.body,
        "html": request.html,
        "client_message_id": command.client_message_id,
        "client_digest": digest,
        "at": state.at(room),
        "attachment_count": len(attachments),
        "quote_chars": quotes.chars(quote) if quote is not None else 0,
    }
    message = rows.new(Message, said, {"sender": actor})
    mentioned = [user_id for user_id in request.mentioned if room.member(user_id)]
    draft = MessagePosted(
        room=room, actor=actor, at=message.at, message=message, mentioned=mentioned, attachments=attachments,
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
    if not command.body and not message.attachment_count and not message.quote_chars:
        raise Refused(ErrorCode.EMPTY, "body holds nothing that can be seen")
    if message.body == command.body:
        place = already(room).result()
        return Decision((), lambda: {**place, "edited_at": message.edited_at})
    if not command.is_about(message.edited_at):
        raise Refused(ErrorCode.CONFLICT, "the message has another text by now")
    mentioned = [user_id for user_id in request.mentioned if room.member(user_id)]
    draft = MessageEdited(
        room=room, actor=actor, at=state.at(room), message=message,
        body=command.body, html=request.html, mentioned=mentioned, links=request.links,
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
    return decided(MessageDeleted(room=room, actor=actor, at=state.at(room), message=message))


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


def write_posted(drafts: Sequence[MessagePosted]) -> list[Statement]:
    """Insert the messages, their mentions and the read markers of their authors."""
    messages = rows.values([draft.message for draft in drafts], _COLUMNS)
    markers = {
        (member := draft.room.members[draft.actor.id]).id: (member.read_backs, draft.message.msg_no)
        for draft in drafts
        if draft.message.msg_no
    }
    written = [statements.insert(Message, _COLUMNS, messages), *_insert_mentions(drafts)]
    claimed = [
        (one.pk, one.message_id, one.place)
        for draft in drafts
        if draft.attachments
        for one in draft.attachments
    ]
    if claimed:
        written.append(statements.update(Attachment, ("id", "message_id", "place"), claimed))
    if slowed := [draft.room.members[draft.actor.id] for draft in drafts if draft.room.room.slow_s]:
        last = {row.id: (row.id, row.slow_at) for row in slowed}
        written.append(statements.update(Membership, ("id", "slow_at"), sorted(last.values())))
    quoted = [draft.quote for draft in drafts if draft.quote is not None]
    if quoted:
        written.append(quotes.insert(quoted))
    return [*written, reads.move_markers(markers)] if markers else written


def write_edited(drafts: Sequence[MessageEdited]) -> None:
    """Update the messages, keep their earlier texts, renew their mentions, drop previews of links that are gone."""
    messages = list({draft.message.pk: draft.message for draft in drafts}.values())
    Message.objects.bulk_update(messages, ["body", "html", "edited_at"])
    Revision.objects.bulk_create([draft.earlier for draft in drafts if draft.earlier])
    _forget_oldest(messages)
    Mention.objects.filter(message__in=messages).delete()
    last = {draft.message.pk: draft for draft in drafts}
    statements.send(_insert_mentions(list(last.values())))
    shown = Preview.objects.filter(message__in=messages, removed_at=None)
    gone = [
        pk for pk, message, url in shown.values_list("pk", "message", "url") if url not in last[message].links
    ]
    if gone:
        Preview.objects.filter(pk__in=gone).delete()


def write_deleted(drafts: Sequence[MessageDeleted]) -> None:
    """Empty the messages and drop what hangs on them."""
    messages = [draft.message for draft in drafts]
    emptied = ["body", "html", "deleted_at", "attachment_count", "quote_chars", "pinned_at", "pinned_by"]
    Message.objects.bulk_update(messages, emptied)
    with_files = [draft.message for draft in drafts if draft.had_attachments]
    if with_files:
        # The rows stay until what follows has taken their files out of the storage.
        Attachment.objects.filter(message__in=with_files).update(dropped_at=drafts[0].at)
    for related in (Revision, Mention, Reaction, Preview, Quote, Saved):
        related._default_manager.filter(message__in=messages).delete()
    quoted = quotes.empty([message.pk for message in messages], drafts[0].at)
    for draft in drafts:
        draft.was_quoted = draft.message.pk in quoted


def _forget_oldest(messages: Sequence[Message]) -> None:
    """Keep so many earlier texts of each message."""
    held = (
        Revision.objects.filter(message__in=messages).order_by().values_list("message").annotate(Count("pk"))
    )
    for message, count in held:
        if count > limits.VERSIONS_MAX_COUNT:
            newest = Revision.objects.filter(message=message).order_by("-pk")
            old = list(newest.values_list("pk", flat=True)[limits.VERSIONS_MAX_COUNT :])
            Revision.objects.filter(pk__in=old).delete()


def _insert_mentions(drafts: Sequence[MessagePosted | MessageEdited]) -> list[Statement]:
    mentions = [
        (draft.message.id, user_id, draft.room.room.id, draft.message.msg_no)
        for draft in drafts
        for user_id in dict.fromkeys(draft.mentioned)
    ]
    names = ("message_id", "user_id", "room_id", "msg_no")
    return [statements.insert(Mention, names, mentions)] if mentions else []


def _thread(state: State, room: RoomState, parent_id: int | None) -> int | None:
    """Return the first message of the thread; a reply to a reply goes to the same thread."""
    if parent_id is None:
        return None
    parent = state.messages.get(parent_id)
    if parent is None or parent.room_id != room.room.pk or parent.deleted_at is not None:
        raise permissions.missing_message()
    return parent.parent_id or parent.pk


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
    # What quotes nothing has the digest that it had before there were quotes.
    more = () if command.quote is None else (command.quote,)
    said = repr((command.room, command.body, command.parent, command.attachments, *more))
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _stored(message: Message) -> dict[str, object]:
    return {
        "room": message.room_id,
        "seq": message.seq,
        "id": message.pk,
        "msg_no": message.msg_no,
        "at": message.at,
    }
