from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chat.features.notifications.push import keys
from scripts.services import Beat, Serve, Worker
from scripts.services.process import until
from tests.features.notifications.push import worker
from tests.features.notifications.push.service import SLOW, PushService, push_service
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

# The clock ticks every 10 seconds.
_WAIT_S = 40
_PRIVATE, _PUBLIC = keys.make()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[PushService]:
    with push_service(tmp_path, _PUBLIC) as running:
        yield running
    assert running.faults == []


def _ask(web: Serve, person: Person, method: str, path: str, body: Any = None) -> Any:
    url = f"{web.base_url}/api/v1{path}"
    answer = httpx.request(method, url, json=body, headers=person.headers, timeout=10, trust_env=False)
    assert answer.is_success, answer.text
    return answer.json()


def _outcomes(topology: Topology) -> set[tuple[str, str, str]]:
    query = (
        "SELECT u.handle, n.outcome, n.why FROM chat_notification n JOIN chat_user u ON u.id = n.user_id"
        " WHERE n.way = 'push'"
    )
    return {(handle, outcome, why) for handle, outcome, why in topology.rows(query)}


def test_who_has_closed_the_page_is_told_though_a_worker_is_killed(
    topology: Topology, service: PushService
) -> None:
    alice, bob, mina = topology["alice"], topology["bob"], topology["mina"]
    room = topology.room(alice, bob, mina)
    laptop, old = service.subscribe("laptop"), service.subscribe("old", *[410] * 9)
    phone = service.subscribe("phone", SLOW)
    env = topology.env | {"VAPID_PRIVATE_KEY": _PRIVATE, "PUSH_AFTER_S": "1"}
    workers = [
        Worker(topology.folder, env=env | {worker.ENV: worker.described(service)}, name=name)
        for name in ("deadly", "worker")
    ]
    for one in workers:
        one.command = [*one.command, "--include", worker.__name__]
    deadly, lasting = workers
    with Serve(topology.folder, env=env, name="push-web") as web, Beat(topology.folder, env=env):
        assert _ask(web, bob, "GET", "/me/push")["key"] == _PUBLIC
        made = [_ask(web, bob, "POST", "/me/push", one.body)["id"] for one in (laptop, phone, old)]
        _ask(web, mina, "POST", "/me/push", service.subscribe("mina").body)
        body = {"body": f"look @{bob.handle} @{mina.handle}"}
        said = _ask(web, alice, "POST", f"/rooms/{room}/messages", body)
        # One of them reads it in time.
        _ask(web, mina, "POST", f"/rooms/{room}/read", {"msg_no": said["msg_no"]})
        with deadly:
            assert until(lambda: {"/laptop", "/phone", "/old"} <= set(service.tries), _WAIT_S)
            deadly.kill()
        # Its claim ends, as it would after a minute.
        topology.rows("UPDATE chat_pushsubscription SET claimed_until = now() RETURNING id")
        with lasting:
            assert until(lambda: bool(service.bodies(phone)), _WAIT_S)
            wanted = {("bob", "sent", ""), ("mina", "suppressed", "read")}
            assert until(lambda: _outcomes(topology) == wanted, _WAIT_S), _outcomes(topology)
            assert until(lambda: len(_ask(web, bob, "GET", "/me/push")["subscriptions"]) == 2, _WAIT_S)
            pushed_count = len(service.received)
            _ask(web, bob, "POST", f"/me/push/{made[0]}/test")
            assert service.has(pushed_count + 1, _WAIT_S)
    assert service.received[-1].said["tag"] == "test"
    # What may have come twice takes the place of the first on the screen.
    told = service.received[:-1]
    assert {push.browser.path for push in told} == {"/laptop", "/phone"}
    assert {(push.said["tag"], push.said["message"]) for push in told} == {(f"room-{room}", said["id"])}
    assert service.bodies(phone) == [body["body"]]
    assert len(told) <= 3
