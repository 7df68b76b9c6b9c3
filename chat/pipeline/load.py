"""Lock the rooms of a batch in id order and read all that its decisions look at, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Count, Q

from chat.actions.state import Request, RoomState, State
from chat.models import (
    Attachment,
    Call,
    Change,
    Membership,
    Message,
    Poll,
    Preview,
    Quote,
    Reaction,
    Room,
    ScheduledMessage,
    ThreadFollow,
    User,
    UserGroupMember,
    Vote,
)
from chat.models.rows import names_of, stored
from chat.models.statements import ids, new_ids, select, send
from chat.pipeline import holds
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import (
    AddReaction,
    BanMember,
    DeleteMessage,
    EditMessage,
    LeaveRoom,
    MarkRead,
    PinMessage,
    PostMessage,
    RemoveMember,
    RemovePreview,
    RemoveReaction,
    SetLevel,
    UnpinMessage,
    UpdateMember,
)
from chat.protocol.polls import CastVote, ClosePoll
from chat.protocol.system import (
    AttachPreviews,
    EndPoll,
    EraseMember,
    EraseMessages,
    ExpireMessages,
    FinishAttachment,
    WithdrawQuote,
)
from chat.protocol.threads import FollowThread, ReadThread, UnfollowThread
from chat.queries import online, own_emoji
from chat.text import calls, emoji

_ABOUT_POLL = (CastVote, ClosePoll, EndPoll)
_ABOUT_THREAD = (FollowThread, UnfollowThread, ReadThread)
# Commands about one message; what they name decides which room is locked.
_ABOUT_MESSAGE = (
    *_ABOUT_THREAD, *_ABOUT_POLL,
    EditMessage, DeleteMessage, AddReaction, RemoveReaction, RemovePreview, PinMessage, UnpinMessage,
    AttachPreviews, FinishAttachment, WithdrawQuote,
)  # fmt: skip
# What these write belongs to one person alone, and markers move upwards only: the room is read and not locked.
_ABOUT_ONESELF = (MarkRead, SetLevel, ReadThread)
_ROOM = names_of(Room)
# When somebody joined decides nothing.
_MEMBERSHIP = tuple(name for name in names_of(Membership) if name != "joined_at")
# What decisions and the wire need to know of a user, and of a message that was sent before.
_USER = ("id", "handle", "name", "role", "is_bot", "is_active", "avatar")
_SENT = ("id", "room_id", "seq", "msg_no", "sender_id", "client_message_id", "client_digest", "at")
_NOT_DELETED = "WHERE found.deleted_at IS NULL"
# Lets the partial index be used.
_HAS_KEY = "WHERE found.client_message_id IS NOT NULL"
# How far back a room's log is searched for the first one of a repeated deletion.
_REPEAT_COUNT = 1_000
# Commands after which somebody may be an owner no more.
_ABOUT_OWNERS = (LeaveRoom, UpdateMember, RemoveMember, BanMember)


def load(requests: Sequence[Request], now: datetime) -> State:
    """Lock and read. Must run inside the batch's transaction; `room_id` of the requests is set here."""
    _find_rooms(requests)
    state = State(now=now)
    _load_together(state, requests)
    _load_owners(state, requests)
    _load_calls(state, requests)
    _load_messages(state, requests)
    _load_sources(state, requests)
    _load_emoji(state, requests)
    for request in requests:
        if isinstance(request.command, ExpireMessages):
            _load_expiring(state, request.command)
        elif isinstance(request.command, EraseMember):
            _load_heir(state, request.command)
        elif isinstance(request.command, EraseMessages):
            _load_erased(state, request.command)
    _load_attachments(state, requests)
    return state


