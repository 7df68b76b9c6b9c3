"""Workloads (c) and (d): the memory of idle connections, and handshakes."""

from __future__ import annotations

from collections.abc import Iterator

from bench import figures, load
from bench.grounds import Grounds
from bench.load import Crowd, Load, Target
from bench.plan import Measured, Plan, Workload
from bench.servers import Server

_IDLE = Crowd(connections=2_000, rooms=40)
# What a server does on the coming of so many is over by then.
_SETTLE_S = 2.0
_LATER_S = 60.0
_SLOTS = 32
# Those of whom there is nothing new to say here are left out: another database, adapter or layer.
_SERVERS = ("maru", "socketio", "ws", "tutorial", "websockets")
_HELLO = '"type":"hello"'


def memory(grounds: Grounds, server: Server, plan: Plan) -> Iterator[Measured]:
    """Measure 2,000 connections that do nothing."""
    with server.start(grounds, "idle") as target, load.session(target, _IDLE) as session:
        # A minute of each would be half of the whole run; it is ours that is watched for it, once.
        is_watched = server.name == "maru" and plan.round == 1 and plan.wants("c", "minute")
        settled = session.play(Load(seconds=_SETTLE_S))
        if plan.wants("c", "idle"):
            yield Measured("idle", figures.of_idle(settled, target.processes))
        if is_watched:
            yield Measured("minute", figures.of_idle(session.play(Load(seconds=_LATER_S)), target.processes))


def handshakes(grounds: Grounds, server: Server, plan: Plan) -> Iterator[Measured]:
    """Measure handshakes: with Maru's sign-in one point after the other, each on a server that knows nobody yet."""
    if not server.is_ours:
        if plan.wants("d", "accept"):
            with server.start(grounds, "idle") as target:
                yield Measured("accept", _churn(target, plan))
        return
    for point, headers in (("accept", "tokens"), ("resume", "tokens"), ("ticket", ""), ("cookie", "cookies")):
        if not plan.wants("d", point):
            continue
        with server.start(grounds, "idle") as target:
            if headers:
                file = grounds.headers(target.database, headers)
            else:
                file = grounds.issue_tickets(target.database, target.database_url)
            wanted = target.with_(headers_file=file)
            if point == "accept":
                # The greeting comes by itself: the sign-in is known to be good, no room has been read.
                wanted = wanted.with_(hello="", ready=_HELLO)
            yield Measured(point, _churn(wanted, plan))


def _churn(target: Target, plan: Plan) -> figures.Figures:
    return figures.of_churn(load.churn(target, _SLOTS, plan.seconds), target.processes)


CONNECTIONS = (
    Workload(
        letter="c",
        title="2,000 idle connections",
        points={"idle": "a few seconds after all are up", "minute": "a minute later"},
        servers=_SERVERS,
        lasts_s=16,
        measure=memory,
    ),
    Workload(
        letter="d",
        title="Handshakes, 32 at a time",
        points={
            "accept": "accepted (Maru: signed in by a token not seen before; the others: nobody is signed in)",
            "resume": "signed in by token, and resumed",
            "ticket": "signed in by token and ticket, and resumed",
            "cookie": "signed in by cookie, and resumed",
        },
        servers=_SERVERS,
        lasts_s=9,
        measure=handshakes,
    ),
)
