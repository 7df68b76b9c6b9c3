"""Create, open a direct conversation, change, archive, delete."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from chat.actions import audit, permissions
from chat.actions.members import joined
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Draft, Request, RoomState, State, already, decided
from chat.models import AuditDeed, AuditEntry, Membership, Room, User, Workspace
from chat.models.statements import Statement
from chat.protocol import limits
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import CreateRoom, DeleteRoom, OpenDirect, UpdateRoom
from chat.protocol.errors import ErrorCode, Refused

_WRITTEN = [
    "name", "topic", "kind", "slug", "previews", "posting", "slow_s", "calls", "seen", "archived_at", "deleted_at",
]  # fmt: skip
# Moderators too may stop previews and hide who has read, and nothing else of a room; the people of a conversation may
# name it.
_DEEDS = {
    frozenset({"previews"}): Deed.SET_PREVIEWS,
    frozenset({"seen"}): Deed.SET_SEEN,
    frozenset({"name"}): Deed.NAME,
}
# Of so many people a conversation is one of a group.
_GROUP_FROM = 3
_NOT_IN_SLUG = re.compile(r"[^a-z0-9가-힣]+")


@dataclass(slots=True)
class RoomChanged(Draft):
    """Another name, topic or kind; archived, taken up again, or deleted."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.ROOM_CHANGED
    fields: dict[str, object] | None = None

    def apply(self, state: State) -> None:
        """Take the fields over."""
        for name, value in (self.fields or {}).items():
            setattr(self.room.room, name, value)


def found(request: Request) -> int:
    """Insert the room of a `room.create` and return its id; for a repeat, the id of the first one.

    Refuses with signed_out, forbidden, conflict, not_found.
    """
    command = cast(CreateRoom, request.command)
    founder = _founder(request)
    if founder.is_guest:
        raise Refused(ErrorCode.FORBIDDEN, "guests may not create rooms")
    if not founder.is_admin and Workspace.objects.filter(pk=1, room_makers=Workspace.Who.ADMINS).exists():
        raise Refused(ErrorCode.FORBIDDEN, "only admins create rooms here")
    key = None
    if command.client_room_id is not None:
        key = f"{request.actor_id}:{command.client_room_id}"
        if (first := Room.objects.filter(client_key=key).first()) is not None:
            if first.deleted_at is not None:
                raise permissions.missing_room()
            return first.pk
    if command.slug is not None and Room.objects.filter(slug=command.slug).exists():
        raise Refused(ErrorCode.CONFLICT, f"a room with the slug {command.slug} exists")
    slug = command.slug or _free_slug(command.name)
    return Room.objects.create(
        kind=command.kind, slug=slug, name=command.name, topic=command.topic, client_key=key
    ).pk


def found_direct(request: Request) -> int:
    """Return the id of the conversation of these users; insert it at the first time.

    Raises:
        Refused: signed_out, not_found.
    """
    command = cast(OpenDirect, request.command)
    user_ids = sorted({request.actor_id, *command.users})
    others = User.objects.filter(pk__in=user_ids, is_active=True)
    if _founder(request).is_guest:
        # A guest knows the people of the rooms that the guest is in, and nobody else.
        rooms = Membership.objects.filter(user_id=request.actor_id, left_seq=None).values("room_id")
        mates = Membership.objects.filter(room_id__in=rooms, left_seq=None).values("user_id")
        others = others.filter(pk__in=mates)
    if others.count() != len(user_ids):
        raise Refused(ErrorCode.NOT_FOUND, "no such user")
    key = ",".join(map(str, user_ids))
    room, _ = Room.objects.get_or_create(direct_key=key, defaults={"kind": Room.Kind.DIRECT})
    return room.pk


def create(state: State, request: Request) -> Decision:
    """Let the creator in as owner, and whom the creator named; nothing to do for a repeat.

    Refuses with not_found, when the creator has left the room since.
    """
    command = cast(CreateRoom, request.command)
    room, actor = _mine(state, request), state.users[request.actor_id]
    if command.client_room_id is not None and room.room.last_seq:
        if not room.member(actor.pk):
            raise permissions.missing_room()
        return already(room)
    guests = [
        state.users[user_id]
        for user_id in dict.fromkeys(command.members)
        if user_id != actor.pk and user_id in state.users and state.users[user_id].is_active
    ]
    drafts = [joined(state, room, actor, actor, Membership.Role.OWNER)]
    drafts += [joined(state, room, actor, user) for user in guests]
    return _answer_room(drafts, room)


