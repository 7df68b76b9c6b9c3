"""Lock the rooms of a batch in id order and read all that its decisions look at, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Q

from chat.actions.state import Request, RoomState, State
from chat.models import Change, Membership, Message, Reaction, Room, User
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import (
    AddReaction,
    BanMember,
    DeleteMessage,
    EditMessage,
    LeaveRoom,
    MarkRead,
    PostMessage,
    RemoveMember,
    RemoveReaction,
    UpdateMember,
)

# Commands about one message; what they name decides which room is locked.
_ABOUT_MESSAGE = (EditMessage, DeleteMessage, AddReaction, RemoveReaction)
# How far back a room's log is searched for the first one of a repeated deletion.
_REPEAT_COUNT = 1_000
# Commands after which somebody may be an owner no more.
_ABOUT_OWNERS = (LeaveRoom, UpdateMember, RemoveMember, BanMember)


def load(requests: Sequence[Request], now: datetime) -> State:
    """Lock and read. Must run inside the batch's transaction; `room_id` of the requests is set here."""
    _find_rooms(requests)
    state = State(now=now)
    to_lock = {r.room_id for r in requests if r.room_id and not isinstance(r.command, MarkRead)}
    to_read = {r.room_id for r in requests if r.room_id} - to_lock
    rooms: list[Room] = []
    if to_lock:
        # Always in ascending id: two batches that lock the same rooms cannot wait for each other.
        rooms += Room.objects.select_for_update().filter(pk__in=to_lock, deleted_at=None).order_by("pk")
    if to_read:
        rooms += Room.objects.filter(pk__in=to_read, deleted_at=None)
    state.rooms = {room.pk: RoomState(room) for room in rooms}
    user_ids = _user_ids(requests)
    state.users = User.objects.in_bulk(user_ids)
    for membership in Membership.objects.filter(room__in=state.rooms, user__in=user_ids):
        state.rooms[membership.room_id].members[membership.user_id] = membership
    _load_owners(state, requests)
    _load_messages(state, requests)
    _load_sent(state, requests)
    return state


def _find_rooms(requests: Sequence[Request]) -> None:
    """Set each request's room: the one it names, or that of the message it names (a message never moves)."""
    ids = {r.command.message for r in requests if isinstance(r.command, _ABOUT_MESSAGE)}
    rooms = dict(Message.objects.filter(pk__in=ids).values_list("pk", "room_id")) if ids else {}
    for request in requests:
        if isinstance(request.command, _ABOUT_MESSAGE):
            request.room_id = rooms.get(request.command.message)
        elif request.room_id is None:
            request.room_id = getattr(request.command, "room", None)


def _user_ids(requests: Sequence[Request]) -> set[int]:
    """Return actors and everybody whom a command names."""
    ids: set[int] = set()
    for request in requests:
        ids.add(request.actor_id)
        ids.update(request.mentioned)
        if (user := getattr(request.command, "user", None)) is not None:
            ids.add(user)
        ids.update(getattr(request.command, "users", ()))
        ids.update(getattr(request.command, "members", ()))
    return ids


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


def _load_messages(state: State, requests: Sequence[Request]) -> None:
    ids = {r.command.message for r in requests if isinstance(r.command, _ABOUT_MESSAGE)}
    ids |= {r.command.parent for r in requests if isinstance(r.command, PostMessage) and r.command.parent}
    if not ids:
        return
    # Read under the lock, not before: the text may have changed while this batch waited.
    rows = Message.objects.filter(pk__in=ids, room__in=state.rooms).select_related("sender")
    state.messages = {row.pk: row for row in rows}
    _load_deletions(state, requests)
    if any(isinstance(r.command, AddReaction | RemoveReaction) for r in requests):
        for reaction in Reaction.objects.filter(message__in=ids).order_by("pk"):
            state.reactions.setdefault(reaction.message_id, []).append(reaction)


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


def _load_sent(state: State, requests: Sequence[Request]) -> None:
    keys = {(r.actor_id, r.command.client_message_id) for r in requests if isinstance(r.command, PostMessage)}
    if not keys:
        return
    # Two lists instead of pairs: one short query, and a foreign hit is only looked at, never used.
    found = Message.objects.filter(
        sender__in={actor for actor, _ in keys}, client_message_id__in={key for _, key in keys}
    )
    state.sent = {
        (row.sender_id, row.client_message_id): row for row in found if row.client_message_id is not None
    }