def _load_together(state: State, requests: Sequence[Request]) -> None:
    """Lock the rooms and read what every batch needs, in one round trip.

    Statements, not one: each sees what was committed while the first waited for the locks.
    """
    to_lock = {r.room_id for r in requests if r.room_id and type(r.command) not in _ABOUT_ONESELF}
    to_read = {r.room_id for r in requests if r.room_id} - to_lock
    named = [(r.room_id, _named(r)) for r in requests]
    user_ids = {user for _, users in named for user in users}
    asked_members = {(room, user) for room, users in named if room for user in users}
    keys = {(r.actor_id, r.command.client_message_id) for r in requests if isinstance(r.command, PostMessage)}
    # What is left of a deleted room goes in its time too.
    to_empty = {r.room_id for r in requests if r.room_id and isinstance(r.command, ExpireMessages)}
    asked = ((to_lock - to_empty, _NOT_DELETED + _locked()), (to_empty, _locked()), (to_read, _NOT_DELETED))
    rooms = [select(Room, _ROOM, ("id",), [(pk,) for pk in pks], tail) for pks, tail in asked if pks]
    users = select(User, _USER, ("id",), [(pk,) for pk in user_ids])
    members = select(Membership, _MEMBERSHIP, ("room_id", "user_id"), asked_members)
    sent = select(Message, _SENT, ("sender_id", "client_message_id"), keys, _HAS_KEY)
    message_ids = new_ids(Message, len(keys))
    send([*rooms, users, *([members] if asked_members else []), *([sent, message_ids] if keys else [])])
    for room in stored(Room, _ROOM, (row for asked in rooms for row in asked.rows)):
        state.rooms[room.id] = RoomState(room)
    state.users = {row[0]: _user(*row) for row in users.rows}
    for membership in stored(Membership, _MEMBERSHIP, members.rows):
        if membership.room_id in state.rooms:
            state.rooms[membership.room_id].members[membership.user_id] = membership
    for message in stored(Message, _SENT, sent.rows):
        assert message.client_message_id is not None
        state.sent[message.sender_id, message.client_message_id] = message
    if keys:
        state.message_ids = iter(ids(message_ids, len(keys)))


def _locked() -> str:
    # Always in ascending id: two batches that lock the same rooms cannot wait for each other.
    # SQLite has one writer, who holds its lock from BEGIN on.
    return " ORDER BY found.id FOR UPDATE OF found" if connection.vendor == "postgresql" else ""


@lru_cache(1_024)
def _user(*row: Any) -> User:
    # The same values are the same instance: nobody writes to it, and there is no other way to be old.
    return User.from_db(DEFAULT_DB_ALIAS, _USER, row)


def _find_rooms(requests: Sequence[Request]) -> None:
    """Set each request's room: the one it names, or that of the message it names (a message never moves)."""
    ids = {r.command.message for r in requests if isinstance(r.command, _ABOUT_MESSAGE)}
    rooms = dict(Message.objects.filter(pk__in=ids).values_list("pk", "room_id")) if ids else {}
    for request in requests:
        if isinstance(request.command, _ABOUT_MESSAGE):
            request.room_id = rooms.get(request.command.message)
        elif request.room_id is None:
            request.room_id = getattr(request.command, "room", None)


def _named(request: Request) -> tuple[int, ...]:
    """Return the actor and everybody whom a command names."""
    if type(request.command) is PostMessage:
        return (request.actor_id, *request.mentioned)
    user = getattr(request.command, "user", None)
    return (
        request.actor_id,
        *request.mentioned,
        *(() if user is None else (user,)),
        *getattr(request.command, "users", ()),
        *getattr(request.command, "members", ()),
    )


def _load_owners(state: State, requests: Sequence[Request]) -> None:
    ids = {r.room_id for r in requests if isinstance(r.command, _ABOUT_OWNERS)} & state.rooms.keys()
    if not ids:
        return
    inside = Membership.objects.filter(room__in=ids, left_seq=None)
    for room_id, count in inside.order_by().values_list("room_id").annotate(Count("pk")):
        state.rooms[room_id].member_count = count
    # An owner who is switched off, or has become a guest of the workspace, runs nothing.
    able = inside.filter(role=Membership.Role.OWNER, user__is_active=True).exclude(user__role=User.Role.GUEST)
    for room_id, user_id in able.values_list("room_id", "user_id"):
        state.rooms[room_id].owners.add(user_id)


def _load_calls(state: State, requests: Sequence[Request]) -> None:
    """Find who could be called at once: the people of the rooms and groups, and who is here where nobody knows."""
    calling = [r for r in requests if r.calls and r.room_id in state.rooms]
    if not calling:
        return
    inside = Membership.objects.filter(room__in={r.room_id for r in calling}, left_seq=None)
    for room_id, user_id in inside.values_list("room_id", "user_id"):
        state.rooms[room_id].inside.add(user_id)
    named = {int(word) for r in calling for word in r.calls if word.isdecimal()}
    for pk in named:
        state.groups[pk] = set()
    people = UserGroupMember.objects.filter(group__in=named, user__is_active=True) if named else ()
    for row in people:
        state.groups[row.group_id].add(row.user_id)
    for request in calling:
        if request.here is None and calls.HERE in request.calls and request.room_id is not None:
            request.here = online.lately(state.rooms[request.room_id].inside, state.now)


