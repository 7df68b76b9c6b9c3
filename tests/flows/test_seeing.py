import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from scripts.services import Beat, Worker
from scripts.services.process import until
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

_ADD = (
    "INSERT INTO chat_outboxentry (task, key, queue, payload, created_at, not_before, attempts, last_error)"
    " VALUES ('chat.mail.send', %s, 'mail', '{}', now(), now(), 0, '') RETURNING id"
)
_TICK_S = 45


@contextmanager
def working(topology: Topology) -> Iterator[None]:
    # Two of them, as on two machines; each has children of its own.
    workers = [Worker(topology.folder, env=topology.env, name=f"seen-{n}", concurrency=2) for n in range(2)]
    with workers[0], workers[1], Beat(topology.folder, env=topology.env):
        yield


def _health(topology: Topology) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(topology.webs[1].get("/healthz").body)
    return found


def _figure(topology: Topology, web: int, line: str) -> float:
    text = topology.webs[web].get("/metrics").body.decode()
    found = re.search(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_what_the_children_of_workers_count_is_seen_at_every_web_process(topology: Topology) -> None:
    # Workers of the story before this one are heard of for another minute.
    topology.redis.connect(2).flushdb()
    assert {"workers", "beat"} <= set(_health(topology)["degraded"])
    with working(topology):
        assert until(lambda: not {"workers", "beat"} & set(_health(topology)["degraded"]), _TICK_S)
        assert until(lambda: _figure(topology, 0, 'maru_workers{queue="mail"}') == 2, _TICK_S)
        # Without what the task needs it fails, and is tried again.
        topology.rows(_ADD, "flow:seen")
        failed = 'maru_tasks_total{outcome="retried",task="chat.mail.send"}'
        swept = 'maru_tasks_total{outcome="done",task="chat.outbox.sweep"}'
        for web in range(2):
            assert until(lambda web=web: _figure(topology, web, failed) >= 1, _TICK_S)  # type: ignore[misc]
            assert _figure(topology, web, swept) >= 1
        assert _figure(topology, 0, 'maru_task_seconds_count{task="chat.mail.send"}') >= 1
        assert _figure(topology, 0, "maru_beats") == 1