def open_direct(state: State, request: Request) -> Decision:
    """Let everybody in who is not yet; nothing to do from the second time on."""
    command = cast(OpenDirect, request.command)
    room, actor = _mine(state, request), state.users[request.actor_id]
    user_ids = sorted({actor.pk, *command.users})
    drafts = [
        joined(state, room, actor, state.users[user_id]) for user_id in user_ids if not room.member(user_id)
    ]
    return _answer_room(drafts, room)


def update(state: State, request: Request) -> Decision:
    """Change what is given. Refuses with not_found, forbidden."""
    command = cast(UpdateRoom, request.command)
    # Who names nothing is asked for the greater right.
    named = command.model_fields_set - {"type", "room"}
    room = _ruled(state, request, command.room, _DEEDS.get(frozenset(named), Deed.UPDATE))
    if room.room.is_direct and (room.room.direct_key or "").count(",") < _GROUP_FROM - 1:
        raise Refused(ErrorCode.FORBIDDEN, "a conversation of two is called by its people")
    if command.name == "" and not room.room.is_direct:
        raise Refused(ErrorCode.EMPTY, "name holds nothing that can be seen")
    given: dict[str, object] = {
        name: getattr(command, name)
        for name in ("name", "topic", "kind", "previews", "posting", "slow_s", "calls", "seen")
        if getattr(command, name) not in (None, getattr(room.room, name))
    }
    if command.archived is not None and command.archived != (room.room.archived_at is not None):
        given["archived_at"] = state.now if command.archived else None
    if not given:
        return already(room)
    actor = state.users[request.actor_id]
    return decided(RoomChanged(room=room, actor=actor, at=state.at(room), fields=given))


def delete(state: State, request: Request) -> Decision:
    """End the room for everybody; its slug is free again. Refuses with not_found, forbidden."""
    command = cast(DeleteRoom, request.command)
    room = _ruled(state, request, command.room, Deed.DELETE)
    actor = state.users[request.actor_id]
    given: dict[str, object] = {"deleted_at": state.now, "slug": None}
    return decided(RoomChanged(room=room, actor=actor, at=state.at(room), fields=given))


def write_changed(drafts: Sequence[RoomChanged]) -> list[Statement]:
    """Write the rooms' fields; those of numbering are written by the pipeline."""
    rooms = {draft.room.room.pk: draft.room.room for draft in drafts}
    Room.objects.bulk_update(rooms.values(), _WRITTEN)
    return audit.written([_noted(draft) for draft in drafts])


def slug_of(name: str) -> str:
    """Return a slug for a name; Korean stays Korean."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _NOT_IN_SLUG.sub("-", folded).strip("-")[: limits.SLUG_MAX_CHARS - 8].strip("-") or "room"


def _noted(draft: RoomChanged) -> AuditEntry | None:
    fields = draft.fields or {}
    if "deleted_at" in fields:
        return audit.of(AuditDeed.ROOM_DELETED, draft, name=draft.room.room.name)
    said = {
        # When is said by the entry itself.
        name.removesuffix("_at"): value is not None if name == "archived_at" else value
        for name, value in fields.items()
    }
    return audit.of(AuditDeed.ROOM_CHANGED, draft, fields=said)


def _founder(request: Request) -> User:
    # Before anything is inserted: a refusal afterwards would leave the room behind.
    actor = User.objects.filter(pk=request.actor_id, is_active=True).first()
    if actor is None:
        raise permissions.inactive()
    return actor


def _free_slug(name: str) -> str:
    wanted = slug_of(name)
    taken = set(Room.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    if wanted not in taken:
        return wanted
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{wanted}-{number}") not in taken)


def _mine(state: State, request: Request) -> RoomState:
    assert request.room_id is not None
    return state.rooms[request.room_id]


def _ruled(state: State, request: Request, room_id: int, deed: Deed) -> RoomState:
    room = state.rooms.get(room_id)
    if room is None:
        raise permissions.missing_room()
    actor = state.users[request.actor_id]
    permissions.require(deed, actor, room.room, room.members.get(actor.pk), state.now)
    return room


def _answer_room(drafts: Sequence[Draft], room: RoomState) -> Decision:
    return Decision(drafts, lambda: {"room": room.room.pk, "seq": room.room.last_seq})
