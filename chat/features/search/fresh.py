"""What the index does not know yet: the last changes of a few rooms, looked through by whoever asks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from chat.features.search import indexing
from chat.models import Change, Message

# Changes of all rooms together, and rooms, that one answer looks through.
CHANGES_MAX_COUNT = 500
ROOMS_MAX_COUNT = 20


@dataclass(frozen=True, slots=True)
class Unread:
    """Messages of changes that are not indexed yet; `is_behind`: there are more of them than one answer looks at."""

    messages: list[Message]
    is_behind: bool


def look(rooms: Collection[int]) -> Unread:
    """Return what is not indexed yet in some rooms, the newest of it."""
    found = indexing.behind().filter(pk__in=rooms).order_by("-last_at")[: ROOMS_MAX_COUNT + 1]
    late = [(row.pk, row.last_seq, row.indexed) for row in found]  # type: ignore[attr-defined]
    left = CHANGES_MAX_COUNT
    ids: set[int] = set()
    for room_id, last_seq, indexed in late[:ROOMS_MAX_COUNT]:
        rows = Change.objects.filter(room=room_id, seq__gt=max(indexed, last_seq - left))
        ids.update(rows.exclude(message=None).values_list("message_id", flat=True)[:left])
        left -= min(left, last_seq - indexed)
        if not left:
            break
    is_behind = (
        len(late) > ROOMS_MAX_COUNT or sum(last - indexed for _, last, indexed in late) > CHANGES_MAX_COUNT
    )
    messages = Message.objects.filter(pk__in=ids, deleted_at=None) if ids else []
    return Unread(list(messages), is_behind)
