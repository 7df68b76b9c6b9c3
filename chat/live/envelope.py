"""What travels on the channel layer between the hubs of several processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TYPE = "maru.envelope"


class BadEnvelope(Exception):
    """What came over the layer is not ours; ignore it and count it."""


@dataclass(frozen=True, slots=True)
class RoomChanges:
    """A run of encoded changes of one room: `frames[0]` has seq `first`, the next one more, and so on.

    `moves` tells who came and went inside the run, so that a hub need not decode it: (seq, user id or 0 for
    everybody, has joined).
    """

    room: int
    first: int
    frames: tuple[bytes, ...]
    moves: tuple[tuple[int, int, bool], ...] = ()

    @property
    def last(self) -> int:
        """Return the seq of the last frame."""
        return self.first + len(self.frames) - 1


@dataclass(frozen=True, slots=True)
class Head:
    """How far a room has come, where its changes could not be told: whoever has less reads the log."""

    room: int
    seq: int


@dataclass(frozen=True, slots=True)
class RoomEvent:
    """An encoded ephemeral event for the readers of a room, but for one user."""

    room: int
    frame: bytes
    but_user: int = 0

    def is_for(self, user: int) -> bool:
        """Tell whether a user is to hear of it."""
        return user != self.but_user


@dataclass(frozen=True, slots=True)
class SharedEvent:
    """An encoded ephemeral event for some of the readers of a room."""

    room: int
    frame: bytes
    users: tuple[int, ...]

    def is_for(self, user: int) -> bool:
        """Tell whether a user is to hear of it."""
        return user in self.users


# In the place of a user: all of them.
EVERYBODY = 0


@dataclass(frozen=True, slots=True)
class UserEvent:
    """An encoded ephemeral event for all connections of one user, or of everybody, but for one connection."""

    user: int
    frame: bytes
    but_connection: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """Users who are in a room now: their connections, wherever they are, must begin to follow it."""

    room: int
    users: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lease:
    """The sign of life of one process: who is connected to it. `wants_answers`: it is new and knows nobody."""

    instance: str
    number: int
    users: tuple[int, ...]
    wants_answers: bool = False


@dataclass(frozen=True, slots=True)
class SignedOut:
    """A proof with which a user's connections were opened is no longer good; an empty one stands for all of them.

    The proof is a digest: what travels lets nobody in. `is_disabled`: the account was, and clients are told so.
    """

    user: int
    proof: str = ""
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class UserChanged:
    """What processes remember of a user (name, role, language) is to be read again.

    `has_other_role`: what an open connection may see is another, so it must be opened anew.
    `shown`: an encoded event for everybody who may know the user, empty where nothing is to be seen.
    """

    user: int
    has_other_role: bool = False
    shown: bytes = b""


Item = RoomChanges | Head | RoomEvent | SharedEvent | UserEvent | Joined | Lease | SignedOut | UserChanged

_KINDS: dict[str, type[Any]] = {
    "changes": RoomChanges,
    "head": Head,
    "room": RoomEvent,
    "shared": SharedEvent,
    "user": UserEvent,
    "joined": Joined,
    "lease": Lease,
    "signed_out": SignedOut,
    "user_changed": UserChanged,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def pack(items: Sequence[Item], instance: str) -> dict[str, Any]:
    """Return a message for the channel layer."""
    return {"type": _TYPE, "from": instance, "items": [_pack_item(item) for item in items]}


def pack_leaving(instance: str) -> dict[str, Any]:
    """Return the last message of a process that ends in order."""
    return {**pack([], instance), "leaves": True}


def is_leaving(message: Mapping[str, Any]) -> bool:
    """Tell whether its sender ends, so that nobody need miss it."""
    return bool(message.get("leaves"))


def is_from(message: Mapping[str, Any], instance: str) -> bool:
    """Tell whether a message was sent by a process, without a look at what it says."""
    return bool(message.get("from") == instance)


def unpack(message: Mapping[str, Any]) -> tuple[str, list[Item]]:
    """Return the sending instance and the items.

    Raises:
        BadEnvelope: whatever is wrong with it.
    """
    try:
        if message["type"] != _TYPE or not isinstance(message["from"], str):
            raise BadEnvelope
        items = (_unpack_item(*fields) for fields in message["items"])
        # A newer version beside this one may tell of more than is known here.
        return message["from"], [item for item in items if item is not None]
    except (KeyError, TypeError, ValueError) as error:
        raise BadEnvelope(str(error)) from error


def _pack_item(item: Item) -> list[Any]:
    return [_NAMES[type(item)], *(getattr(item, name) for name in item.__slots__)]


def _unpack_item(kind: str, *fields: Any) -> Item | None:
    match kind:
        case "changes":
            room, first, frames, moves = fields
            return RoomChanges(
                _int(room), _int(first), _frames(frames), tuple(_move(*move) for move in moves)
            )
        case "head":
            room, seq = fields
            return Head(_int(room), _int(seq))
        case "room":
            room, frame, but_user = fields
            return RoomEvent(_int(room), _frame(frame), _int(but_user))
        case "shared":
            room, frame, users = fields
            return SharedEvent(_int(room), _frame(frame), _ids(users))
        case "user":
            user, frame, but_connection = fields
            return UserEvent(_int(user), _frame(frame), str(but_connection))
        case "joined":
            room, users = fields
            return Joined(_int(room), _ids(users))
        case "lease":
            instance, number, users, wants_answers = fields
            return Lease(str(instance), _int(number), _ids(users), bool(wants_answers))
        case "signed_out":
            # A process of the version before sends no third field.
            user, proof, *more = fields
            return SignedOut(_int(user), str(proof), bool(more and more[0]))
        case "user_changed":
            user, *more = fields
            return UserChanged(_int(user), bool(more and more[0]), _frame(more[1]) if len(more) > 1 else b"")
    return None


def _int(value: Any) -> int:
    if not isinstance(value, int):
        raise BadEnvelope("a number is an integer")
    return value


def _frame(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise BadEnvelope("a frame is bytes")
    return value


def _frames(values: Iterable[Any]) -> tuple[bytes, ...]:
    return tuple(_frame(value) for value in values)


def _ids(values: Iterable[Any]) -> tuple[int, ...]:
    return tuple(_int(value) for value in values)


def _move(seq: Any, user: Any, joined: Any) -> tuple[int, int, bool]:
    return _int(seq), _int(user), bool(joined)
