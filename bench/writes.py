"""Workload (e): durable writes by 50 senders."""

from __future__ import annotations

from collections.abc import Iterator

from bench import figures, load, machine
from bench.figures import Figures
from bench.grounds import Grounds, run_script
from bench.load import Crowd, Load
from bench.plan import Measured, Plan, Workload
from bench.servers import Server

_WRITERS = Crowd(connections=50, rooms=50, publishers=50)
_SCRIPTS = (
    ("acreate", "acreate", "writers"),
    ("pipeline", "pipeline", "writers"),
    ("one-room", "pipeline", "hall"),
)


def durable(grounds: Grounds, server: Server, plan: Plan) -> Iterator[Measured]:
    """Measure messages that are stored: without sockets, then over sockets."""
    database = "sqlite" if server.name == "maru" else "postgres"
    for point, how, scene in _SCRIPTS:
        if plan.wants("e", point):
            yield Measured(point, _script(grounds, database, how, scene, plan.seconds))
    if not (plan.wants("e", "socket") or plan.wants("e", "socket-500")):
        return
    with server.start(grounds, "writers") as target, load.session(target, _WRITERS) as session:
        for point, window in (("socket", 50), ("socket-500", 500)):
            if plan.wants("e", point):
                found = session.play(Load(window=window, seconds=plan.seconds))
                yield Measured(point, figures.of_messages(found, target.processes))


def _script(grounds: Grounds, database: str, how: str, scene: str, seconds: float) -> Figures:
    with grounds.copy(database) as base:
        env = grounds.environment(database, base.url)
        folder = str(grounds.folder / database)
        before_s = machine.cpu_s(base.helper.pid) if base.helper else 0
        found: Figures = run_script("bench.writers", env, how, scene, f"{seconds:g}", folder)
        if base.helper:
            count = (found["messages_s"] or 0) * seconds
            found["postgres_us"] = (
                (machine.cpu_s(base.helper.pid) - before_s) * 1e6 / count if count else None
            )
        return found


WRITES = (
    Workload(
        letter="e",
        title="Durable writes, 50 senders in 50 rooms",
        points={
            "acreate": "no sockets, one `acreate` a message",
            "pipeline": "no sockets, our write path",
            "one-room": "the same, all 50 in one room",
            "socket": "over sockets, 50 messages under way",
            "socket-500": "over sockets, 500 messages under way",
        },
        servers=("maru", "maru-postgres"),
        lasts_s=26,
        measure=durable,
    ),
)
