"""Who is in some rooms, encoded once for all who come back to them together."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Value

from chat.models import Change, Membership, User, UserGroup
from chat.protocol import codec, shapes
from chat.protocol.changes import ChangeKind
from chat.queries import payloads, visibility

_USERS_MAX_COUNT = 2_000
# Another name may be told so late; who has come into a room meanwhile is looked for.
_SHARED_S = 1.0
# A kept list has up to half a megabyte.
_KEPT_COUNT = 16
# With more rooms that have moved on, to read the people again is as cheap.
_MOVED_COUNT = 20


@dataclass(frozen=True, slots=True)
class People:
    """Users by id with their shape on the wire, up to the status, which is known by the live floor alone."""

    encoded: Mapping[int, bytes]

    @property
    def users(self) -> list[shapes.User]:
        """Return them as shapes whose status is unknown."""
        found: list[shapes.User] = [
            codec.decode_own(start + b'"unknown"}')  # type: ignore[misc]
            for start in self.encoded.values()
        ]
        return found


class Crowds:
    """The people of the sets of rooms that were asked for a moment ago; safe in any thread."""

    def __init__(self) -> None:
        # Rooms: when they were read, at which seqs, who was in them.
        self._kept: OrderedDict[tuple[int, ...], tuple[float, Mapping[int, int], People]] = OrderedDict()

    def of(self, heads: Mapping[int, int]) -> People:
        """Return the people in some rooms, given the seqs of which the caller knows: one query at most.

        Who has come in at one of these seqs or before is among them.
        """
        key = tuple(sorted(heads))
        now = time.monotonic()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] <= _SHARED_S and not _has_joined(kept[1], heads):
            return kept[2]
        people = read(Membership.objects.filter(room_id__in=key, left_seq=None))
        self._kept[key] = (now, dict(heads), people)
        while len(self._kept) > _KEPT_COUNT:
            try:
                self._kept.popitem(last=False)
            except KeyError:
                break
        return people


def of_user(user: User) -> People:
    """Return the people in the user's rooms, at most 2,000; others come with their messages."""
    own = visibility.memberships(user).values("room_id")
    return read(Membership.objects.filter(room_id__in=own, left_seq=None))


def named_by(actors: Collection[int], handles: Collection[str]) -> dict[int, dict[str, int | str]]:
    """Return who has some handles, for each of some actors: ids of active users, and ids of groups as text.

    A guest knows no group, and of the users those of common rooms. One query, one more where guests are among
    the actors.
    """
    columns = ("pk", "handle", "role", "is_active", "is_group")
    users = User.objects.filter(Q(handle__in=handles, is_active=True) | Q(pk__in=actors)).annotate(
        is_group=Value(0)
    )
    groups = UserGroup.objects.filter(handle__in=handles).annotate(
        role=Value(""), is_active=Value(True), is_group=Value(1)
    )
    wanted = frozenset(handles)
    found: dict[str, int] = {}
    called: dict[str, int | str] = {}
    guests: list[int] = []
    rows = users.values_list(*columns).union(groups.values_list(*columns), all=True)
    for pk, handle, role, is_active, is_group in rows:
        if is_group:
            called[handle] = str(pk)
            continue
        if handle in wanted and is_active:
            found[handle] = pk
        if pk in actors and role == User.Role.GUEST:
            guests.append(pk)
    known: dict[int, dict[str, int | str]] = {key: {**called, **found} for key in actors}
    known |= {guest: {} for guest in guests}
    if guests and found:
        met = Membership.objects.filter(
            left_seq=None,
            user__in=found.values(),
            room__memberships__user__in=guests,
            room__memberships__left_seq=None,
            room__deleted_at=None,
        )
        pairs = set(met.values_list("room__memberships__user_id", "user_id"))
        for guest in guests:
            known[guest] = {handle: pk for handle, pk in found.items() if (guest, pk) in pairs or pk == guest}
    return known


def read(inside: QuerySet[Membership]) -> People:
    """Return the people of some memberships, at most 2,000."""
    rows = User.objects.filter(pk__in=inside.values("user_id")).order_by("pk")[:_USERS_MAX_COUNT]
    return People({user["id"]: _start(user) for user in payloads.users(rows)})


def _start(user: shapes.User) -> bytes:
    bare = {name: value for name, value in user.items() if name != "status"}
    return codec.encode(bare)[:-1] + b',"status":'


def _has_joined(then: Mapping[int, int], now: Mapping[int, int]) -> bool:
    """Tell whether somebody has come into one of the rooms between two times."""
    moved = [(room, seq) for room, seq in then.items() if now[room] > seq]
    if not moved:
        return False
    if len(moved) > _MOVED_COUNT:
        return True
    wanted = Q()
    for room, seq in moved:
        wanted |= Q(room_id=room, seq__gt=seq, seq__lte=now[room])
    return Change.objects.filter(wanted, kind=ChangeKind.MEMBER_JOINED).exists()
