from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from scripts.services import Beat, Worker
from scripts.services.process import until
from tests.flows.client import LastingClient
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

# The clock of what is due ticks every 10 seconds.
_TICK_S = 30


# Far enough for a slow machine; then its time is made to have come.
def _tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


def _later(topology: Topology, room: int, body: str, due_s_ago: int) -> int:
    order = {"room": room, "body": body, "due_at": _tomorrow()}
    made: int = topology.ask(topology["bob"], "POST", "/scheduled", order)["id"]
    topology.rows(
        "UPDATE chat_scheduledmessage SET due_at = now() - %s * interval '1 second' WHERE id = %s RETURNING id",
        due_s_ago,
        made,
    )
    return made


def _state(topology: Topology, pk: int) -> dict[str, Any]:
    found: dict[str, Any] = topology.ask(topology["bob"], "GET", f"/scheduled/{pk}", web=1)
    return found


def _is_told(client: LastingClient) -> bool:
    return any(frame["type"] == "reminder.due" for frame in client.events)


def _bodies(topology: Topology, room: int) -> list[str]:
    return [body for _, _, _, body in topology.stored(room)]


async def test_what_was_put_off_comes_through_a_killed_worker_and_two_clocks(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    first = _later(topology, room, "first", 3)
    # A worker that ends in the moment in which the message is out and nobody has noted it.
    deadly = Worker(topology.folder, env=topology.env | {"FAILPOINTS": "commit.after=kill"}, name="deadly")
    worker = Worker(topology.folder, env=topology.env)
    beats = [
        Beat(topology.folder, env=topology.env),
        Beat(topology.folder / "second", env=topology.env, name="second-beat"),
    ]
    (topology.folder / "second").mkdir(exist_ok=True)
    async with topology.client(alice, 1) as listener:
        try:
            for beat in beats:
                await topology.run(beat.start)
            await topology.run(deadly.start)
            assert await topology.run(until, lambda: _bodies(topology, room) == ["first"], _TICK_S)
            await topology.run(deadly.kill)
            assert _state(topology, first)["state"] == "sending"
            second, third = _later(topology, room, "second", 2), _later(topology, room, "third", 1)
            # Its claim ends, as it would after a minute.
            topology.rows("UPDATE chat_scheduledmessage SET claimed_until = now() RETURNING id")
            await topology.run(worker.start)
            await listener.hears(room, 3, _TICK_S)
            sent = [pk for pk in (first, second, third) if _state(topology, pk)["state"] == "sent"]
        finally:
            for process in (*beats, deadly, worker):
                await topology.run(process.stop)
    assert listener.faults == []
    assert _bodies(topology, room) == listener.bodies(room) == ["first", "second", "third"]
    assert sent[0] == first
    assert _state(topology, first)["seq"] == topology.stored(room)[0][0]


async def test_a_reminder_reaches_every_connection_from_a_worker(topology: Topology) -> None:
    bob = topology["bob"]
    reminder = {"text": "call Dora", "due_at": _tomorrow()}
    pk = topology.ask(bob, "POST", "/reminders", reminder)["id"]
    topology.rows("UPDATE chat_reminder SET due_at = now() WHERE id = %s RETURNING id", pk)
    worker, beat = Worker(topology.folder, env=topology.env), Beat(topology.folder, env=topology.env)
    async with topology.client(bob, 0) as one, topology.client(bob, 1) as other:
        try:
            await topology.run(worker.start)
            await topology.run(beat.start)
            for client in (one, other):
                await client.until(partial(_is_told, client), _TICK_S)
                told = [frame["reminder"]["id"] for frame in client.events if frame["type"] == "reminder.due"]
                assert told == [pk]
        finally:
            for process in (beat, worker):
                await topology.run(process.stop)
    (listed,) = topology.ask(bob, "GET", "/reminders")["items"]
    assert (listed["id"], listed["state"]) == (pk, "due")
