"""What stands under the first message of a thread: how many answered, who did last, and when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max

from chat.models import Message

PEOPLE_COUNT = 3


@dataclass(slots=True)
class Replies:
    """The replies of one thread, deleted ones left out; `people` are the last to answer, the latest first."""

    last_at: datetime
    count: int = 0
    people: list[int] = field(default_factory=list)


def of(messages: Collection[int]) -> dict[int, Replies]:
    """Return the threads under messages, by id, in one query; those without replies are left out."""
    rows = Message.objects.filter(parent__in=messages, deleted_at=None).order_by()
    by_person = rows.values_list("parent_id", "sender_id").annotate(Count("pk"), Max("seq"), Max("at"))
    found: dict[int, Replies] = {}
    for parent, person, count, _, at in sorted(by_person, key=lambda row: row[3], reverse=True):
        assert parent is not None
        thread = found.setdefault(parent, Replies(at))
        thread.count += count
        if len(thread.people) < PEOPLE_COUNT:
            thread.people.append(person)
    return found
