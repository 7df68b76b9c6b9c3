"""Who was here a moment ago, by what the database knows: for who is not connected to the hubs, as workers are not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from chat.models import BrowserSession, Token

# Of who stays connected it is written down every five minutes, with the rounds that look at all sockets.
LATELY = timedelta(minutes=10)


def lately(users: Collection[int], now: datetime) -> set[int]:
    """Return who of these has used a browser or a program within the last ten minutes."""
    since = now - LATELY
    seen = BrowserSession.objects.filter(user__in=users, last_seen_at__gte=since)
    used = Token.objects.filter(user__in=users, revoked_at=None, last_used_at__gte=since)
    return {*seen.values_list("user_id", flat=True), *used.values_list("user_id", flat=True)}
