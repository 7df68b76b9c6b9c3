import asyncio

import pytest

from tests.flows.topology import Topology

pytestmark = pytest.mark.slow


async def test_a_client_that_was_away_sees_exactly_what_it_missed_and_then_live(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room, other = topology.room(alice, bob), topology.room(alice, bob)
    async with topology.client(alice, 0) as writer:
        # The second connection goes to the other process.
        reader = topology.client(bob, 0, 1)
        async with reader:
            first = await writer.post(room, "before")
            second = await writer.post(room, "edited meanwhile")
            third = await writer.post(room, "deleted meanwhile")
            await reader.reads(room, third["seq"])
        seen = len(reader.changes[room])
        for number in range(5):
            await writer.post(room, f"놓친 {number}")
            await writer.post(other, f"missed {number}")
        await writer.command("message.edit", message=second["id"], body="고친 글")
        await writer.command("message.delete", message=third["id"])
        await writer.command("reaction.add", message=first["id"], emoji="👍")
        last = await writer.post(room, "after the rest")
        async with reader:
            # Exactly what was missed has come by the end of the resume.
            missed = reader.changes[room][seen:]
            assert [change["seq"] for change in missed] == list(range(third["seq"] + 1, last["seq"] + 1))
            kinds = [change["type"] for change in missed]
            assert kinds == ["message.posted"] * 5 + [
                "message.edited",
                "message.deleted",
                "reaction.added",
                "message.posted",
            ]
            assert missed[5]["message"]["body"] == "고친 글"
            assert missed[6]["message"]["body"] == ""
            assert reader.bodies(other) == [f"missed {number}" for number in range(5)]
            live = await writer.post(room, "live again")
            await reader.reads(room, live["seq"])
        assert reader.connections_count == 2
        assert reader.faults == []
        assert reader.seqs(room) == list(range(first["seq"], live["seq"] + 1))


async def test_a_deleted_text_is_never_replayed(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    async with topology.client(alice, 0) as writer:
        reader = topology.client(bob, 0, 1)
        async with reader:
            pass
        secret = await writer.post(room, "a secret that slipped")
        await writer.command("message.delete", message=secret["id"])
        async with reader:
            assert [change["type"] for change in reader.changes[room]] == [
                "message.posted",
                "message.deleted",
            ]
            assert reader.bodies(room) == [""]


async def test_clients_that_come_and_go_while_others_write_miss_nothing(topology: Topology) -> None:
    alice, bob, mina = topology["alice"], topology["bob"], topology["mina"]
    room = topology.room(alice, bob, mina)
    reader, ended = topology.client(bob, 0, 1), asyncio.Event()

    async def write() -> None:
        while not ended.is_set():
            await asyncio.gather(one.post(room, "첫째"), two.post(room, "second"))

    async with topology.client(alice, 0) as one, topology.client(mina, 1) as two:
        writing = asyncio.get_running_loop().create_task(write())
        for _ in range(12):
            async with reader:
                await reader.hears(room, len(reader.bodies(room)) + 4)
        ended.set()
        await writing
        last = max(result["seq"] for result in (*one.acked.values(), *two.acked.values()))
        async with reader:
            await reader.reads(room, last)
    assert reader.faults == []
    assert reader.seqs(room) == list(range(reader.seqs(room)[0], last + 1))
    stored = {seq: body for seq, _, _, body in topology.stored(room)}
    assert reader.bodies(room) == [stored[seq] for seq in reader.seqs(room)]


async def test_a_room_joined_while_away_and_one_joined_while_here_are_both_followed(
    topology: Topology,
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    reader = topology.client(bob, 1)
    async with reader:
        pass
    away = topology.room(alice, bob)
    async with topology.client(alice, 0) as writer:
        await writer.post(away, "while away")
        async with reader:
            here = topology.room(alice, bob)
            await reader.enters(here)
            await writer.enters(here)
            last = [await writer.post(room, "both") for room in (away, here)]
            await reader.reads(away, last[0]["seq"])
            await reader.reads(here, last[1]["seq"])
    assert reader.rooms.keys() >= {away, here}
    assert reader.faults == []
