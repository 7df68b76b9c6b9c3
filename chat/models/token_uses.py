"""When tokens were used: gathered in memory, and written many at once by whoever makes rounds.

A write for each handshake would be a transaction for each of the thousand who come back after an outage, while
everybody waits for the lock of the writer.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chat.models.statements import send, update
from chat.models.users import Token

# Of more than that at a time some are forgotten, until they are used again.
MAX_COUNT = 20_000
_AT_ONCE_COUNT = 500

_waiting: dict[int, datetime] = {}


def note(pk: int, at: datetime) -> None:
    """Remember that a token was used; in any thread."""
    if pk in _waiting or len(_waiting) < MAX_COUNT:
        _waiting[pk] = at


def are_waiting() -> bool:
    """Tell whether there is anything to write."""
    return bool(_waiting)


def write() -> None:
    """Write down what was noted. Raises as the database does; what is not written then waits on."""
    # In one order, so that two processes with the same tokens seldom wait for each other; who is sent away tries again.
    noted = sorted(_waiting.copy().items())
    for start in range(0, len(noted), _AT_ONCE_COUNT):
        some = noted[start : start + _AT_ONCE_COUNT]
        with transaction.atomic():
            send([update(Token, ("id", "last_used_at"), some)])
        for pk, at in some:
            if _waiting.get(pk) == at:
                _waiting.pop(pk, None)
