"""When sessions were used: gathered in memory, and written many at once by whoever makes rounds, as for tokens."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from chat.models.sessions import BrowserSession

# Of more than that at a time some are forgotten, until they are used again.
MAX_COUNT = 20_000
_AT_ONCE_COUNT = 500
# Read by people who ask which of their devices that is: minutes are enough.
EVERY = timedelta(minutes=5)

_waiting: dict[str, datetime] = {}


def note(session_key: str, at: datetime) -> None:
    """Remember that a session is in use; in any thread."""
    if session_key in _waiting or len(_waiting) < MAX_COUNT:
        _waiting[session_key] = at


def are_waiting() -> bool:
    """Tell whether there is anything to write."""
    return bool(_waiting)


def write() -> None:
    """Write down what was noted, a row once in five minutes. Raises as the database does; then it waits on."""
    noted = sorted(_waiting.copy().items())
    for start in range(0, len(noted), _AT_ONCE_COUNT):
        some = noted[start : start + _AT_ONCE_COUNT]
        latest = max(at for _, at in some)
        old = BrowserSession.objects.filter(
            session_key__in=[key for key, _ in some], last_seen_at__lt=latest - EVERY
        )
        with transaction.atomic():
            old.update(last_seen_at=latest)
        for key, at in some:
            if _waiting.get(key) == at:
                _waiting.pop(key, None)
