"""Workload (f): two web processes behind nginx against one, at the same load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from bench import figures, load, machine
from bench.grounds import Grounds
from bench.load import Crowd, Load, Target
from bench.plan import Measured, Plan, Workload
from bench.servers import Server, maru_target, running
from scripts.services import Nginx, Serve, free_port

# nginx, as it is shipped, lets one address open 50 sockets at once.
_SOURCE_ADDRESSES = 100
_MANY = Crowd(connections=1_000, rooms=100, publishers=100)
# What is measured: where, who, and how much they send.
_LOADS = {
    "big": ("big", Crowd(connections=1_000, publishers=10), Load(rate=25)),
    "small": ("small", _MANY, Load(rate=250)),
    "full": ("small", _MANY, Load(window=100)),
}


def behind_nginx(grounds: Grounds, server: Server, plan: Plan) -> Iterator[Measured]:
    """Measure one process and two."""
    for what, (scene, crowd, wanted) in _LOADS.items():
        for name, count in (("one", 1), ("two", 2)):
            point = f"{what}-{name}"
            if not plan.wants("f", point):
                continue
            with _cluster(grounds, scene, count) as target, load.session(target, crowd) as session:
                found = session.play(replace(wanted, seconds=plan.seconds))
                yield Measured(point, figures.of_messages(found, target.processes))


@contextmanager
def _cluster(grounds: Grounds, scene: str, count: int) -> Iterator[Target]:
    cores = machine.cores()
    redis, port = grounds.redis, free_port()
    with ExitStack() as stack:
        base = stack.enter_context(grounds.copy("postgres"))
        assert base.helper is not None
        env = grounds.environment("postgres", base.url, REDIS_URL=redis.url, TRUST_PROXY="1", PORT=str(port))
        webs = []
        for number in range(count):
            serve = Serve(grounds.folder / "postgres", env=env, name=f"web-{number + 1}", grace_s=5)
            webs.append(stack.enter_context(running(serve, cores.second_server if number else cores.server)))
        nginx = Nginx(grounds.folder, upstreams=[web.upstream for web in webs], port=port)
        stack.enter_context(running(nginx, cores.others))
        target = maru_target(grounds, "postgres", scene, (nginx.port,))
        yield target.with_(
            processes={web.name: web.pid for web in webs},
            helpers={"redis": redis.pid, "postgres": base.helper.pid, "nginx": nginx.pid},
            source_addresses=_SOURCE_ADDRESSES,
        )


SEVERAL = (
    Workload(
        letter="f",
        title="Web processes behind nginx, PostgreSQL",
        points={
            "big-one": "one process; a room of 1,000, 25 messages/s",
            "big-two": "two processes; a room of 1,000, 25 messages/s",
            "small-one": "one process; 100 rooms of 10, 250 messages/s",
            "small-two": "two processes; 100 rooms of 10, 250 messages/s",
            "full-one": "one process; 100 rooms of 10, as fast as it goes, 100 messages under way",
            "full-two": "two processes; 100 rooms of 10, as fast as they go, 100 messages under way",
        },
        servers=("maru-postgres",),
        lasts_s=110,
        measure=behind_nginx,
    ),
)
