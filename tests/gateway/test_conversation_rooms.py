import asyncio
import json
from typing import Any

from chat import database
from chat.gateway.conversation import Conversation
from chat.models import Room, Workspace
from chat.protocol.commands import AddMember, DeleteRoom, RemoveMember, Resume, UpdateRoom
from chat.queries import sign_in
from tests.cast import Cast, make_room
from tests.gateway.acting import do, posted, seqs
from tests.gateway.reading import Wire
from tests.make import post_command
from tests.socket_client import Client

Connect = Any


async def epoch() -> str:
    return await database.run(lambda: Workspace.objects.get().epoch)


def state_of(result: dict[str, Any], room: Room) -> dict[str, Any]:
    (found,) = [state for state in result["rooms"] if state["id"] == room.pk]
    return dict(found)


def reaches(frame: dict[str, Any], seq: int) -> bool:
    """Tell whether a client has a change by a frame: live, or in the room that was opened to it then."""
    opened = frame.get("room") if frame.get("type") == "room.opened" else None
    return frame.get("seq") == seq or (isinstance(opened, dict) and opened["last_seq"] >= seq)


async def test_who_is_added_gets_the_room_and_what_comes_after(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    await posted(runtime, cast, 2)
    carol = await connect(cast.token(cast.carol))
    await carol.resume()
    added = await do(runtime, cast.alice, AddMember(room=cast.room.pk, user=cast.carol.pk))
    opened = await carol.until("room.opened")
    assert opened["room"]["id"] == cast.room.pk
    assert opened["room"]["last_seq"] == added["seq"]
    assert (opened["room"]["unread"], opened["room"]["role"]) == (0, "member")
    assert "alice" in {user["handle"] for user in opened["users"]}
    live = await posted(runtime, cast, 1)
    await carol.until("message.posted")
    assert seqs(carol, cast.room.pk) == live


async def test_a_room_joined_while_resuming_is_opened_or_in_the_snapshot(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    carol = await connect(cast.token(cast.carol))
    resuming = asyncio.ensure_future(carol.resume())
    await asyncio.sleep(0)
    await do(runtime, cast.alice, AddMember(room=cast.room.pk, user=cast.carol.pk))
    await resuming
    live = await posted(runtime, cast, 1)
    await carol.until(lambda frame: reaches(frame, live[0]))


async def test_who_was_put_out_and_in_again_during_the_resume_is_told_that_the_room_is_open(
    cast: Cast, runtime: Any
) -> None:
    other = await database.run(make_room, cast.alice, cast.bob, name="Other")
    cursor = (await posted(runtime, cast, 1, other))[0]
    for _ in range(60):
        await do(runtime, cast.alice, post_command(other, "x" * 8_000))
    conversation = Conversation(runtime, sign_in.of_user(cast.bob, "epoch"))
    wire = Wire()
    wire.open.clear()
    conversation.open(None, wire.send, wire.close)
    runtime.hub.connect(conversation)
    resuming = asyncio.ensure_future(
        conversation.resume(1, Resume(epoch=await epoch(), rooms={str(other.pk): cursor}))
    )
    # It follows the first room and is given what it missed of the other as fast as it reads.
    while not runtime.hub.followers(cast.room.pk):
        await database.run(lambda: None)
    # A big busy room tells of the leaving later than of the coming.
    walk = runtime.hub._tracks[cast.room.pk].walk
    walk.rests_until = asyncio.get_running_loop().time() + 60
    await do(runtime, cast.alice, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    added = await do(runtime, cast.alice, AddMember(room=cast.room.pk, user=cast.bob.pk))
    assert not resuming.done()
    wire.open.set()
    await resuming
    walk.finish()
    await wire.until(lambda: any(frame.get("type") == "room.opened" for frame in wire.objects()))
    kinds = [frame.get("type") for frame in wire.objects()]
    assert kinds.index("synced") < kinds.index("room.closed") < kinds.index("room.opened")
    assert wire.objects()[kinds.index("room.opened")]["room"]["last_seq"] == added["seq"]
    conversation.ended()
    runtime.hub.disconnect(conversation, conversation.rooms)


async def test_who_is_removed_hears_that_and_nothing_more(cast: Cast, connect: Connect, runtime: Any) -> None:
    bob, mina = await connect(cast.token(cast.bob)), await connect(cast.token(cast.mina))
    await bob.resume()
    await mina.resume()
    await do(runtime, cast.alice, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    left = await bob.until("member.left")
    assert (left["user"]["handle"], left["by"], left["members"]) == ("bob", cast.alice.pk, 4)
    assert await bob.until("room.closed") == {"type": "room.closed", "room": cast.room.pk}
    await posted(runtime, cast, 1)
    await mina.until("message.posted")
    await mina.send({"type": "typing.start", "room": cast.room.pk})
    assert await bob.refused("history.get", room=cast.room.pk) == "not_found"
    assert [frame["type"] for frame in bob.seen][-3:] == ["member.left", "room.closed", "reply"]


async def test_who_comes_back_gets_the_room_again(cast: Cast, connect: Connect, runtime: Any) -> None:
    bob = await connect(cast.token(cast.bob))
    await bob.resume()
    await do(runtime, cast.alice, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    await bob.until("room.closed")
    await posted(runtime, cast, 1)
    await do(runtime, cast.alice, AddMember(room=cast.room.pk, user=cast.bob.pk))
    opened = await bob.until("room.opened")
    live = await posted(runtime, cast, 1)
    await bob.until(lambda frame: frame.get("seq") == live[0])
    assert seqs(bob, cast.room.pk)[-1] == opened["room"]["last_seq"] + 1


async def test_coming_and_going_at_any_moment_leaks_nothing(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    room = cast.room.pk
    start = (await posted(runtime, cast, 1))[0]
    done = asyncio.Event()

    async def come_and_go() -> None:
        while not done.is_set():
            await do(runtime, cast.alice, RemoveMember(room=room, user=cast.bob.pk))
            await do(runtime, cast.alice, post_command(cast.room, "secret"))
            await do(runtime, cast.alice, AddMember(room=room, user=cast.bob.pk))
            await do(runtime, cast.alice, post_command(cast.room, "open"))

    moving = asyncio.ensure_future(come_and_go())
    clients: list[Client] = []
    try:
        for _ in range(6):
            clients.append(await connect(cast.token(cast.bob)))
            await clients[-1].resume({room: start})
    finally:
        done.set()
        await moving
    end = (await do(runtime, cast.alice, post_command(cast.room, "end")))["seq"]
    for client in clients:
        await client.until(lambda frame: reaches(frame, end))
        live = client.seen[[frame["type"] for frame in client.seen].index("synced") :]
        assert "secret" not in [
            frame["message"]["body"] for frame in live if frame["type"] == "message.posted"
        ]
        expected: int | None = None
        is_in = True
        for frame in live:
            if frame["type"] == "room.opened":
                is_in, expected = True, frame["room"]["last_seq"] + 1
            elif frame["type"] == "room.closed":
                is_in = False
            elif frame.get("room") == room and "seq" in frame:
                assert is_in
                assert expected in (None, frame["seq"])
                expected = frame["seq"] + 1


async def test_a_slow_reader_who_comes_goes_and_comes_again_gets_each_change_once(
    cast: Cast, runtime: Any
) -> None:
    signed = sign_in.of_user(cast.bob, "epoch")
    wire, conversation = Wire(), Conversation(runtime, signed)
    conversation.open(None, wire.send, wire.close)
    runtime.hub.connect(conversation)
    await conversation.resume(1, Resume())
    await wire.until(lambda: wire.objects()[-1:] == [{"type": "synced"}])
    wire.open.clear()
    await conversation.answer(b'{"large":"' + b"x" * 200_000 + b'"}')
    for _ in range(2):
        await do(runtime, cast.alice, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
        await do(runtime, cast.alice, AddMember(room=cast.room.pk, user=cast.bob.pk))
    # As long as it does not read, both times to take the room up wait.
    await database.run(lambda: None)
    await posted(runtime, cast, 2)
    wire.open.set()
    last = (await posted(runtime, cast, 1))[0]
    await wire.until(lambda: any(reaches(frame, last) for frame in wire.objects()))
    expected = None
    for frame in wire.objects()[3:]:
        if frame.get("type") == "room.opened":
            expected = frame["room"]["last_seq"] + 1
        elif "seq" in frame:
            assert expected in (None, frame["seq"])
            expected = frame["seq"] + 1
    conversation.ended()
    runtime.hub.disconnect(conversation, conversation.rooms)


async def test_what_was_said_while_a_reader_was_out_does_not_come_out_of_the_log(
    cast: Cast, runtime: Any
) -> None:
    wire, conversation = Wire(), Conversation(runtime, sign_in.of_user(cast.bob, "epoch"))
    conversation.open(None, wire.send, wire.close)
    runtime.hub.connect(conversation)
    await conversation.resume(1, Resume())
    await wire.until(lambda: wire.objects()[-1:] == [{"type": "synced"}])
    wire.open.clear()
    await conversation.answer(b'{"large":"' + b"x" * 200_000 + b'"}')
    holds = (await posted(runtime, cast, 1))[0]
    # It does not take more of this room, and what follows is too long ago when it reads again.
    runtime.hub.unfollow(conversation, cast.room.pk)
    reading_on = asyncio.ensure_future(conversation.fell_behind(cast.room.pk, holds))
    await do(runtime, cast.alice, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    await do(runtime, cast.alice, post_command(cast.room, "secret"))
    added = await do(runtime, cast.alice, AddMember(room=cast.room.pk, user=cast.bob.pk))
    await posted(runtime, cast, 70)
    wire.open.set()
    await reading_on
    last = (await posted(runtime, cast, 1))[0]
    await wire.until(lambda: any(reaches(frame, last) for frame in wire.objects()))
    assert "secret" not in json.dumps(wire.objects())
    kinds = [frame["type"] for frame in wire.objects() if "type" in frame]
    assert kinds.index("member.left") < kinds.index("room.closed") < kinds.index("room.opened")
    opened = next(frame for frame in wire.objects() if frame.get("type") == "room.opened")["room"]["last_seq"]
    assert opened >= added["seq"]
    later = [frame["seq"] for frame in wire.objects()[kinds.index("room.opened") :] if "seq" in frame]
    assert [seq for seq in later if seq > opened] == list(range(opened + 1, last + 1))
    conversation.ended()
    runtime.hub.disconnect(conversation, conversation.rooms)


async def test_when_a_room_ends_everybody_is_out(cast: Cast, connect: Connect, runtime: Any) -> None:
    bob = await connect(cast.token(cast.bob))
    await bob.resume()
    await do(runtime, cast.alice, DeleteRoom(room=cast.room.pk))
    changed = await bob.until("room.changed")
    assert changed["fields"]["deleted"] is True
    await bob.until("room.closed")
    assert await bob.refused("history.get", room=cast.room.pk) == "not_found"


async def test_a_renamed_room_is_a_change(cast: Cast, connect: Connect, runtime: Any) -> None:
    bob = await connect(cast.token(cast.bob))
    await bob.resume()
    await do(runtime, cast.alice, UpdateRoom(room=cast.room.pk, name="New", topic="About"))
    changed = await bob.until("room.changed")
    assert (changed["fields"]["name"], changed["fields"]["topic"], changed["by"]) == (
        "New",
        "About",
        cast.alice.pk,
    )
