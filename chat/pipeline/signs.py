"""Signs of life: workers and the clock write down every few seconds that they are there; web processes read it.

Nobody asks the workers: a question to all of them at each look would be a broadcast, with its time of waiting. The
times are those of Redis, so the clocks of the machines may differ.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import structlog
from celery import current_app
from celery.signals import heartbeat_sent
from django.conf import settings

from chat.pipeline import jobs

_log = structlog.get_logger(__name__)

KEY = "maru:signs"
# Who was not heard of for so long is away.
SILENT_S = 60
_EVERY_S = 10.0
# What is older is taken out by the next process that starts.
_KEPT_S = 3_600
_BEAT = "beat"
_WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Heard:
    """Who was heard of lately: workers in all and by queue, and clocks."""

    workers_count: int
    by_queue: dict[str, int]
    beats_count: int


NOBODY = Heard(0, {}, 0)


class Sign:
    """The sign of this process, written every `_EVERY_S` in a thread: a Redis that hangs holds nothing up."""

    def __init__(self, kind: str, says: str) -> None:
        self.field = f"{kind}:{socket.gethostname()}:{os.getpid()}"
        self._says = says
        self._next_at = 0.0
        self._thread: threading.Thread | None = None

    def give(self) -> None:
        """Write it, if it is time. Never blocks, never raises."""
        now = time.monotonic()
        if not settings.HAS_WORKERS or now < self._next_at or (self._thread and self._thread.is_alive()):
            return
        is_first, self._next_at = self._next_at == 0.0, now + _EVERY_S
        # The client belongs to this thread's backend; the other one, which lives for a moment, would make its own.
        client = jobs.redis()
        self._thread = threading.Thread(target=self._write, args=(client, is_first), daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until what is being written is written, or has failed."""
        if self._thread is not None:
            self._thread.join()

    def _write(self, client: Any, is_first: bool) -> None:
        try:
            now, _ = client.time()
            client.hset(KEY, self.field, f"{now} {self._says}")
            client.expire(KEY, _KEPT_S)
            if is_first:
                _tidy(client, now)
        except Exception as error:
            _log.warning("signs.not_written", error=type(error).__name__)


def heard() -> Heard:
    """Return who was heard of lately. One trip to Redis; raises as it does."""
    with jobs.redis().pipeline(transaction=False) as trip:
        trip.time()
        trip.hgetall(KEY)
        (now, _), found = trip.execute()
    workers, beats, by_queue = 0, 0, Counter[str]()
    for field, sign in found.items():
        at, _, says = sign.decode().partition(" ")
        if now - int(at) > SILENT_S:
            continue
        if field.decode().startswith(f"{_BEAT}:"):
            beats += 1
        else:
            workers += 1
            by_queue.update(says.split(","))
    return Heard(workers, dict(by_queue), beats)


def beat() -> Sign:
    """Return the sign of a clock."""
    return Sign(_BEAT, "")


def worker(queues: list[str]) -> Sign:
    """Return the sign of a worker of these queues."""
    return Sign(_WORKER, ",".join(queues))


def _tidy(client: Any, now: int) -> None:
    old = [field for field, sign in client.hgetall(KEY).items() if now - int(sign.split(b" ")[0]) > _KEPT_S]
    if old:
        client.hdel(KEY, *old)


_own: Sign | None = None


@heartbeat_sent.connect
def _give_worker(**_: Any) -> None:
    # Sent in the loop of the worker's main process while it hears its broker: that loop turns, and takes work.
    global _own
    if _own is None:
        _own = worker(sorted(current_app.amqp.queues.consume_from))
    _own.give()
