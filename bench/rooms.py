"""Workloads (a) and (b): messages into one big room and into many small ones."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from bench import figures, load
from bench.figures import Figures
from bench.grounds import Grounds
from bench.load import Crowd, Load, Session, Target
from bench.plan import Measured, Plan, Workload
from bench.servers import SERVERS, Server

_BIG = Crowd(connections=1_000, publishers=10)
_SMALL = Crowd(connections=1_000, rooms=100, publishers=100)
# Slow enough that no two messages are under way at once, where the server can do that many.
_SINGLE_PER_S = 25.0
_SINGLE_COUNT, _SINGLE_MAX_S = 4, 20.0
_IDLE_S = 4.0


def big_room(grounds: Grounds, server: Server, plan: Plan) -> Iterator[Measured]:
    """Measure one room of 1,000."""
    with server.start(grounds, "big") as target, load.session(target, _BIG) as session:
        most = yield from _flat("a", 10, server, session, target, plan)
        if plan.wants("a", "single"):
            rate = max(min(_SINGLE_PER_S, most / 2), 0.2)
            # A few of them at least, also where the server is slow.
            wanted = Load(rate=rate, seconds=max(plan.seconds, min(_SINGLE_COUNT / rate, _SINGLE_MAX_S)))
            yield Measured("single", _play(session, target, wanted))
        if plan.wants("a", "idle"):
            wanted = Load(rate=1, seconds=max(plan.seconds, _IDLE_S))
            yield Measured("idle", _play(session, target, wanted))
        # Last: what is more than it can do may keep it busy for a while.
        yield from _offered("a", (100, 500, 2_000), session, target, plan, most)


def small_rooms(grounds: Grounds, server: Server, plan: Plan) -> Iterator[Measured]:
    """Measure 100 rooms of 10."""
    with server.start(grounds, "small") as target, load.session(target, _SMALL) as session:
        most = yield from _flat("b", 100, server, session, target, plan)
        yield from _offered("b", (500, 2_000), session, target, plan, most)


def _flat(
    letter: str, window: int, server: Server, session: Session, target: Target, plan: Plan
) -> Generator[Measured, None, float]:
    """Measure with so many messages always under way; return how many a second it can do."""
    if not plan.wants(letter, "flat"):
        return float("inf")
    found = _play(session, target, Load(window=window, seconds=plan.seconds))
    yield Measured("flat", found)
    return _most(server, found)


def _offered(
    letter: str, rates: Sequence[int], session: Session, target: Target, plan: Plan, most: float
) -> Iterator[Measured]:
    for rate in rates:
        if not plan.wants(letter, str(rate)):
            continue
        if rate > most:
            yield Measured(str(rate), None, "more than it delivers flat out")
        else:
            yield Measured(str(rate), _play(session, target, Load(rate=rate, seconds=plan.seconds)))


def _most(server: Server, found: Figures) -> float:
    """Return how many messages a second make sense to offer: of a server that sends a frame for each."""
    return float("inf") if server.joins_messages else found["messages_s"] or 0


def _play(session: Session, target: Target, wanted: Load) -> Figures:
    return figures.of_messages(session.play(wanted), target.processes)


ROOMS = (
    Workload(
        letter="a",
        title="One room of 1,000, 10 of them write",
        points={
            "flat": "as fast as it goes, 10 messages under way",
            "single": "one frame a message (25 messages/s, or half of what it can)",
            "100": "100 messages/s offered",
            "500": "500 messages/s offered",
            "2000": "2,000 messages/s offered",
            "idle": "1 message/s",
        },
        # The database makes no difference to one room: the writing is a small part.
        servers=tuple(name for name in SERVERS if name != "maru-postgres"),
        lasts_s=24,
        measure=big_room,
    ),
    Workload(
        letter="b",
        title="100 rooms of 10, one of each writes",
        points={
            "flat": "as fast as it goes, 100 messages under way",
            "500": "500 messages/s offered",
            "2000": "2,000 messages/s offered",
        },
        servers=("maru", "maru-postgres", "socketio", "socketio-redis", "ws", "tutorial"),
        lasts_s=17,
        measure=small_rooms,
    ),
)
