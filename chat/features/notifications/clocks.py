"""Times by a person's own clock, through nights and changes of the clock. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DIGEST_AT = time(8)
_MONDAY = 0
# A quiet time that begins as it ends by a jump of the clock goes on: so often at most.
_ROUNDS_COUNT = 4


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which nobody is told anything, by the clock of a zone; an end before the start is the next day's."""

    start: time
    end: time
    zone: ZoneInfo

    def holds(self, at: datetime) -> bool:
        """Tell whether it is quiet at an instant."""
        wall = at.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end

    def until(self, now: datetime) -> datetime | None:
        """Return the first instant that is not quiet, in UTC; None when it is not quiet now."""
        at = now
        for _ in range(_ROUNDS_COUNT):
            if not self.holds(at):
                break
            at = next_at(self.end, self.zone, at)
        return at if at > now else None


@lru_cache(512)
def zone(name: str, fallback: str = "UTC") -> ZoneInfo:
    """Return a zone by its name of the IANA database, else the fallback."""
    try:
        return ZoneInfo(name or fallback)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(fallback)


def next_at(wall: time, where: ZoneInfo, after: datetime) -> datetime:
    """Return the first instant after another at which clocks there show this time, or jump over it; in UTC."""
    day = after.astimezone(where).date()
    while True:
        for instant in _instants(day, wall, where):
            if instant > after:
                return instant
        day += timedelta(days=1)


def next_digest(where: ZoneInfo, after: datetime, *, is_weekly: bool) -> datetime:
    """Return the next morning, or Monday morning, in UTC."""
    at = next_at(DIGEST_AT, where, after)
    while is_weekly and at.astimezone(where).weekday() != _MONDAY:
        at = next_at(DIGEST_AT, where, at)
    return at


def _instants(day: date, wall: time, where: ZoneInfo) -> Iterator[datetime]:
    """Yield when clocks show a time on a day, twice where they are set back; a skipped time is when they jump."""
    first, second = (datetime.combine(day, wall.replace(fold=fold), where).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        yield first
        yield second
        return
    # Set forward between the two: of a time that does not exist, each offset makes another one.
    wanted, span_s = datetime.combine(day, wall), int((first - second).total_seconds())

    def is_past(passed_s: int) -> bool:
        shown = (second + timedelta(seconds=passed_s)).astimezone(where)
        return shown.replace(tzinfo=None) >= wanted

    yield second + timedelta(seconds=bisect_left(range(span_s), True, key=is_past))
