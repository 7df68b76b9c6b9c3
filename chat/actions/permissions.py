"""The one table of who may do what in a room."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto

from chat.models import Membership, Room, User
from chat.protocol.errors import ErrorCode, Refused


class Standing(Enum):
    """What somebody is in a room at this moment."""

    OUTSIDER = auto()
    BANNED = auto()
    MUTED = auto()
    MEMBER = auto()
    MODERATOR = auto()
    OWNER = auto()
    # A workspace admin who has not joined: may run the room, does not read it.
    ADMIN = auto()


class Deed(Enum):
    """What can be done in a room."""

    SEE = auto()
    READ = auto()
    JOIN = auto()
    LEAVE = auto()
    POST = auto()
    EDIT_OWN = auto()
    EDIT_OTHERS = auto()
    DELETE_OWN = auto()
    DELETE_OTHERS = auto()
    REACT = auto()
    VOTE = auto()
    PIN = auto()
    MARK_READ = auto()
    SET_LEVEL = auto()
    TYPE = auto()
    INVITE = auto()
    REMOVE = auto()
    MUTE = auto()
    BAN = auto()
    SET_ROLE = auto()
    UPDATE = auto()
    NAME = auto()
    SET_PREVIEWS = auto()
    SET_SEEN = auto()
    SEE_READERS = auto()
    DELETE = auto()


class Answer(Enum):
    """Yes, or how it is refused."""

    YES = auto()
    # Existence is hidden: the same answer as for a room that is not there.
    HIDDEN = auto()
    FORBIDDEN = auto()
    MUTED = auto()


_Y, _N, _F, _M = Answer.YES, Answer.HIDDEN, Answer.FORBIDDEN, Answer.MUTED

# Columns in the order of Standing: outsider, banned, muted, member, moderator, owner, admin.
_CLOSED: dict[Deed, tuple[Answer, ...]] = {
    Deed.SEE: (_N, _N, _Y, _Y, _Y, _Y, _Y),
    Deed.READ: (_N, _N, _Y, _Y, _Y, _Y, _N),
    Deed.JOIN: (_N, _F, _Y, _Y, _Y, _Y, _Y),
    Deed.LEAVE: (_N, _N, _Y, _Y, _Y, _Y, _N),
    Deed.POST: (_N, _N, _M, _Y, _Y, _Y, _N),
    Deed.EDIT_OWN: (_N, _N, _M, _Y, _Y, _Y, _N),
    Deed.EDIT_OTHERS: (_N, _N, _F, _F, _F, _F, _N),
    Deed.DELETE_OWN: (_N, _N, _Y, _Y, _Y, _Y, _N),
    Deed.DELETE_OTHERS: (_N, _N, _F, _F, _Y, _Y, _Y),
    Deed.REACT: (_N, _N, _M, _Y, _Y, _Y, _N),
    Deed.VOTE: (_N, _N, _M, _Y, _Y, _Y, _N),
    Deed.PIN: (_N, _N, _F, _F, _Y, _Y, _Y),
    Deed.MARK_READ: (_N, _N, _Y, _Y, _Y, _Y, _N),
    Deed.SET_LEVEL: (_N, _N, _Y, _Y, _Y, _Y, _N),
    Deed.TYPE: (_N, _N, _M, _Y, _Y, _Y, _N),
    Deed.INVITE: (_N, _N, _M, _Y, _Y, _Y, _Y),
    Deed.REMOVE: (_N, _N, _F, _F, _Y, _Y, _Y),
    Deed.MUTE: (_N, _N, _F, _F, _Y, _Y, _Y),
    Deed.BAN: (_N, _N, _F, _F, _Y, _Y, _Y),
    Deed.SET_ROLE: (_N, _N, _F, _F, _F, _Y, _Y),
    Deed.UPDATE: (_N, _N, _F, _F, _F, _Y, _Y),
    Deed.NAME: (_N, _N, _F, _F, _F, _Y, _Y),
    Deed.SET_PREVIEWS: (_N, _N, _F, _F, _Y, _Y, _Y),
    Deed.SET_SEEN: (_N, _N, _F, _F, _Y, _Y, _Y),
    Deed.SEE_READERS: (_N, _N, _Y, _Y, _Y, _Y, _N),
    Deed.DELETE: (_N, _N, _F, _F, _F, _Y, _Y),
}  # fmt: skip

# An open room can be seen, read and entered by everybody in the workspace but its guests.
_OPEN_OUTSIDER: dict[Deed, Answer] = dict.fromkeys(Deed, _F) | {
    Deed.SEE: _Y,
    Deed.READ: _Y,
    Deed.JOIN: _Y,
}

# A direct conversation belongs to exactly its people: nobody comes, goes or runs it.
_NEVER_IN_DIRECT = frozenset(
    {Deed.LEAVE, Deed.INVITE, Deed.REMOVE, Deed.MUTE, Deed.BAN, Deed.SET_ROLE, Deed.UPDATE, Deed.DELETE,
     Deed.DELETE_OTHERS, Deed.SET_PREVIEWS, Deed.SET_SEEN}
)  # fmt: skip
# What two have is called by the other one; more may give theirs a name.
_TOGETHER = frozenset({Standing.MEMBER, Standing.MODERATOR, Standing.OWNER})
# What those who run a room do, everybody in a direct conversation may: nobody runs it.
_OF_ALL_IN_DIRECT = frozenset({Deed.PIN})
_STILL_WHEN_ARCHIVED = frozenset(
    {Deed.SEE, Deed.READ, Deed.LEAVE, Deed.MARK_READ, Deed.SET_LEVEL, Deed.UPDATE, Deed.NAME, Deed.DELETE,
     Deed.DELETE_OWN, Deed.DELETE_OTHERS, Deed.REMOVE, Deed.MUTE, Deed.BAN, Deed.SET_ROLE,
     Deed.SET_PREVIEWS, Deed.SET_SEEN, Deed.SEE_READERS}
)  # fmt: skip

# What a member who is no moderator may write: begin a message, answer in a thread.
_MAY_BEGIN = {Room.Posting.EVERYONE}
_MAY_ANSWER = {Room.Posting.EVERYONE, Room.Posting.THREADS}
_RULING = frozenset({Standing.MODERATOR, Standing.OWNER})

_ORDER = {standing: index for index, standing in enumerate(Standing)}
RANK = {
    Membership.Role.GUEST: 0,
    Membership.Role.MEMBER: 1,
    Membership.Role.MODERATOR: 2,
    Membership.Role.OWNER: 3,
}
_WORKSPACE_RANK = {User.Role.ADMIN: 4, User.Role.OWNER: 5}


def standing_of(actor: User, room: Room, membership: Membership | None, now: datetime) -> Standing:
    """Tell what an active user is in a room; `membership` may be one that was left."""
    if membership is not None and membership.is_banned(now):
        return Standing.BANNED
    if membership is None or not membership.is_in:
        return Standing.ADMIN if actor.is_admin and not room.is_direct else Standing.OUTSIDER
    # Who runs the workspace must not have less to say inside a room than outside of it.
    is_owner = membership.role == Membership.Role.OWNER and not actor.is_guest
    if is_owner or (actor.is_admin and not room.is_direct):
        return Standing.OWNER
    if membership.muted_until is not None and membership.muted_until > now:
        return Standing.MUTED
    if membership.role == Membership.Role.MODERATOR and not actor.is_guest:
        return Standing.MODERATOR
    return Standing.MEMBER


def rank_of(user: User, room: Room, membership: Membership | None) -> int:
    """Return how high somebody stands in a room; who runs the workspace stands above everybody in it."""
    if not room.is_direct and user.is_admin:
        return _WORKSPACE_RANK[User.Role(user.role)]
    if membership is None or not membership.is_in:
        return -1
    role = Membership.Role.GUEST if user.is_guest else Membership.Role(membership.role)
    return RANK[role]


def answer(deed: Deed, actor: User, room: Room, membership: Membership | None, now: datetime) -> Answer:
    """Look the deed up in the table."""
    if room.deleted_at is not None or not actor.is_active:
        return _N
    standing = standing_of(actor, room, membership, now)
    if room.is_direct and standing is Standing.OUTSIDER:
        return _N
    closed = _CLOSED[deed][_ORDER[standing]]
    if actor.is_guest and deed is Deed.INVITE and closed is _Y:
        # A guest knows only the people of the guest's own rooms.
        return _F
    if room.is_direct and deed in _OF_ALL_IN_DIRECT and standing in _TOGETHER:
        return _Y
    if room.is_direct and deed is Deed.NAME and standing in _TOGETHER:
        return _Y
    if room.is_direct:
        return _F if deed in _NEVER_IN_DIRECT and closed is _Y else closed
    if room.kind == Room.Kind.OPEN and (room.guests or not actor.is_guest):
        if standing is Standing.OUTSIDER:
            return _OPEN_OUTSIDER[deed]
        if standing is Standing.ADMIN and closed is not _Y:
            return _OPEN_OUTSIDER[deed]
    return closed


def may(deed: Deed, actor: User, room: Room, membership: Membership | None, now: datetime) -> bool:
    """Tell whether the table says yes, an archived room included."""
    if room.archived_at is not None and deed not in _STILL_WHEN_ARCHIVED:
        return False
    return answer(deed, actor, room, membership, now) is _Y


def require(deed: Deed, actor: User, room: Room, membership: Membership | None, now: datetime) -> None:
    """Raise Refused unless the table says yes: not_found, forbidden, muted or archived."""
    found = answer(deed, actor, room, membership, now)
    if found is _N:
        raise missing_room()
    if found is _F:
        raise Refused(ErrorCode.FORBIDDEN, f"you may not {_words(deed)} in this room")
    if found is _M:
        raise Refused(ErrorCode.MUTED, "you are muted in this room")
    if room.archived_at is not None and deed not in _STILL_WHEN_ARCHIVED:
        raise Refused(ErrorCode.ARCHIVED, "the room is archived")


def require_voice(
    actor: User, room: Room, membership: Membership | None, now: datetime, *, is_answer: bool
) -> None:
    """Raise Refused unless the rules of the room let who may post do it now; moderators stand above them.

    Raises:
        Refused: forbidden, where moderators alone write; rate_limited, with the time that is left, where the room is
            slowed down.
    """
    if room.posting == Room.Posting.EVERYONE and not room.slow_s:
        return
    if standing_of(actor, room, membership, now) in _RULING:
        return
    if room.posting not in (_MAY_ANSWER if is_answer else _MAY_BEGIN):
        where = "in this room" if room.posting == Room.Posting.MODERATORS else "outside of threads"
        raise Refused(ErrorCode.FORBIDDEN, f"only moderators write {where}")
    until = slow_until(room, membership)
    if until is not None and until > now:
        # The millisecond after: who comes at this time is let through.
        after_ms = int((until - now).total_seconds() * 1_000) + 1
        detail = f"one message in {room.slow_s:,} seconds here: the next one in {after_ms:,} ms"
        raise Refused(ErrorCode.RATE_LIMITED, detail, after_ms)


def slow_until(room: Room, membership: Membership | None) -> datetime | None:
    """Return until when a member waits where the room is slowed down; None for who has not written yet."""
    if not room.slow_s or membership is None or membership.slow_at is None:
        return None
    return membership.slow_at + timedelta(seconds=room.slow_s)


def is_ruling(actor: User, room: Room, membership: Membership | None, now: datetime) -> bool:
    """Tell whether the rules of who writes how often do not count for somebody."""
    return standing_of(actor, room, membership, now) in _RULING


def require_above(
    actor: User, subject: User, room: Room, own: Membership | None, other: Membership | None
) -> None:
    """Raise Refused (forbidden) unless the subject stands below the actor; nobody stands below oneself."""
    if rank_of(subject, room, other) >= rank_of(actor, room, own):
        raise Refused(ErrorCode.FORBIDDEN, "you may do that only to members below your own role")


def missing_room() -> Refused:
    """Return the refusal for a room that is missing or hidden."""
    return Refused(ErrorCode.NOT_FOUND, "no such room")


def missing_message() -> Refused:
    """Return the refusal for a message that is missing or hidden."""
    return Refused(ErrorCode.NOT_FOUND, "no such message")


def inactive() -> Refused:
    """Return the refusal for an account that is disabled or gone."""
    return Refused(ErrorCode.SIGNED_OUT, "the account is not active")


def _words(deed: Deed) -> str:
    return deed.name.lower().replace("_", " ")
