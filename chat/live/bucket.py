"""Token buckets: a steady rate with bursts. The clock is passed in, monotonic, in seconds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class TokenBucket:
    """Allows `burst` at once and `rate_per_s` for ever after."""

    __slots__ = ("_at", "_burst", "_left", "_rate_per_s")

    def __init__(self, rate_per_s: float, burst: int) -> None:
        self._rate_per_s = rate_per_s
        self._burst = float(burst)
        self._left = float(burst)
        self._at: float | None = None

    def take(self, now: float) -> float:
        """Take one; return 0.0, or the seconds after which one will be there (then none was taken)."""
        if self._at is not None:
            gained = max(0.0, now - self._at) * self._rate_per_s
            self._left = min(self._burst, self._left + gained)
        self._at = now
        # The tolerance lets a caller who waited exactly as told through, whatever the floats came to.
        if self._left >= 1.0 - 1e-9:
            self._left = max(0.0, self._left - 1.0)
            return 0.0
        return (1.0 - self._left) / self._rate_per_s


class Buckets:
    """One bucket for each key, for the `max_count` keys that were used last.

    A key that was dropped begins with a full bucket again: with more keys active at once than `max_count` the
    limit gets softer, never the memory larger.
    """

    def __init__(self, rate_per_s: float, burst: int, max_count: int) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._max_count = max_count
        self._buckets: OrderedDict[Hashable, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: Hashable, now: float) -> float:
        """Take one from the key's bucket; return as TokenBucket.take does."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self._rate_per_s, self._burst)
            if len(self._buckets) > self._max_count:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket.take(now)
