"""What would go if it went now: counted, not removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Count, Exists, Func, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce

from chat.features.retention import expiring, policy
from chat.features.retention.policy import Rule
from chat.models import Attachment, Change, Message, Preview, PreviewImage, Reaction, Revision, Room
from chat.queries import counts

# Asking the storage for each is slow where it is another machine.
FILES_MAX_COUNT = 1_000


class _Bytes(Func):
    function = "OCTET_LENGTH"
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # Its octet_length is newer than what some systems have.
        return self.as_sql(compiler, connection, template="LENGTH(CAST(%(expressions)s AS BLOB))", **extra)


def page(now: datetime, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of rooms with what would go there, by id, and the cursor of the next page.

    Rooms in which nothing would go are left out, but for held ones that would lose something otherwise.
    """
    rooms = list(Room.objects.filter(pk__gt=after).order_by("pk")[: limit + 1])
    items = [found for rule in policy.rules(rooms[:limit]) if (found := of_room(rule, now)) is not None]
    return items, rooms[limit - 1].pk if len(rooms) > limit else None


def of_room(rule: Rule, now: datetime) -> dict[str, Any] | None:
    """Return what would go in a room; None when nothing would. Counted in slices, as long as the room is.

    `bytes` are those of texts. `files` are those that people have sent, with the bytes that count as theirs, and the
    pictures of previews; `file_bytes` is None where there are too many of these to ask for each.
    """
    # Also of a held room: what would go if it were not.
    cutoff = Rule(rule.room, rule.days, is_held=False).cutoff(now)
    if cutoff is None:
        return None
    through = expiring.last_before(rule.room, cutoff)
    totals = dict.fromkeys(("messages", "reactions", "previews", "log_rows", "bytes"), 0)
    sent = Counter[str]()
    images: set[int] = set()
    for low, high in counts.slices(0, through):
        going = expiring.going(rule.room.pk, cutoff, high).filter(seq__gt=low)
        totals["messages"] += going.count()
        totals["bytes"] += _text_bytes(going)
        ids = going.values("pk")
        totals["reactions"] += Reaction.objects.filter(message__in=ids).count()
        totals["previews"] += Preview.objects.filter(message__in=ids).count()
        totals["log_rows"] += Change.objects.filter(room=rule.room, seq__gt=low, seq__lte=high).count()
        sent += _sent(ids)
        images |= set(_images(rule, cutoff, ids))
    if not any(totals.values()):
        return None
    return {
        "room": rule.room.pk,
        "name": rule.room.name,
        "kind": rule.room.kind,
        "days": rule.days,
        "is_held": rule.is_held,
        **totals,
        "files": sent["files"] + len(images),
        "file_bytes": None if len(images) > FILES_MAX_COUNT else sent["bytes"] + _file_bytes(images),
    }


def _text_bytes(going: QuerySet[Message]) -> int:
    own = going.aggregate(body=Sum(_Bytes("body")), html=Sum(_Bytes("html")))
    earlier = Revision.objects.filter(message__in=going.values("pk")).aggregate(body=Sum(_Bytes("body")))
    return (own["body"] or 0) + (own["html"] or 0) + (earlier["body"] or 0)


def _sent(going: QuerySet[Any, Any]) -> Counter[str]:
    """Return how many files people have sent with messages, and the bytes that count as theirs."""
    found = Attachment.objects.filter(message__in=going, dropped_at=None)
    return Counter(found.aggregate(files=Count("pk"), bytes=Coalesce(Sum("bytes"), 0)))


def _images(rule: Rule, cutoff: datetime, going: QuerySet[Any, Any]) -> Iterable[int]:
    """Return the pictures that no message points at which stays; one of a remembered link goes a day later."""
    gone = Preview.objects.filter(message__in=going, image__isnull=False)
    stays = Preview.objects.filter(image=OuterRef("image")).exclude(
        message__room=rule.room, message__at__lt=cutoff
    )
    return gone.filter(~Exists(stays)).values_list("image_id", flat=True)


def _file_bytes(images: set[int]) -> int:
    total = 0
    for name in PreviewImage.objects.filter(pk__in=images).values_list("file", flat=True):
        try:
            total += default_storage.size(name)
        except OSError:
            continue  # gone already
    return total
