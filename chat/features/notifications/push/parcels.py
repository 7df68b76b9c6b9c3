"""From what is said to what is sent: sealed for one browser, signed for its push service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from chat.features.notifications.push import keys, sealing
from chat.features.notifications.push.wire import Parcel
from chat.models import PushSubscription
from chat.protocol import codec

# A browser that is away for longer has a mail, and the page says the rest.
TTL_S = 86_400


def pack(row: PushSubscription, said: Mapping[str, Any], now: datetime) -> Parcel:
    """Pack what is said, whose `tag` lets it replace what waits at the push service from before."""
    parts = urlsplit(row.endpoint)
    headers = {
        "Authorization": keys.authorization(f"{parts.scheme}://{parts.netloc}", now),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(TTL_S),
        "Topic": str(said["tag"]),
        # Somebody was addressed in person: a telephone that sleeps is to be woken.
        "Urgency": "high",
        "User-Agent": "Maru",
    }
    return Parcel(row.endpoint, headers, sealing.seal(codec.encode(said), row.p256dh, row.auth))
