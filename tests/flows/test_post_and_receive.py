import asyncio

import pytest

from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

# With Redis up.
_SOON_S = 2.0
SAID = ["Hello, Bob", "안녕하세요, 지우예요", "**굵게** and `code`", "👩‍👩‍👧‍👦 가족", "끝 the end"]


async def test_what_is_posted_on_one_process_is_read_on_the_other_in_order(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    async with topology.client(alice, 0) as writer, topology.client(bob, 1) as reader:
        for count, body in enumerate(SAID, 1):
            await writer.post(room, body)
            await asyncio.gather(*(client.hears(room, count, _SOON_S) for client in (writer, reader)))
    assert writer.bodies(room) == reader.bodies(room) == SAID
    assert writer.changes[room] == reader.changes[room]
    assert writer.faults == reader.faults == []
    assert [body for _, _, _, body in topology.stored(room)] == SAID
    assert "<strong>굵게</strong>" in reader.changes[room][2]["message"]["html"]


async def test_an_answer_and_a_change_tell_the_same(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    async with topology.client(alice, 0) as writer:
        result = await writer.post(room, "하나")
        await writer.reads(room, result["seq"])
    change = writer.changes[room][-1]
    message = change["message"]
    assert (result["room"], result["seq"]) == (room, change["seq"])
    assert (result["id"], result["msg_no"], result["at"]) == (message["id"], message["msg_no"], message["at"])
    assert message["sender"]["handle"] == "alice"
    assert message["client_message_id"] in writer.acked


async def test_two_people_talk_over_both_processes_and_see_one_conversation(topology: Topology) -> None:
    jiwoo, mina = topology["지우"], topology["mina"]
    room = topology.room(jiwoo, mina)
    async with topology.client(jiwoo, 0) as first, topology.client(mina, 1) as second:
        for number in range(10):
            await first.post(room, f"질문 {number}")
            await second.hears(room, 2 * number + 1)
            await second.post(room, f"answer {number}")
            await first.hears(room, 2 * number + 2)
    expected = [text for number in range(10) for text in (f"질문 {number}", f"answer {number}")]
    assert first.bodies(room) == second.bodies(room) == expected


async def test_who_is_outside_hears_nothing(topology: Topology) -> None:
    alice, bob, carol = topology["alice"], topology["bob"], topology["carol"]
    room, common = topology.room(alice, bob), topology.room(alice, carol)
    async with topology.client(alice, 0) as writer, topology.client(carol, 1) as outsider:
        await writer.post(room, "not for Carol")
        await writer.post(common, "for Carol")
        await outsider.until(lambda: outsider.bodies(common) == ["for Carol"])
    assert room not in outsider.changes
    assert outsider.faults == []


async def test_typing_and_presence_reach_the_other_process(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    async with topology.client(bob, 1) as reader, topology.client(alice, 0) as writer:
        await writer.send({"type": "typing.start", "room": room})
        await reader.until(lambda: any(event["type"] == "typing" for event in reader.events))
    typing = next(event for event in reader.events if event["type"] == "typing")
    assert (typing["room"], typing["user"]) == (room, alice.id)
