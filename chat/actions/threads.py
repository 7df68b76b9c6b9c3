"""Follow a thread, or no more; read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from chat.actions import permissions
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Draft, Request, RoomState, State
from chat.models import Message, ThreadFollow, statements
from chat.models.rows import values
from chat.models.statements import Statement
from chat.protocol.threads import FollowThread, ReadThread, UnfollowThread


@dataclass(slots=True)
class ThreadDraft(Draft):
    """What one user has with a thread. It is no change of the room: only the user's own devices hear of it."""

    follow: ThreadFollow = None  # type: ignore[assignment]  # after the defaults of Draft; always given

    def own_events(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Tell the user's devices."""
        yield told(self.room, self.follow)


@dataclass(slots=True)
class ThreadFollowed(ThreadDraft):
    """A user follows a thread from here on, or does not any more."""


@dataclass(slots=True)
class ThreadRead(ThreadDraft):
    """A user has read a thread further."""


def follow(state: State, request: Request) -> Decision:
    """Follow a thread, with all in it read; a repeat changes nothing. Refuses with not_found, forbidden."""
    command = cast(FollowThread, request.command)
    room, root = _thread(state, request, command.message)
    row = state.follows.get((root, request.actor_id))
    if row is not None and row.is_on:
        return _settled(state, request, room, row)
    if row is None:
        row = ThreadFollow(message_id=root, user_id=request.actor_id)
        state.follows[root, request.actor_id] = row
    row.is_on, row.read_seq = True, room.room.last_seq
    return _settled(state, request, room, row, is_other=True)


def unfollow(state: State, request: Request) -> Decision:
    """Hear no more of a thread; a repeat changes nothing. Refuses with not_found, forbidden."""
    command = cast(UnfollowThread, request.command)
    room, root = _thread(state, request, command.message)
    row = state.follows.get((root, request.actor_id))
    if row is not None and not row.is_on:
        return _settled(state, request, room, row)
    if row is None:
        # Who says so before ever following is not made to follow by being answered to.
        row = ThreadFollow(message_id=root, user_id=request.actor_id)
        state.follows[root, request.actor_id] = row
    row.is_on = False
    return _settled(state, request, room, row, is_other=True)


def read(state: State, request: Request) -> Decision:
    """Move the marker forward, never back and never past the room's last change; who follows not has none.

    Refuses with not_found, forbidden.
    """
    command = cast(ReadThread, request.command)
    room, root = _thread(state, request, command.message)
    row = state.follows.get((root, request.actor_id))
    if row is None:
        return _settled(state, request, room, ThreadFollow(message_id=root, is_on=False))
    seq = min(command.seq, room.room.last_seq)
    drafts = []
    if seq > row.read_seq:
        row.read_seq = seq
        drafts = [ThreadRead(room=room, actor=state.users[request.actor_id], at=state.now, follow=row)]
    result = _result(room, row)
    return Decision(drafts, lambda: result)


def note_reply(
    state: State, message: Message, answered: int | None, mentioned: Iterable[int]
) -> list[ThreadFollow]:
    """Let its author, who wrote the first message and who is named follow the thread; return the rows that changed.

    The author has read it up to the reply; to the others who are new it is the first one unread.
    """
    assert message.parent_id is not None
    root, changed = message.parent_id, []
    for user_id in dict.fromkeys((message.sender_id, *([answered] if answered else []), *mentioned)):
        row, is_author = state.follows.get((root, user_id)), user_id == message.sender_id
        if row is None:
            row = state.follows[root, user_id] = ThreadFollow(
                message_id=root, user_id=user_id, read_seq=message.seq - (not is_author)
            )
        elif is_author:
            row.is_on, row.read_seq = True, message.seq
        else:
            continue
        changed.append(row)
    return changed


def write_followed(drafts: Sequence[ThreadFollowed]) -> list[Statement]:
    """Insert what is new and switch the rest."""
    return written([draft.follow for draft in drafts])


def write_read(drafts: Sequence[ThreadRead]) -> list[Statement]:
    """Move the markers forward."""
    known = [draft.follow for draft in drafts if draft.follow.pk]
    return [_moved(known)] if known else []


def written(rows: Iterable[ThreadFollow]) -> list[Statement]:
    """Return what stores rows; one that is named again, by another writer too, is inserted once, as it is now."""
    distinct = list({id(row): row for row in rows}.values())
    new = [row for row in distinct if row._state.adding]
    known = [row for row in distinct if row.pk]
    for row in new:
        row._state.adding = False
    found: list[Statement] = []
    if new:
        names = ("message_id", "user_id", "is_on", "read_seq")
        found.append(statements.insert(ThreadFollow, names, values(new, names)))
    if known:
        found.append(_moved(known))
    if off := [(row.pk, False) for row in known if not row.is_on]:
        found.append(statements.update(ThreadFollow, ("id", "is_on"), off))
    return found


def told(room: RoomState, row: ThreadFollow) -> tuple[int, dict[str, Any]]:
    """Return whose devices hear what of a row."""
    found = _result(room, row)
    return row.user_id, {"type": "thread.changed", "thread": found.pop("message"), **found}


def _moved(rows: Iterable[ThreadFollow]) -> Statement:
    # Reading does not wait for the room: what another process has moved further meanwhile stays.
    moved = sorted((row.pk, row.is_on, row.read_seq) for row in {row.pk: row for row in rows}.values())
    return statements.update(ThreadFollow, ("id", "is_on", "read_seq"), moved, only_upwards=True)


def _thread(state: State, request: Request, message_id: int) -> tuple[RoomState, int]:
    """Return the room of a message and the first one of its thread, deleted or not. Refuses as the verbs do."""
    message = state.messages.get(message_id)
    room = state.rooms.get(message.room_id) if message is not None else None
    if message is None or room is None:
        raise permissions.missing_message()
    actor = state.users[request.actor_id]
    membership = room.members.get(actor.pk)
    if permissions.answer(Deed.READ, actor, room.room, membership, state.now) is not permissions.Answer.YES:
        raise permissions.missing_message()
    permissions.require(Deed.MARK_READ, actor, room.room, membership, state.now)
    return room, message.parent_id or message.pk


def _settled(
    state: State, request: Request, room: RoomState, row: ThreadFollow, *, is_other: bool = False
) -> Decision:
    drafts = [ThreadFollowed(room=room, actor=state.users[request.actor_id], at=state.now, follow=row)]
    result = _result(room, row)
    return Decision(drafts if is_other else (), lambda: result)


def _result(room: RoomState, row: ThreadFollow) -> dict[str, Any]:
    return {
        "room": room.room.pk,
        "message": row.message_id,
        "is_followed": row.is_on,
        "read_seq": row.read_seq,
    }
