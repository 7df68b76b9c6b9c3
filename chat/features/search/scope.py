"""Where somebody may look, and what a question means there. What names nothing, or nothing of one's own, is empty."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Max

from chat.features.search import facts
from chat.features.search.candidates import Wanted
from chat.features.search.question import DIRECT, ME, Question
from chat.models import Message, Room, User
from chat.queries import visibility
from chat.text import grams

# More grams of a long question leave nothing out that these let through.
_GRAMS_MAX_COUNT = 24
# Ids ascend with time, but for messages of processes whose clocks are so far apart.
_SLACK = timedelta(hours=1)
# So near the first id of a time is looked for; the times themselves are compared later.
_NEAR_IDS = 4_096


@dataclass(slots=True)
class Scope:
    """The rooms and senders that are meant, None for all, and the facts that must all be so."""

    rooms: frozenset[int]
    senders: frozenset[int] | None
    facts: frozenset[str]
    # Who is to be named or called, and from which seq on that somebody is in each room; None: nobody.
    named: int | None = None
    joined: Mapping[int, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing can be found."""
        return not self.rooms or self.senders == frozenset()


def scope_of(user: User, asked: Question, room: int | None, sender: str | None) -> Scope:
    """Return what a question means for somebody; only rooms that the user is in now."""
    inside = list(visibility.memberships(user))
    mine = [row.room for row in inside]
    rooms = {one.pk for one in mine}
    if room is not None:
        rooms &= {room}
    if asked.rooms:
        rooms &= _named(user, mine, asked.rooms)
    if "dm" in asked.kinds:
        rooms &= {one.pk for one in mine if one.is_direct}
    senders: frozenset[int] | None = None
    for names in (asked.senders, {sender.casefold().removeprefix("@")} if sender else set()):
        if names:
            ids = _people(user, names)
            senders = ids if senders is None else senders & ids
    wanted = {facts.having(what) for what in asked.has}
    if "thread" in asked.kinds:
        wanted.add(facts.IN_THREAD)
    scope = Scope(frozenset(rooms), senders, frozenset(wanted))
    if "mention" in asked.kinds:
        scope.named, scope.joined = user.pk, {row.room_id: row.joined_seq for row in inside}
    return scope


def wanted(asked: Question, scope: Scope, below: int | None) -> Wanted:
    """Return what the index is asked for."""
    found = sorted(asked.grams)
    step = max(1, -(-len(found) // _GRAMS_MAX_COUNT))
    all_of = {*found[::step], *scope.facts}
    any_of = []
    if scope.senders is not None:
        any_of.append([grams.number(facts.by(pk)) for pk in sorted(scope.senders)])
    if scope.named is not None:
        any_of.append([grams.number(facts.naming(scope.named)), grams.number(facts.CALLING)])
    ids = Wanted([grams.number(one) for one in sorted(all_of)], sorted(scope.rooms), any_of)
    if below is not None:
        ids.below = below
    if asked.at_least is not None:
        ids.at_least = _first_from(asked.at_least - _SLACK)
    if asked.below is not None:
        ids.below = min(ids.below, _first_from(asked.below + _SLACK) + _NEAR_IDS)
    return ids


def _named(user: User, mine: Collection[Room], names: Collection[str]) -> set[int]:
    found = set()
    if DIRECT & set(names):
        found |= {room.pk for room in mine if room.is_direct}
    for room in mine:
        if {grams.fold(room.name).strip(), room.slug} & set(names):
            found.add(room.pk)
    # "in:@bob" is my conversation with Bob.
    handles = {name.removeprefix("@") for name in names if name.startswith("@")}
    if handles:
        keys = {",".join(map(str, sorted({user.pk, pk}))) for pk in _people(user, handles)}
        found |= {room.pk for room in mine if room.direct_key in keys}
    return found


def _people(user: User, names: Collection[str]) -> frozenset[int]:
    found = set(User.objects.filter(handle__in=set(names) - ME).values_list("pk", flat=True))
    # Who has the handle of a word for oneself is found as @me in no other way, and that is well enough.
    return frozenset(found | ({user.pk} if ME & set(names) else set()))


def _first_from(moment: datetime) -> int:
    """Return an id below which no message is from a moment or later, by looking at a few of them."""
    with connection.cursor() as cursor:

        def next_to(pk: int) -> tuple[int, datetime] | None:
            cursor.execute("SELECT id, at FROM chat_message WHERE id >= %s ORDER BY id LIMIT 1", [pk])
            row = cursor.fetchone()
            return None if row is None else (row[0], _aware(row[1]))

        low, high = 1, (Message.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        while high - low > _NEAR_IDS:
            middle = (low + high) // 2
            found = next_to(middle)
            if found is None or found[1] >= moment:
                high = middle
            else:
                low = found[0] + 1
    return low


def _aware(at: datetime | str) -> datetime:
    """Return a time as it comes from the database; SQLite says it in UTC and without a zone."""
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return found if found.tzinfo else found.replace(tzinfo=UTC)