def _load_messages(state: State, requests: Sequence[Request]) -> None:
    ids = {r.command.message for r in requests if isinstance(r.command, _ABOUT_MESSAGE)}
    ids |= {r.command.parent for r in requests if isinstance(r.command, PostMessage) and r.command.parent}
    if not ids:
        return
    # Read under the lock, not before: the text may have changed while this batch waited.
    rows = Message.objects.filter(pk__in=ids, room__in=state.rooms).select_related("sender")
    state.messages = {row.pk: row for row in rows}
    edited = {r.command.message for r in requests if isinstance(r.command, EditMessage)}
    calling = [pk for pk, row in state.messages.items() if pk in edited and calls.has_any(row.html)]
    for call in Call.objects.filter(message__in=calling).order_by("pk") if calling else ():
        state.calls.setdefault(call.message_id, []).append(call)
    _load_deletions(state, requests)
    _load_follows(state, requests)
    _load_polls(state, requests)
    if any(isinstance(r.command, AddReaction | RemoveReaction) for r in requests):
        for reaction in Reaction.objects.filter(message__in=ids).order_by("pk"):
            state.reactions.setdefault(reaction.message_id, []).append(reaction)
    if any(isinstance(r.command, RemovePreview | AttachPreviews) for r in requests):
        for preview in Preview.objects.filter(message__in=ids).order_by("pk"):
            state.previews.setdefault(preview.message_id, []).append(preview)

    pinning = {r.room_id for r in requests if isinstance(r.command, PinMessage)} & state.rooms.keys()
    if pinning:
        pinned = Message.objects.filter(room__in=pinning, pinned_at__isnull=False).order_by()
        for room_id, count in pinned.values_list("room_id").annotate(Count("pk")):
            state.rooms[room_id].pin_count = count


def _load_emoji(state: State, requests: Sequence[Request]) -> None:
    """Find which emoji of the workspace's own those are that somebody reacts with by name."""
    asked = (r.command.emoji for r in requests if isinstance(r.command, AddReaction | RemoveReaction))
    names = {name for name in map(emoji.named, asked) if name is not None and emoji.of(name) is None}
    if names:
        state.own_emoji = own_emoji.firsts(names)


def _load_sources(state: State, requests: Sequence[Request]) -> None:
    """Lock what is quoted, after the rooms and in id order, and read who may read it.

    Whoever deletes it waits, and then finds the quote.
    """
    asked = [(r.actor_id, r.command.quote) for r in requests if isinstance(r.command, PostMessage)]
    wanted = {quote for _, quote in asked if quote is not None}
    if not wanted:
        return
    passed_on = Quote.objects.filter(message__in=wanted).select_related("source")
    state.source_quotes = {row.message_id: row for row in passed_on}
    ids = wanted | {row.source_id for row in state.source_quotes.values() if row.source_id}
    rows = Message.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True, of=("self",))
    state.sources = {row.pk: row for row in rows.select_related("room", "sender")}
    for quote in state.source_quotes.values():
        quote.source = state.sources.get(quote.source_id or 0)
    rooms = {row.room_id for pk, row in state.sources.items() if pk in wanted}
    inside = Membership.objects.filter(room__in=rooms, user__in={user for user, _ in asked})
    state.source_members = {(row.room_id, row.user_id): row for row in inside}


def _load_polls(state: State, requests: Sequence[Request]) -> None:
    """Find the polls that are asked about, and what those who vote have chosen before."""
    asked = {r.command.message for r in requests if isinstance(r.command, _ABOUT_POLL)}
    if not asked:
        return
    state.polls = {row.pk: row for row in Poll.objects.filter(message__in=asked)}
    voters = {r.actor_id for r in requests if isinstance(r.command, CastVote)}
    for row in Vote.objects.filter(poll__in=state.polls, user__in=voters) if voters else ():
        state.votes[row.poll_id, row.user_id] = row


