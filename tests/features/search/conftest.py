"""What the tests of search share."""

from __future__ import annotations

from django.db import connection

from chat.files import storage
from chat.models import Attachment, Message, Room, SearchEntry, User
from chat.models.search import word
from chat.text import grams
from tests.make import post


def indexed(*words: str) -> list[int]:
    """Return the messages whose entry has these grams or facts, asked by the index itself, ascending."""
    numbers = [grams.number(one) for one in words]
    if connection.vendor == "postgresql":
        found = "SELECT message_id FROM chat_searchentry WHERE numbers @> %s::integer[] ORDER BY 1"
        asked: list[int] | str = numbers
    else:
        found = "SELECT rowid FROM chat_search WHERE chat_search MATCH %s ORDER BY 1"
        asked = " AND ".join(f'"{word(number)}"' for number in numbers)
    with connection.cursor() as cursor:
        cursor.execute(found, [asked])
        return [pk for (pk,) in cursor.fetchall()]


def entry(message: int) -> set[int]:
    """Return the numbers of a message, empty where it has no entry."""
    row = SearchEntry.objects.filter(pk=message).first()
    return set(row.numbers) if row is not None else set()


def has_fact(message: int, fact: str) -> bool:
    """Tell whether a fact stands in the entry of a message."""
    assert fact.startswith("\0")
    return grams.number(fact) in entry(message)


def post_file(
    room: Room, user: User, body: str, name: str, kind: str = "application/pdf", alt: str = ""
) -> Message:
    """Store a message with a file."""
    row = Attachment.objects.create(
        uploader=user, key=storage.new_key(), name=name, type=kind, bytes=5, state="ready", alt=alt
    )
    return post(room, user, body, attachments=[row.pk])
