"""What search finds messages by, and how far each room is indexed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from chat.models.messages import Message
from chat.models.rooms import Room

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]


class NumbersField(models.Field):  # type: ignore[type-arg]
    """Whole numbers below 36 ** 5: an array on PostgreSQL, words of five letters on SQLite, for its FTS5."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the type of the column."""
        return "integer[]" if connection.vendor == "postgresql" else "text"

    def get_placeholder(self, value: object, compiler: object, connection: BaseDatabaseWrapper) -> str:
        """Return how a value stands in a statement: the driver chooses the size of integers by their values."""
        return "%s::integer[]" if connection.vendor == "postgresql" else "%s"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """Return numbers as the database takes them."""
        return list(value) if connection.vendor == "postgresql" else " ".join(map(word, value))

    def from_db_value(self, value: Any, expression: object, connection: BaseDatabaseWrapper) -> list[int]:
        """Return numbers as they were given."""
        return list(value) if connection.vendor == "postgresql" else [int(one, 36) for one in value.split()]


def word(number: int) -> str:
    """Write a number below 36 ** 5 as a word of five letters."""
    high, low = divmod(number, 1_296)
    return _DIGITS[high // 1_296] + _PAIRS[high % 1_296] + _PAIRS[low]


class SearchEntry(models.Model):
    """The grams of one message and the facts that can be asked for, each as a number; nothing for a deleted one.

    On PostgreSQL an index of arrays lies over it, on SQLite a table of FTS5 that triggers keep as it is
    (migration 0013). A message that goes takes its entry along.
    """

    message = models.OneToOneField(
        Message,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="search_entry",
        # Written behind the messages: one may go while its entry is on its way, and the next batch takes that out.
        db_constraint=False,
    )
    numbers = NumbersField()

    def __str__(self) -> str:
        return str(self.pk)


class SearchRoom(models.Model):
    """How far the change log of a room is indexed."""

    room = models.OneToOneField(Room, on_delete=models.CASCADE, primary_key=True, related_name="search")
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.room_id} up to {self.seq}"
