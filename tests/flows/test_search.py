from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from scripts.services import Beat, Worker
from scripts.services.process import until
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

_SOON_S = 60


def _found(topology: Topology, person: Person, q: str, web: int) -> list[str]:
    answer: dict[str, Any] = topology.ask(person, "GET", f"/search?q={quote(q)}", web=web)
    return [item["message"]["body"] for item in answer["items"]]


def _is_indexed(topology: Topology, room: int) -> bool:
    behind = topology.rows(
        "SELECT 1 FROM chat_room LEFT JOIN chat_searchroom ON room_id = id"
        " WHERE id = %s AND last_seq > coalesce(seq, 0)",
        room,
    )
    return not behind


async def test_what_was_said_is_found_at_once_on_every_server_and_by_the_index_when_workers_come(
    topology: Topology,
) -> None:
    alice, bob, carol = topology["alice"], topology["bob"], topology["carol"]
    room = topology.room(alice, bob)
    said = topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "목요일 회의실 예약했어요"})
    # Nobody indexes, and it is there all the same.
    assert _found(topology, bob, "회의", web=1) == ["목요일 회의실 예약했어요"]
    worker, beat = Worker(topology.folder, env=topology.env), Beat(topology.folder, env=topology.env)
    await topology.run(worker.__enter__)
    await topology.run(beat.__enter__)
    try:
        assert await topology.run(until, lambda: _is_indexed(topology, room), _SOON_S)
        assert _found(topology, bob, "회의", web=0) == ["목요일 회의실 예약했어요"]
        topology.ask(alice, "PATCH", f"/messages/{said['id']}", {"body": "목요일 점심 예약했어요"}, web=1)
        assert _found(topology, bob, "회의", web=0) == []
        assert _found(topology, bob, "점심", web=0) == ["목요일 점심 예약했어요"]
        topology.ask(alice, "DELETE", f"/messages/{said['id']}")
        assert _found(topology, bob, "점심", web=1) == []
        assert await topology.run(until, lambda: _is_indexed(topology, room), _SOON_S)
        assert topology.rows("SELECT 1 FROM chat_searchentry WHERE message_id = %s", said["id"]) == []
    finally:
        await topology.run(beat.__exit__, None, None, None)
        await topology.run(worker.__exit__, None, None, None)
    assert _found(topology, carol, "예약", web=0) == []
