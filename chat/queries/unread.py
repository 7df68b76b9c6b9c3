"""What somebody has not read yet, and where somebody is named, across all rooms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection
from django.db.models import F, OuterRef, Q, Subquery

from chat.models import Call, Membership, Mention, Message, User
from chat.models.calls import reaching
from chat.protocol import shapes
from chat.queries import payloads, room_states, visibility
from chat.queries.workspace import epoch

# Of each room the newest of what is unread, as far as it is among so many of its newest messages, threads included.
MESSAGES_MAX_COUNT = 10
LOOKED_MAX_COUNT = 200


def rooms(
    user: User, room_ids: Collection[int], after: int, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of rooms with something unread, by id, each `{room, messages}`, and the next page's cursor.

    Without ids all that are not muted. Messages ascend; they are the newest unread ones of the main timeline, and what
    was deleted is left out. Of long texts a room has fewer, its newest at least.
    """
    rows = visibility.memberships(user).filter(room__gt=after, room__last_msg_no__gt=F("read_msg_no"))
    rows = rows.filter(room__in=room_ids) if room_ids else rows.exclude(level=Membership.Level.NONE)
    found = list(rows.order_by("room_id")[: limit + 1])
    page = found[:limit]
    states = room_states.of([(row.room, row) for row in page], user, epoch())
    newest = _newest(page)
    share = payloads.PAGE_CHARS // max(1, len(page))
    kept: list[Message] = []
    for row in page:
        messages = newest[row.room_id]
        kept += messages[: payloads.fitting_count(map(payloads.text_chars, messages), share)]
    shown: dict[int, list[shapes.Message]] = defaultdict(list)
    for message in payloads.messages(kept):
        shown[message["room"]].insert(0, message)
    items = [{"room": state, "messages": shown[state["id"]]} for state in states]
    return items, page[-1].room_id if len(found) > limit else None


def mentions(user: User, below: int | None, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Return messages of others that name or call somebody, the newest first, and the cursor of the next page.

    Only of rooms that the user is in now. `unread`: it is in the main timeline, behind what was read.
    """
    inside = visibility.memberships(user)
    read = dict(inside.values_list("room_id", "read_msg_no"))
    there = Q(room__in=read, message__deleted_at=None)
    if below is not None:
        there &= Q(message__lt=below)
    joined = inside.filter(room=OuterRef("room")).values("joined_seq")[:1]
    named = Mention.objects.filter(there, user=user)
    called = Call.objects.annotate(joined=Subquery(joined)).filter(there, reaching(user.pk, F("joined")))
    found: set[int] = set()
    for rows in (named, called):
        newest = rows.exclude(message__sender=user).order_by("-message").values_list("message_id", flat=True)
        found.update(newest[: limit + 1])
    ids = sorted(found, reverse=True)[: limit + 1]
    by_id = Message.objects.select_related("sender").in_bulk(ids[:limit])
    page = [by_id[pk] for pk in ids[:limit] if pk in by_id]
    fitting = payloads.fitting_count(map(payloads.text_chars, page))
    items = [
        {"message": shape, "unread": shape["msg_no"] is not None and shape["msg_no"] > read[shape["room"]]}
        for shape in payloads.messages(page[:fitting])
    ]
    has_more = len(ids) > limit or fitting < len(page)
    return items, page[fitting - 1].pk if has_more and page else None


def _newest(rows: Sequence[Membership]) -> dict[int, list[Message]]:
    """Return the newest unread messages of each room, descending, in two statements."""
    found: dict[int, list[Message]] = defaultdict(list)
    if not rows:
        return found
    # Backwards by the index of a room's seqs and no further: without this bound a room whose unread messages have
    # expired would be read to its beginning.
    newest = (
        "SELECT id FROM (SELECT id FROM (SELECT id, seq, msg_no, deleted_at FROM chat_message WHERE room_id = %s"
        " ORDER BY seq DESC LIMIT %s) AS looked WHERE msg_no > %s AND deleted_at IS NULL"
        " ORDER BY seq DESC LIMIT %s) AS unread"
    )
    values: list[int] = []
    for row in rows:
        values += [row.room_id, LOOKED_MAX_COUNT, row.read_msg_no, MESSAGES_MAX_COUNT]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([newest] * len(rows)), values)
        ids = [pk for (pk,) in cursor.fetchall()]
    for message in Message.objects.filter(pk__in=ids).select_related("sender").order_by("-seq"):
        found[message.room_id].append(message)
    return found
