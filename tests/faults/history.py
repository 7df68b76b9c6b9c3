"""What happened, as the clients saw it: one list of events on one monotonic clock."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

# A run is minutes long at most; who writes more than this has a loop that does not wait.
EVENTS_MAX_COUNT = 1_000_000


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `at_s` is on the clock of the history, which begins at 0."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Invoked(Event):
    """A tab sent a post; the same key again is another attempt."""

    tab: str
    user: int
    room: int
    key: str
    body: str
    attempt: int
    # The key of the message that it replies to.
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Acked(Event):
    """A post was answered with ok."""

    tab: str
    room: int
    key: str
    seq: int
    id: int


@dataclass(frozen=True, slots=True)
class Nacked(Event):
    """A post was refused."""

    tab: str
    key: str
    code: str
    may_retry: bool
    after_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Unanswered(Event):
    """The connection ended before a post was answered."""

    tab: str
    key: str


@dataclass(frozen=True, slots=True)
class Revised(Event):
    """An edit, a deletion or a reaction was invoked, or answered with ok.

    `what` is "body", "deleted" or "reaction:<emoji>:<user>"; the value is the text, "yes" or "no".
    """

    tab: str
    message: int
    what: str
    value: str
    is_acked: bool


@dataclass(frozen=True, slots=True)
class Received(Event):
    """A change came over a socket, before the client did anything with it."""

    tab: str
    connection: int
    room: int
    seq: int
    kind: str
    message: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered(Event):
    """A message was put into the list of a room; `after_seq` is the last one that was there."""

    tab: str
    room: int
    seq: int
    after_seq: int
    message: int
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Entered(Event):
    """A room became one of the tab's; its changes after `seq` follow."""

    tab: str
    user: int
    room: int
    seq: int


@dataclass(frozen=True, slots=True)
class Exited(Event):
    """A room is not one of the tab's any more."""

    tab: str
    user: int
    room: int


@dataclass(frozen=True, slots=True)
class Reset(Event):
    """The server could not replay a room from the tab's cursor."""

    tab: str
    room: int
    seq: int


@dataclass(frozen=True, slots=True)
class ReadMarked(Event):
    """A read mark was answered with ok."""

    tab: str
    user: int
    room: int
    msg_no: int


@dataclass(frozen=True, slots=True)
class Unread(Event):
    """The state of a room in a snapshot."""

    tab: str
    user: int
    room: int
    last_msg_no: int
    read_msg_no: int
    unread: int
    # Whether the writers had stopped and everybody had read to the end.
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Dialled(Event):
    """A tab began a handshake."""

    tab: str


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """A socket of a tab was opened."""

    tab: str
    user: int
    connection: int


@dataclass(frozen=True, slots=True)
class Closed(Event):
    """A socket of a tab was closed; `by_us` when the tab left by itself."""

    tab: str
    user: int
    connection: int
    code: int | None
    by_us: bool = False


@dataclass(frozen=True, slots=True)
class Synced(Event):
    """A socket of a tab is up to date."""

    tab: str
    connection: int


@dataclass(frozen=True, slots=True)
class PresenceSeen(Event):
    """A tab was told whether somebody is there."""

    tab: str
    user: int
    status: str


@dataclass(frozen=True, slots=True)
class Listed(Event):
    """All that a tab shows of a room at the end, behind `after_seq`: (id, seq, body, is_deleted, reactions)."""

    tab: str
    user: int
    room: int
    after_seq: int
    rows: tuple[tuple[int, int, str, bool, tuple[tuple[str, tuple[int, ...]], ...]], ...]


@dataclass(frozen=True, slots=True)
class FaultBegan(Event):
    """The nemesis has begun."""

    fault: str


@dataclass(frozen=True, slots=True)
class FaultHealed(Event):
    """The nemesis has put everything right again."""

    fault: str


@dataclass(frozen=True, slots=True)
class Restored(Event):
    """The database is an older one now: what was stored after `as_of_s` may be gone, answered or not."""

    as_of_s: float


@dataclass(frozen=True, slots=True)
class Measured(Event):
    """What a process used at one moment."""

    process: str
    pid: int
    rss_bytes: int
    descriptors_count: int


_E = TypeVar("_E", bound=Event)


@dataclass
class History:
    """The events of a run in order. `note(Acked, tab=…)` stamps one with the time of now."""

    events: list[Event] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic
    began_s: float | None = None

    def note(self, kind: Callable[..., Event], /, **fields: object) -> None:
        """Append an event that happens now."""
        if len(self.events) >= EVENTS_MAX_COUNT:
            raise OverflowError(f"more than {EVENTS_MAX_COUNT:,} events: somebody does not wait")
        self.events.append(kind(at_s=self.now_s, **fields))

    @property
    def now_s(self) -> float:
        """The time of now on the clock of the history."""
        now_s = self.clock()
        if self.began_s is None:
            self.began_s = now_s
        return now_s - self.began_s

    def of(self, kind: type[_E]) -> Iterator[_E]:
        """Return the events of one kind, in order."""
        return (event for event in self.events if isinstance(event, kind))

    def write(self, path: Path) -> None:
        """Write all events as lines of JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as lines:
            for event in self.events:
                line = {"event": type(event).__name__, **asdict(event)}
                lines.write(json.dumps(line, ensure_ascii=False) + "\n")
