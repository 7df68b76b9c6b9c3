"""Redis that survives the loss of its primary: a primary, a replica, and three sentinels who choose."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Self

import redis

from scripts.services import Process, Redis, free_port
from scripts.services.redis import redis_server

PRIMARY = "maru"
_QUORUM = 2
_DOWN_AFTER_MS = 1000
_FAILOVER_TIMEOUT_MS = 5000


class Sentinel(Process):
    """One of those who watch."""

    def __init__(self, folder: Path, number: int, primary: Redis) -> None:
        self.port = free_port()
        own = folder / f"sentinel-{number}"
        own.mkdir(parents=True, exist_ok=True)
        # It keeps what it learns in its own configuration.
        conf = own / "sentinel.conf"
        conf.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {own}\n"
            f"sentinel monitor {PRIMARY} 127.0.0.1 {primary.port} {_QUORUM}\n"
            f"sentinel down-after-milliseconds {PRIMARY} {_DOWN_AFTER_MS}\n"
            f"sentinel failover-timeout {PRIMARY} {_FAILOVER_TIMEOUT_MS}\n",
            encoding="ascii",
        )
        super().__init__(
            f"sentinel-{number}", [redis_server(), str(conf), "--sentinel"], log=own / "sentinel.log"
        )

    def is_ready(self) -> bool:
        """Tell whether it knows the primary, its replica and both colleagues: only then there can be a failover."""
        try:
            with redis.Redis(port=self.port, socket_timeout=2) as client:
                known = client.sentinel_master(PRIMARY)
        except redis.RedisError:
            return False
        return bool(known["num-slaves"] >= 1 and known["num-other-sentinels"] >= 2)

    def primary_port(self) -> int:
        """Return the port of the one it takes for the primary; 0 if it does not answer."""
        try:
            with redis.Redis(port=self.port, socket_timeout=2) as client:
                return int(client.sentinel_get_master_addr_by_name(PRIMARY)[1])
        except redis.RedisError:
            return 0


class Sentinels:
    """All five, started together; `addresses` is what clients are told."""

    def __init__(self, folder: Path) -> None:
        folder = folder.absolute()
        self.servers = [Redis(folder / "one", port=0), Redis(folder / "two", port=0)]
        assert isinstance(self.servers[1].command, list)
        self.servers[1].command += ["--replicaof", "127.0.0.1", str(self.servers[0].port)]
        self.watchers = [Sentinel(folder, number, self.servers[0]) for number in (1, 2, 3)]

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where the sentinels listen."""
        return [("127.0.0.1", watcher.port) for watcher in self.watchers]

    def __enter__(self) -> Self:
        try:
            for server in self.servers:
                server.start()
            for watcher in self.watchers:
                watcher.spawn()
            for watcher in self.watchers:
                watcher.wait_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.watchers, *self.servers):
            process.stop()

    def primary(self) -> Redis | None:
        """Return the server whom a majority takes for the primary and who agrees; None while they choose."""
        votes = Counter(watcher.primary_port() for watcher in self.watchers)
        port, count = votes.most_common(1)[0]
        if count < _QUORUM:
            return None
        found = next((server for server in self.servers if server.port == port), None)
        if found is None or not found.is_running:
            return None
        with found.connect() as connection:
            return found if connection.info("replication")["role"] == "master" else None
