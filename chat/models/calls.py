"""A message that calls many at once: those who are here, the whole room, a group."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import models
from django.db.models import Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from chat.models.groups import UserGroup
from chat.models.rooms import Room


class Call(models.Model):
    """One row for each call of a message, however many it reaches; who is reached by one is reached by no other.

    Whom a call reaches is settled when it is made: who comes into the room, or into the group, later is not called.
    """

    class Kind(models.TextChoices):
        HERE = "here"
        ROOM = "room"
        GROUP = "group"

    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="calls")
    kind = models.CharField(max_length=5, choices=Kind)
    group = models.ForeignKey(UserGroup, on_delete=models.SET_NULL, null=True, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", db_index=False)
    msg_no = models.BigIntegerField(null=True)
    # Of the change that has called: who came into the room after it was not called.
    seq = models.BigIntegerField()
    # Ids between commas, which both databases can look into. Of a room: who is not reached, as the message names them.
    people = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["room", "msg_no"], name="call_unread")]

    def __str__(self) -> str:
        return f"@{self.group_id or self.kind} in {self.message_id}"

    @property
    def ids(self) -> list[int]:
        """Return whom it reaches, in the order of their ids; of a room whom it does not."""
        return [int(pk) for pk in self.people.split(",") if pk]


def listed(users: Iterable[int]) -> str:
    """Return ids as `people` holds them."""
    found = sorted(set(users))
    return f",{','.join(map(str, found))}," if found else ""


def reaching(user: Combinable | int, joined_seq: Combinable | int) -> Q:
    """Return the condition for calls that reach a member; both may be values or references to columns."""
    holds = Q(people__contains=Concat(Value(","), Cast(_value(user), models.CharField()), Value(",")))
    whole = Q(kind=Call.Kind.ROOM)
    return (whole & ~holds & Q(seq__gt=joined_seq)) | (~whole & holds)


def reached(calls: Iterable[Call], members: Collection[tuple[int, int]]) -> dict[int, Call]:
    """Return by which of a message's calls each of the members is reached: (user, joined_seq)."""
    found: dict[int, Call] = {}
    for call in calls:
        ids = set(call.ids)
        for user, joined_seq in members:
            is_room = call.kind == Call.Kind.ROOM
            if (user not in ids and joined_seq < call.seq) if is_room else user in ids:
                found[user] = call
    return found


def _value(user: Combinable | int) -> Combinable:
    return Value(user) if isinstance(user, int) else user
