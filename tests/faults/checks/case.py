"""What the checks read, and what they have to say."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from tests.faults.dump import Dump, MessageRow
from tests.faults.history import (
    Acked,
    Closed,
    Entered,
    FaultBegan,
    FaultHealed,
    History,
    Invoked,
    Opened,
    Restored,
    Synced,
)


@dataclass(frozen=True)
class Violation:
    """A check that does not hold, and in what."""

    check: str
    text: str

    def __str__(self) -> str:
        return f"{self.check}: {self.text}"


@dataclass(frozen=True)
class Bounds:
    """How much of what a fault may cost; None is not checked. Loss, doubles and disorder are never allowed."""

    # C12: from the healing to the first change at every tab that reads.
    recovery_s: float | None = None
    # C12: from an answer to its message at every tab that was connected all the time.
    delivery_s: float | None = None
    # C13: by then every attempt has an answer, a refusal or a closed connection.
    answer_s: float | None = 10.0
    # C13: this share of the attempts outside of the fault is acknowledged within quick_s.
    quick_share: float | None = None
    quick_s: float = 2.0
    # C13: this share of the answers during the fault is ok.
    available_share: float | None = None
    # C10: after so long without a change everybody is told the truth.
    presence_s: float | None = None
    # C11: of each web process, at all times.
    rss_max_bytes: int | None = 400 * 1024 * 1024
    descriptors_max_count: int | None = 900
    # C11: at the end it has no more descriptors than at its start, and these.
    descriptors_left_count: int | None = None
    # C15
    handshakes_per_s: float | None = None
    reconnects_max_count: int | None = None
    # Whether the server may say that it cannot replay (another epoch, too far behind).
    may_reset: bool = False


@dataclass(frozen=True)
class Span:
    """A connection's time: opened, up to date (None: never), closed (None: never)."""

    opened_s: float
    synced_s: float | None
    closed_s: float | None


@dataclass
class Case:
    """One run, with what more than one check looks up."""

    history: History
    dump: Dump
    bounds: Bounds

    @cached_property
    def acked(self) -> dict[str, Acked]:
        """The first ok of each key."""
        found: dict[str, Acked] = {}
        for event in self.history.of(Acked):
            found.setdefault(event.key, event)
        return found

    @cached_property
    def invoked(self) -> dict[str, Invoked]:
        """The first attempt of each key."""
        found: dict[str, Invoked] = {}
        for event in self.history.of(Invoked):
            found.setdefault(event.key, event)
        return found

    @cached_property
    def stored(self) -> dict[str, list[MessageRow]]:
        """The rows of each key."""
        found: dict[str, list[MessageRow]] = defaultdict(list)
        for row in self.dump.messages:
            if row.key is not None:
                found[row.key].append(row)
        return found

    @cached_property
    def messages(self) -> dict[int, list[MessageRow]]:
        """The messages of each room, seq ascending."""
        found: dict[int, list[MessageRow]] = {room.id: [] for room in self.dump.rooms}
        for row in sorted(self.dump.messages, key=lambda row: row.seq):
            found.setdefault(row.room, []).append(row)
        return found

    @cached_property
    def users(self) -> dict[str, int]:
        """Whose each tab is."""
        found = {event.tab: event.user for event in self.history.of(Opened)}
        found |= {event.tab: event.user for event in self.history.of(Entered)}
        return found | {event.tab: event.user for event in self.history.of(Invoked)}

    @cached_property
    def memberships(self) -> dict[tuple[int, int], list[tuple[int, int | None]]]:
        """By (room, user): from which seq to which (None: still) somebody was in; the ends count."""
        found: dict[tuple[int, int], list[tuple[int, int | None]]] = {}
        for row in self.dump.changes:
            if row.subject is None:
                continue
            spans = found.setdefault((row.room, row.subject), [])
            if row.kind == "member.joined":
                spans.append((row.seq, None))
            elif row.kind == "member.left" and spans and spans[-1][1] is None:
                spans[-1] = (spans[-1][0], row.seq)
        for member in self.dump.members:
            # Who made a room is in it without having joined.
            if not found.get((member.room, member.user)):
                found[member.room, member.user] = [(member.joined_seq, member.left_seq)]
        return found

    def was_in(self, user: int, room: int, seq: int) -> bool:
        """Tell whether a change of a room is of a user's time in it."""
        spans = self.memberships.get((room, user), [])
        return any(begin <= seq and (end is None or seq <= end) for begin, end in spans)

    @cached_property
    def fault_windows(self) -> list[tuple[float, float]]:
        """From each fault's beginning to its healing."""
        began = [event.at_s for event in self.history.of(FaultBegan)]
        healed = [event.at_s for event in self.history.of(FaultHealed)]
        return list(zip(began, healed, strict=False))

    def may_be_gone(self, at_s: float) -> bool:
        """Tell whether what was answered at a time was undone by an older database."""
        return any(event.as_of_s < at_s <= event.at_s for event in self._restored)

    @cached_property
    def _restored(self) -> list[Restored]:
        return list(self.history.of(Restored))

    @cached_property
    def spans(self) -> dict[str, list[Span]]:
        """The connections of each tab."""
        found: dict[str, dict[int, Span]] = defaultdict(dict)
        for event in self.history.events:
            if isinstance(event, Opened):
                found[event.tab][event.connection] = Span(event.at_s, None, None)
            elif isinstance(event, Synced) and event.connection in found[event.tab]:
                span = found[event.tab][event.connection]
                found[event.tab][event.connection] = Span(span.opened_s, event.at_s, None)
            elif isinstance(event, Closed) and event.connection in found[event.tab]:
                span = found[event.tab][event.connection]
                found[event.tab][event.connection] = Span(span.opened_s, span.synced_s, event.at_s)
        return {tab: list(spans.values()) for tab, spans in found.items()}
