from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.services import Worker, manage
from scripts.services.process import until
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

_SOON_S = 60.0


async def test_what_is_too_old_goes_from_every_reader_and_its_file_from_the_disk(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    pk = _upload(topology, alice, b"words" * 1_000)
    async with topology.client(alice, 0) as writer, topology.client(bob, 1) as reader:
        old = await writer.command(
            "message.post", room=room, client_message_id="old-with-a-file", body="old", attachments=[pk]
        )
        young = await writer.post(room, "young")
        await reader.reads(room, young["seq"])
        files = _files(topology, pk)
        assert len(files) == 1
        _age(topology, room, old["seq"])
        topology.rows(
            "INSERT INTO chat_roomretention (room_id, days, is_forever) VALUES (%s, 30, false) RETURNING room_id",
            room,
        )
        worker = Worker(topology.folder, env=topology.env, concurrency=1)
        await topology.run(worker.__enter__)
        try:
            await topology.run(manage, ["retention"], topology.env)
            await reader.reads(room, young["seq"] + 1, _SOON_S)
            gone = reader.changes[room][-1]
            assert (gone["type"], gone["messages"]) == ("message.expired", [old["id"]])
            # Who comes for this finds the work, whether or not its own nudge was lost.
            await writer.post(room, "@bob and on")
            query = f"SELECT count(*) FROM chat_attachment WHERE id = {pk}"
            assert await topology.run(until, lambda: topology.rows(query)[0][0] == 0, _SOON_S)
        finally:
            await topology.run(worker.__exit__, None, None, None)
        assert [path for path in files if path.exists()] == []
        missing = topology.call(bob, "GET", f"/attachments/{pk}")
        assert missing.status_code == 404
        # A cursor from before the log's beginning reads the room anew.
        answer = topology.call(bob, "GET", f"/rooms/{room}/changes?after=0")
        assert (answer.status_code, answer.json()["error"]["code"]) == (410, "gone")
        assert writer.faults == reader.faults == []


async def test_of_an_erased_account_no_file_of_its_own_stays_on_the_disk(topology: Topology) -> None:
    bob, gus = topology["bob"], topology["gus"]
    room = topology.room(bob, gus)
    said, unposted = _upload(topology, gus, b"in a message"), _upload(topology, gus, b"in none")
    topology.ask(gus, "POST", f"/rooms/{room}/messages", {"body": "", "attachments": [said]})
    kept, own = _files(topology, said), _files(topology, unposted)
    async with topology.client(gus, 0) as leaving:
        await leaving.synced()
        wrong = topology.call(gus, "POST", "/me/erase", {"password": "not it", "messages": "keep"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "forbidden")
        order: dict[str, Any] = {"password": gus.password, "messages": "keep"}
        assert topology.call(gus, "POST", "/me/erase", order, 1).status_code == 202
        await leaving.ends()
    assert topology.call(gus, "GET", "/me").status_code == 401
    worker = Worker(topology.folder, env=topology.env, concurrency=1)
    await topology.run(worker.__enter__)
    try:
        # Finds the work of the other queues too, should their nudges have been lost.
        topology.ask(bob, "POST", f"/rooms/{room}/messages", {"body": "gone"})
        query = f"SELECT finished_at IS NOT NULL FROM chat_erasure WHERE user_id = {gus.id}"
        assert await topology.run(until, lambda: topology.rows(query)[0][0], _SOON_S)
        assert await topology.run(until, lambda: not any(path.exists() for path in own), _SOON_S)
    finally:
        await topology.run(worker.__exit__, None, None, None)
    assert [path.read_bytes() for path in kept] == [b"in a message"]
    assert topology.call(bob, "GET", f"/attachments/{said}").status_code == 200


def _upload(topology: Topology, person: Person, body: bytes) -> int:
    answer = httpx.post(
        f"{topology.webs[0].base_url}/api/v1/uploads",
        headers=person.headers,
        files={"file": ("notes.txt", body)},
        timeout=30,
        trust_env=False,
    )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def _files(topology: Topology, pk: int) -> list[Path]:
    """Return what lies on the disk for an upload."""
    key = str(topology.rows(f"SELECT key FROM chat_attachment WHERE id = {pk}")[0][0])
    return list(topology.folder.rglob(f"{key.rpartition('/')[2]}*"))


def _age(topology: Topology, room: int, through: int) -> None:
    """Make everything in a room up to a seq forty days older."""
    for table in ("chat_change", "chat_message"):
        query = (
            f"UPDATE {table} SET at = at - interval '40 days' WHERE room_id = %s AND seq <= %s RETURNING seq"
        )
        topology.rows(query, room, through)