def _load_follows(state: State, requests: Sequence[Request]) -> None:
    """Find what those who may come to follow a thread have with it already."""
    wanted: dict[int, set[int]] = {}
    for request in requests:
        command = request.command
        named = command.parent if isinstance(command, PostMessage) else getattr(command, "message", None)
        message = (
            state.messages.get(named)
            if named and isinstance(command, (PostMessage, *_ABOUT_THREAD))
            else None
        )
        if message is not None:
            users = wanted.setdefault(message.parent_id or message.pk, set())
            users.update((request.actor_id, *request.mentioned, message.sender_id))
            users.update(*(state.groups[int(word)] for word in request.calls if word.isdecimal()))
    if not wanted:
        return
    users = set().union(*wanted.values())
    for row in ThreadFollow.objects.filter(message__in=wanted, user__in=users):
        state.follows[row.message_id, row.user_id] = row


def _load_expiring(state: State, command: ExpireMessages) -> None:
    """Find what is old enough of what is named, and what is in the way: a hold, an answer that is younger or waits."""
    if command.room not in state.rooms:
        return
    if holds.stands(command.room):
        state.held_rooms.add(command.room)
        return
    rows = Message.objects.filter(pk__in=command.messages, room=command.room, at__lt=command.before)
    found = list(rows.select_related("sender").order_by("seq"))
    roots = [row.pk for row in found if row.parent_id is None]
    replies = Message.objects.filter(parent__in=roots)
    state.living |= set(replies.filter(at__gte=command.before).values_list("parent_id", flat=True))
    waiting = ScheduledMessage.objects.filter(parent__in=roots, settled_at=None, failed_at=None)
    state.living |= set(waiting.values_list("parent_id", flat=True))
    state.reply_counts |= dict(replies.order_by().values_list("parent_id").annotate(Count("pk")))
    state.expiring |= {row.pk: row for row in found}


def _load_heir(state: State, command: EraseMember) -> None:
    """Find who runs a room when its last owner is erased: the moderator, else the member, who came first."""
    if command.room not in state.rooms:
        return
    inside = Membership.objects.filter(room=command.room, left_seq=None).exclude(user=command.user)
    able = inside.filter(user__is_active=True, user__is_bot=False).exclude(user__role=User.Role.GUEST)
    if able.filter(role=Membership.Role.OWNER).exists():
        return
    by_rank = able.annotate(is_member=~Q(role=Membership.Role.MODERATOR))
    heir = by_rank.select_related("user").order_by("is_member", "joined_seq", "pk").first()
    if heir is not None:
        state.heirs[command.room] = heir.user_id
        state.users.setdefault(heir.user_id, heir.user)
        state.rooms[command.room].members.setdefault(heir.user_id, heir)


def _load_erased(state: State, command: EraseMessages) -> None:
    if holds.stands(command.room):
        state.held_rooms.add(command.room)
    rows = Message.objects.filter(pk__in=command.messages, room=command.room, sender=command.user)
    state.messages |= {row.pk: row for row in rows.select_related("sender")}


def _load_attachments(state: State, requests: Sequence[Request]) -> None:
    """Lock the attachments that are named, after the rooms and in id order: one upload goes into one message."""
    ids: set[int] = set()
    for request in requests:
        if isinstance(request.command, PostMessage):
            ids.update(request.command.attachments)
        elif isinstance(request.command, FinishAttachment):
            ids.add(request.command.attachment)
    if ids:
        rows = Attachment.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
        state.attachments = {row.pk: row for row in rows}


def _load_deletions(state: State, requests: Sequence[Request]) -> None:
    """Find who has deleted what is to be deleted, for who repeats it without knowing what came of the first."""
    asked = {r.command.message for r in requests if isinstance(r.command, DeleteMessage)}
    gone = [row for row in state.messages.values() if row.pk in asked and row.deleted_at is not None]
    if not gone:
        return
    # The log has no index by message, and a repeat comes soon.
    recent = Q()
    for room_id in {row.room_id for row in gone}:
        recent |= Q(room=room_id, seq__gt=state.rooms[room_id].room.last_seq - _REPEAT_COUNT)
    found = Change.objects.filter(recent, kind=ChangeKind.MESSAGE_DELETED.value, message__in=gone)
    for message_id, actor_id, seq in found.values_list("message", "actor", "seq"):
        state.deletions[message_id] = (actor_id, seq)
