"""What a run is to do: chosen by words, so that a part can be measured alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from bench.figures import Figures
from bench.grounds import Grounds
from bench.servers import SERVERS, Server

REPEATS = 3
SECONDS = 2.0


@dataclass(frozen=True)
class Measured:
    """What one point gave: figures, or why there are none."""

    point: str
    figures: Figures | None
    why_not: str = ""


@dataclass(frozen=True)
class Workload:
    """One kind of load: `measure` yields its points for one server, in order.

    `lasts_s` is about how long one server takes with the default seconds, for the announcement.
    """

    letter: str
    title: str
    points: Mapping[str, str]
    servers: tuple[str, ...]
    lasts_s: float
    measure: Callable[[Grounds, Server, Plan], Iterator[Measured]]


@dataclass(frozen=True)
class Plan:
    """The choice: workloads by letter with the points of each (all where none are named), servers, repeats, seconds."""

    chosen: Mapping[str, frozenset[str]]
    servers: frozenset[str]
    repeats: int = REPEATS
    seconds: float = SECONDS
    # Which of the repeats is under way.
    round: int = 1

    def wants(self, letter: str, point: str) -> bool:
        """Tell whether a point is to be measured."""
        points = self.chosen.get(letter)
        return points is not None and (not points or point in points)

    @property
    def is_whole(self) -> bool:
        """Whether whatever is measured is measured as the published figures are."""
        return (
            not any(self.chosen.values())
            and self.servers == frozenset(SERVERS)
            and self.repeats == REPEATS
            and self.seconds == SECONDS
        )


def read(environment: Mapping[str, str], workloads: Mapping[str, Workload]) -> Plan:
    """Read ONLY=a,b.flat PEERS=maru,socketio REPEATS=1 SECONDS=2. Raises SystemExit with one line."""
    chosen: dict[str, frozenset[str]] = {}
    for word in _words(environment.get("ONLY", "")) or list(workloads):
        letter, _, point = word.partition(".")
        if letter not in workloads:
            raise SystemExit(f"maru: ONLY={word}: there are {', '.join(workloads)}")
        known = workloads[letter].points
        if point and point not in known:
            raise SystemExit(f"maru: ONLY={word}: {letter} has {', '.join(known)}")
        chosen[letter] = chosen.get(letter, frozenset()) | ({point} if point else set())
    servers = _servers(_words(environment.get("PEERS", "")))
    repeats = _number(environment, "REPEATS", REPEATS, 1, 20)
    return Plan(chosen, servers, int(repeats), _number(environment, "SECONDS", SECONDS, 0.5, 60))


def _servers(names: Collection[str]) -> frozenset[str]:
    # "ours" is whatever of the servers is Maru.
    ours = {server.name for server in SERVERS.values() if server.is_ours}
    found = {one for name in names for one in (ours if name == "ours" else {name})}
    unknown = found - set(SERVERS)
    if unknown:
        raise SystemExit(
            f"maru: PEERS: no {', '.join(sorted(unknown))}; there are ours, {', '.join(SERVERS)}"
        )
    return frozenset(found or SERVERS)


def _number(environment: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    text = environment.get(name) or f"{default:g}"
    try:
        value = float(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise SystemExit(f"maru: {name} is a number from {least:g} to {most:g}")
    return value


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
