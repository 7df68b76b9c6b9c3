"""Call many at once: whom a message reaches, and what of it is not allowed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from chat import conf
from chat.actions import permissions
from chat.actions.state import Request, RoomState, State
from chat.models import Call, Membership, Message, Room, User, statements
from chat.models.calls import listed
from chat.models.statements import Statement
from chat.protocol import limits
from chat.text import calls as words
from chat.text.render import without_calls

_COLUMNS = ("message_id", "kind", "group_id", "room_id", "msg_no", "seq", "people")


def may_call(actor: User, room: Room, own: Membership | None, now: datetime, members: int) -> bool:
    """Tell whether somebody may call everybody in a room; members: how many are in it."""
    if room.is_direct or room.calls == Room.Callers.EVERYONE:
        return True
    if room.calls == Room.Callers.NOBODY:
        return False
    if room.calls == Room.Callers.AUTO and members <= conf.get().CALLS_EVERYBODY_MAX_MEMBERS:
        return True
    return permissions.is_ruling(actor, room, own, now)


def allowed(
    state: State, room: RoomState, request: Request, mentioned: Collection[int], *, is_answer: bool,
    before: Sequence[Call] = (),
) -> tuple[list[Call], str | None]:  # fmt: skip
    """Return the calls of a text, and its rendering, in which those that are not allowed are words like others.

    Who is named, and who is reached by an earlier one, is reached by no other. An answer in a thread that is not said
    in the room calls groups only: not everybody reads there.

    Args:
        before: what the message called by until it was edited; those whom it has told it does not tell anew.
    """
    actor = state.users[request.actor_id]
    own = room.members.get(actor.pk)
    may_all = not is_answer and may_call(actor, room.room, own, state.now, len(room.inside))
    known = {_word(call): call for call in before}
    kept: list[Call] = []
    refused: list[str] = []
    for word in request.calls:
        group = state.groups.get(int(word)) if word.isdecimal() else None
        if not may_all if group is None else actor.is_guest:
            refused.append(word)
            continue
        call = Call(kind=word) if group is None else Call(kind=Call.Kind.GROUP, group_id=int(word))
        if word in known:
            call.seq, call.people = known[word].seq, known[word].people
        elif word != words.ROOM:
            found = room.inside & (group if group is not None else set(request.here or ()))
            call.people = listed(sorted(found - {actor.pk})[: limits.HERE_MAX_COUNT])
        kept.append(call)
    _settle(kept, set(mentioned))
    said = getattr(request.command, "body", "")
    html = without_calls(said, request.html or "", refused) if refused else request.html
    return kept, html


def place(calls: Sequence[Call], message: Message, seq: int) -> None:
    """Put calls into their message; those that it has made before stay of that time."""
    for call in calls:
        call.message_id, call.room_id, call.msg_no = message.id, message.room_id, message.msg_no
        call.seq = call.seq or seq


def _settle(calls: Sequence[Call], mentioned: set[int]) -> None:
    """Let everybody be reached once: by name, by the room, else by the first that has them."""
    is_whole = any(call.kind == Call.Kind.ROOM for call in calls)
    taken = set(mentioned)
    for call in calls:
        if call.kind == Call.Kind.ROOM:
            call.people = listed(mentioned)
            continue
        found = set() if is_whole else set(call.ids) - taken
        call.people = listed(found)
        taken |= found


def of_groups(calls: Sequence[Call]) -> list[int]:
    """Return whom calls reach as people of a group: as if they were named, they follow the thread that calls them."""
    return [user for call in calls if call.kind == Call.Kind.GROUP for user in call.ids]


def insert(rows: Sequence[Call]) -> list[Statement]:
    """Return what stores calls; nothing for none."""
    if not rows:
        return []
    found = [tuple(getattr(row, name) for name in _COLUMNS) for row in rows]
    return [statements.insert(Call, _COLUMNS, found)]


def _word(call: Call) -> str:
    return str(call.group_id) if call.kind == Call.Kind.GROUP else call.kind
