import asyncio
from contextlib import suppress

import pytest

from tests.flows.client import LastingClient, Refusal
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow


async def _post_until_refused(client: LastingClient, room: int) -> str:
    number = 0
    while True:
        number += 1
        try:
            await client.post(room, f"아직 여기 {number}")
        except Refusal as refusal:
            return str(refusal)


def _leaving(client: LastingClient, room: int, user: int) -> int | None:
    for change in client.changes[room]:
        if change["type"] == "member.left" and change["user"]["id"] == user:
            seq: int = change["seq"]
            return seq
    return None


@pytest.mark.parametrize("kicked_on", [0, 1])
async def test_nothing_reaches_who_is_out_and_nothing_of_theirs_is_stored(
    topology: Topology, kicked_on: int
) -> None:
    alice, bob, mina = topology["alice"], topology["bob"], topology["mina"]
    room, common = topology.room(alice, bob, mina), topology.room(alice, bob)
    async with (
        topology.client(alice, 0) as witness,
        topology.client(mina, 1) as other,
        topology.client(bob, 0) as here,
        topology.client(bob, 1) as there,
    ):
        ended = asyncio.Event()

        async def go_on(client: LastingClient) -> None:
            while not ended.is_set():
                await client.post(room, "계속해요")

        loop = asyncio.get_running_loop()
        talking = [loop.create_task(go_on(client)) for client in (witness, other)]
        posting = [loop.create_task(_post_until_refused(client, room)) for client in (here, there)]
        await witness.until(lambda: len(witness.changes[room]) > 30)
        path = f"/rooms/{room}/members/{bob.id}"
        removed = await asyncio.to_thread(topology.ask, alice, "DELETE", path, None, kicked_on)
        assert await asyncio.gather(*posting) == ["not_found", "not_found"]
        left_seq: int = removed["seq"]
        await witness.reads(room, left_seq + 20)
        ended.set()
        await asyncio.gather(*talking)
        # Behind this on the same connections nothing of the room can be on its way any more.
        marker = await witness.post(common, "and now?")
        for client in (here, there):
            await client.reads(common, marker["seq"])
            assert room not in client.rooms
        assert _leaving(witness, room, bob.id) == left_seq
    for client in (here, there):
        assert client.faults == []
        assert client.seqs(room)[-1] == left_seq
        assert client.seqs(room) == list(range(client.seqs(room)[0], left_seq + 1))
    assert all(seq < left_seq for seq, sender, _, _ in topology.stored(room) if sender == bob.id)
    assert witness.faults == other.faults == []


async def test_who_was_removed_while_away_is_told_nothing_of_the_room(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    reader = topology.client(bob, 0, 1)
    async with reader:
        pass
    async with topology.client(alice, 0) as writer:
        topology.ask(alice, "DELETE", f"/rooms/{room}/members/{bob.id}")
        await writer.post(room, "among ourselves")
        async with reader:
            assert room not in reader.rooms
            assert reader.changes[room] == []
            with pytest.raises(Refusal, match="not_found"):
                await reader.command("history.get", room=room, limit=10)
            with pytest.raises(Refusal, match="not_found"):
                await reader.command("changes.get", room=room, after=0, limit=10)


async def test_nothing_reaches_who_is_removed_in_the_middle_of_a_resume(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    # A room with much to replay goes first, and its reader stops reading: the resume hangs in the middle.
    long, room = topology.room(alice, bob), topology.room(alice, bob)
    async with topology.client(alice, 0) as writer:
        reader = topology.client(bob, 1)
        async with reader:
            pass
        for _ in range(50):
            await asyncio.gather(*(writer.post(long, "가" * 7_000) for _ in range(8)))
        async with topology.client(bob, 1) as keeper:
            # Keeps the room known to the process, so that the change of leaving is served from its memory.
            reader.hold()
            reader.come()
            await reader.held()
            removed = topology.ask(alice, "DELETE", f"/rooms/{room}/members/{bob.id}")
            await keeper.exits(room)
            await writer.post(room, "among ourselves")
            reader.go_on()
            marker = await writer.post(long, "and now?")
            await reader.reads(long, marker["seq"])
            last = await writer.post(room, "still among ourselves")
            marker = await writer.post(long, "and now?")
            await reader.reads(long, marker["seq"])
            await reader.leave()
    assert last["seq"] == removed["seq"] + 2
    assert all(seq <= removed["seq"] for seq in reader.seqs(room))
    assert reader.bodies(room) == []


async def test_who_is_taken_back_sees_the_room_again_from_there(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    async with topology.client(alice, 0) as writer, topology.client(bob, 1) as reader:
        for number in range(3):
            topology.ask(alice, "DELETE", f"/rooms/{room}/members/{bob.id}")
            await reader.exits(room)
            with suppress(Refusal):
                await reader.post(room, "in vain")
            topology.ask(alice, "POST", f"/rooms/{room}/members", {"user": bob.id}, web=number % 2)
            await reader.enters(room)
            posted = await writer.post(room, f"다시 왔네요 {number}")
            await reader.reads(room, posted["seq"])
            await reader.post(room, "네")
    assert [body for _, sender, _, body in topology.stored(room) if sender == bob.id] == ["네"] * 3
    assert reader.faults == []
