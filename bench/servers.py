"""The servers that are measured: how each is started on the server's core, and how it is spoken to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from bench import machine, tools
from bench.grounds import Grounds
from bench.load import BODY, Target
from scripts import node
from scripts.services import Process, Serve, free_port
from scripts.services.ports import can_connect

Start = Callable[[Grounds, str], AbstractContextManager[Target]]


@dataclass(frozen=True)
class Server:
    """One of those compared: `start(grounds, scene)` runs it for as long as the context lasts."""

    name: str
    title: str
    start: Start
    needs_node: bool = False
    # Puts several messages into one frame, so that what it does with one at a time says little about its limit.
    joins_messages: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether it is Maru, on whatever database."""
        return self.name.startswith("maru")


class _Listening(Process):
    """A program that is ready when it accepts connections."""

    def __init__(self, name: str, command: list[str], port: int, env: Mapping[str, str], grounds: Grounds):
        super().__init__(name, command, env=env, log=grounds.folder / f"{name}.log", grace_s=3)
        self.port = port

    def is_ready(self) -> bool:
        return can_connect(("127.0.0.1", self.port))


_P = TypeVar("_P", bound=Process)


@contextmanager
def running(process: _P, core: int | None = None) -> Iterator[_P]:
    """Run a process on a core, the server's where none is named."""
    try:
        with machine.on_core(machine.cores().server if core is None else core):
            process.start()
        yield process
    finally:
        process.stop()


def maru_target(grounds: Grounds, database: str, scene: str, ports: tuple[int, ...]) -> Target:
    """Return how to speak to Maru as the people of a scene."""
    return Target(
        ports=ports,
        path="/ws/v1/",
        template='{"type":"message.post","ref":{seq},"room":{room},"client_message_id":"{uuid}","body":"'
        + BODY
        + '"}',
        processes={},
        headers_file=grounds.headers(database, scene),
        hello='{"type":"resume","ref":"resume","epoch":null,"rooms":{}}',
        ready='"type":"synced"',
        has_replies=True,
        room_base=grounds.world(database)[scene],
        database=database,
    )


def _maru(database: str) -> Start:
    @contextmanager
    def start(grounds: Grounds, scene: str) -> Iterator[Target]:
        redis = grounds.redis
        with grounds.copy(database) as base:
            env = grounds.environment(database, base.url, REDIS_URL=redis.url)
            serve = Serve(grounds.folder / database, env=env, grace_s=5)
            helpers = {"redis": redis.pid} | ({"postgres": base.helper.pid} if base.helper else {})
            with running(serve):
                target = maru_target(grounds, database, scene, (serve.port,))
                yield target.with_(processes={"web": serve.pid}, helpers=helpers, database_url=base.url)

    return start


def _tutorial(layer: str) -> Start:
    @contextmanager
    def start(grounds: Grounds, scene: str) -> Iterator[Target]:
        port, redis = free_port(), grounds.redis
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bench.peers.tutorial.settings",
            "LAYER": layer,
            "REDIS_URL": redis.url,
        }
        command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "--no-server-name"]
        command += ["--verbosity", "0", "bench.peers.tutorial.asgi:application"]
        with running(_Listening(f"tutorial-{layer}", command, port, env, grounds)) as process:
            yield Target(
                ports=(port,),
                path="/ws/chat/{room}/",
                template='{"message":"' + BODY + '"}',
                processes={"web": process.pid},
                helpers={"redis": redis.pid},
                headers=("Origin: http://127.0.0.1",),
            )

    return start


def _on_node(kind: str) -> Start:
    @contextmanager
    def start(grounds: Grounds, scene: str) -> Iterator[Target]:
        port, redis = free_port(), grounds.redis if kind == "socketio-redis" else None
        env = {**node.environment(), "NODE_ENV": "production", "NODE_PATH": str(tools.NODE_MODULES)}
        command = [node.node(), "bench/peers/node/server.js", kind, str(port)]
        command += [str(redis.socket)] if redis else []
        with running(_Listening(kind, command, port, env, grounds)) as process:
            target = Target(
                ports=(port,),
                path="/ws/{room}",
                template='{"message":"' + BODY + '"}',
                processes={"web": process.pid},
                helpers={"redis": redis.pid} if redis else {},
            )
            if kind != "ws":
                target = target.with_(
                    path="/socket.io/?EIO=4&transport=websocket",
                    template='42["chat",{"message":"' + BODY + '"}]',
                    hello='42["join","{room}"]',
                    ready="joined",
                    is_engine_io=True,
                )
            yield target

    return start


@contextmanager
def _plain(grounds: Grounds, scene: str) -> Iterator[Target]:
    port = free_port()
    command = [sys.executable, "-m", "bench.peers.plain", str(port)]
    with running(_Listening("websockets", command, port, os.environ, grounds)) as process:
        yield Target(
            ports=(port,),
            path="/ws/{room}",
            template='{"message":"' + BODY + '"}',
            processes={"web": process.pid},
        )


SERVERS = {
    server.name: server
    for server in (
        Server("maru", "Maru, SQLite", _maru("sqlite"), joins_messages=True),
        Server("maru-postgres", "Maru, PostgreSQL", _maru("postgres"), joins_messages=True),
        Server("socketio", "Socket.IO 4", _on_node("socketio"), needs_node=True),
        Server("socketio-redis", "Socket.IO 4, Redis adapter", _on_node("socketio-redis"), needs_node=True),
        Server(
            "socketio-batched",
            "Socket.IO 4, 20 ms batched by hand",
            _on_node("socketio-batched"),
            needs_node=True,
            joins_messages=True,
        ),
        Server("ws", "Node ws", _on_node("ws"), needs_node=True),
        Server("tutorial", "Channels tutorial, pub/sub layer", _tutorial("pubsub")),
        Server("tutorial-core", "Channels tutorial, core layer", _tutorial("core")),
        Server("websockets", "Python websockets", _plain),
    )
}
