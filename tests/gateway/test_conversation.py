import asyncio
from typing import Any

import pytest

from chat import database
from chat.models import Room, User, Workspace
from chat.protocol.commands import AddMember, RemoveMember
from tests.cast import Cast
from tests.database_away import answers_held, statements
from tests.gateway.acting import do, posted, seqs
from tests.make import make_room, make_user, post_command
from tests.socket_client import Client

Connect = Any


async def epoch() -> str:
    return await database.run(lambda: Workspace.objects.get().epoch)


def state_of(result: dict[str, Any], room: Room) -> dict[str, Any]:
    (found,) = [state for state in result["rooms"] if state["id"] == room.pk]
    return dict(found)


async def test_a_first_resume_is_a_snapshot(cast: Cast, connect: Connect, runtime: Any) -> None:
    await posted(runtime, cast, 3)
    socket = await connect(cast.token(cast.bob))
    result = await socket.resume()
    assert result["epoch"] == await epoch()
    assert result["reset"] == []
    assert [state["id"] for state in result["rooms"]] == [cast.room.pk]
    state = state_of(result, cast.room)
    assert state["last_seq"] == cast.room.last_seq + 3
    assert (state["last_msg_no"], state["unread"], state["role"], state["members"]) == (3, 3, "member", 5)
    assert {user["handle"] for user in result["users"]} == {"alice", "bob", "mina", "beep", "지우"}
    assert [user["status"] for user in result["users"] if user["handle"] == "bob"] == ["online"]
    assert [frame["type"] for frame in socket.seen] == ["hello", "reply", "synced"]


async def test_what_was_missed_comes_in_order_then_synced_then_live(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    missed = await posted(runtime, cast, 5)
    socket = await connect(cast.token(cast.bob))
    await socket.resume({cast.room.pk: missed[1]}, await epoch())
    live = await posted(runtime, cast, 1)
    await socket.until(lambda frame: frame.get("seq") == live[0])
    kinds = [frame["type"] for frame in socket.seen]
    assert kinds == ["hello", "reply", *["message.posted"] * 3, "synced", "message.posted"]
    assert seqs(socket, cast.room.pk) == [*missed[2:], *live]


async def test_a_cursor_without_an_epoch_is_taken_at_its_word(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    missed = await posted(runtime, cast, 2)
    socket = await connect(cast.token(cast.bob))
    assert (await socket.resume({cast.room.pk: missed[0]}))["reset"] == []
    assert seqs(socket, cast.room.pk) == missed[1:]


async def test_a_replayed_message_comes_as_it_is_now(cast: Cast, connect: Connect, runtime: Any) -> None:
    before = cast.room.last_seq
    alice = await connect(cast.token(cast.alice))
    await alice.resume()
    secret = await alice.post(cast.room.pk, "secret")
    await alice.ok("message.delete", message=secret["id"])
    socket = await connect(cast.token(cast.bob))
    await socket.resume({cast.room.pk: before})
    changes = [frame for frame in socket.seen if "seq" in frame]
    assert [change["type"] for change in changes] == ["message.posted", "message.deleted"]
    assert [change["message"]["body"] for change in changes] == ["", ""]


async def test_another_epoch_is_a_reset(cast: Cast, connect: Connect, runtime: Any) -> None:
    missed = await posted(runtime, cast, 2)
    socket = await connect(cast.token(cast.bob))
    result = await socket.resume({cast.room.pk: missed[0], cast.plaza.pk: 1}, "another")
    assert result["reset"] == [cast.room.pk]
    assert seqs(socket, cast.room.pk) == []


async def test_a_cursor_beyond_the_log_is_a_reset(cast: Cast, connect: Connect, runtime: Any) -> None:
    socket = await connect(cast.token(cast.bob))
    result = await socket.resume({cast.room.pk: cast.room.last_seq + 1}, await epoch())
    assert result["reset"] == [cast.room.pk]
    # From the snapshot on, it is followed like any other.
    live = await posted(runtime, cast, 1)
    await socket.until("message.posted")
    assert seqs(socket, cast.room.pk) == live


async def test_too_far_behind_is_a_reset(cast: Cast, connect: Connect, runtime: Any, configure: Any) -> None:
    configure(RESUME_MAX_CHANGES=4)
    missed = await posted(runtime, cast, 6)
    for socket, cursor, expected in (
        (await connect(cast.token(cast.bob)), missed[0], [cast.room.pk]),
        (await connect(cast.token(cast.bob)), missed[1], []),
    ):
        assert (await socket.resume({cast.room.pk: cursor}))["reset"] == expected
        assert seqs(socket, cast.room.pk) == ([] if expected else missed[2:])


async def test_rooms_that_are_missing_or_hidden_are_left_out_alike(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.carol))
    result = await socket.resume({cast.room.pk: 1, 10**9: 1, cast.plaza.pk: 0}, await epoch())
    assert (result["rooms"], result["reset"]) == ([], [])
    assert [frame["type"] for frame in socket.seen] == ["hello", "reply", "synced"]


async def test_five_hundred_cursors_are_taken_and_one_more_is_too_many(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob))
    cursors = {str(room): 0 for room in range(1, 502)}
    assert await socket.refused("resume", epoch=None, rooms=cursors) == "too_many"
    cursors.popitem()
    await socket.ok("resume", epoch=None, rooms=cursors)


async def test_five_hundred_rooms_are_replayed_at_once(cast: Cast, connect: Connect) -> None:
    def make() -> list[int]:
        rooms = Room.objects.bulk_create([Room(name=str(n), slug=f"r{n}", last_seq=1) for n in range(499)])
        for number, room in enumerate(rooms):
            room.memberships.create(user=cast.bob)
            room.changes.create(seq=1, kind="room.changed", at=cast.room.created_at, actor=cast.bob)
            assert number < 500
        return [room.pk for room in rooms]

    rooms = await database.run(make)
    socket = await connect(cast.token(cast.bob))
    await socket.resume({cast.room.pk: cast.room.last_seq - 1} | dict.fromkeys(rooms, 0))
    assert sorted({frame["room"] for frame in socket.seen if "seq" in frame}) == sorted(
        [cast.room.pk, *rooms]
    )


async def test_a_bad_cursor_is_refused_and_may_be_put_right(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob))
    assert await socket.refused("resume", epoch=None, rooms={"x": 1}) == "bad_frame"
    assert await socket.refused("resume", epoch=None, rooms={"1": -1}) == "bad_frame"
    await socket.resume()


async def test_resuming_twice_is_a_conflict(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob))
    await socket.resume()
    assert await socket.refused("resume", epoch=None, rooms={}) == "conflict"
    other = await connect(cast.token(cast.bob))
    await other.send({"type": "resume", "ref": 1, "rooms": {}})
    await other.send({"type": "resume", "ref": 2, "rooms": {}})
    replies = [await other.until("reply"), await other.until("reply")]
    assert sorted((reply["ref"], reply["ok"]) for reply in replies) == [(1, True), (2, False)]


async def test_what_others_post_during_the_resume_is_neither_lost_nor_doubled(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    # From the first one on it would be too far behind on a slow machine, and rightly told to read anew.
    newest = (await posted(runtime, cast, 1))[0]
    done = asyncio.Event()

    async def keep_posting() -> None:
        nonlocal newest
        number = 0
        while not done.is_set():
            five = (do(runtime, cast.alice, post_command(cast.room, f"{number} {turn}")) for turn in range(5))
            newest = max(result["seq"] for result in await asyncio.gather(*five))
            number += 1

    async def come() -> tuple[Client, int]:
        socket: Client = await connect(cast.token(cast.bob))
        start = newest
        await socket.resume({cast.room.pk: start})
        return socket, start

    posting = asyncio.ensure_future(keep_posting())
    try:
        clients = [client for _ in range(4) for client in await asyncio.gather(*(come() for _ in range(4)))]
    finally:
        done.set()
        await posting
    last = (await posted(runtime, cast, 1))[0]
    for client, start in clients:
        await client.until(lambda frame: frame.get("seq") == last)
        assert seqs(client, cast.room.pk) == list(range(start + 1, last + 1))


# The last statement of the snapshot that a resume reads.
READ = "LIMIT 2000"
# Who is in no room knows nobody: there the people are not asked for.
ROOMS = 'FROM "chat_membership"'
LOG = 'FROM "chat_change"'


async def test_what_is_posted_between_reading_and_following_arrives(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    bob = await connect(cast.token(cast.bob))
    async with answers_held(READ) as (read,):
        resuming = asyncio.ensure_future(bob.resume())
        await read.reached()
        live = await posted(runtime, cast, 2)
        read.go_on()
        await resuming
    await bob.ask("ping")
    assert seqs(bob, cast.room.pk) == live


async def test_who_comes_while_the_answered_resume_is_still_catching_up_is_told(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    bob = await connect(cast.token(cast.bob))
    async with answers_held(READ, LOG) as (read, log):
        resuming = asyncio.ensure_future(bob.resume())
        await read.reached()
        live = await posted(runtime, cast, 1)
        read.go_on()
        await log.reached()
        await connect(cast.token(cast.mina))
        log.go_on()
        users = {user["id"]: user["status"] for user in (await resuming)["users"]}
    assert users[cast.mina.pk] == "offline"
    came = {"type": "presence", "user": cast.mina.pk, "status": "online"}
    if came not in bob.seen:
        await bob.until(lambda frame: frame == came)
    assert seqs(bob, cast.room.pk) == live


async def test_a_room_joined_in_the_middle_of_a_resume_misses_nothing(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    carol = await connect(cast.token(cast.carol))
    async with answers_held(ROOMS) as (read,):
        resuming = asyncio.ensure_future(carol.resume())
        await read.reached()
        await do(runtime, cast.alice, AddMember(room=cast.room.pk, user=cast.carol.pk))
        read.go_on()
        assert (await resuming)["rooms"] == []
    live = await posted(runtime, cast, 2)
    opened = (await carol.until("room.opened"))["room"]
    if opened["last_seq"] < live[-1]:
        await carol.until(lambda frame: frame.get("seq") == live[-1])
    assert seqs(carol, cast.room.pk) == list(range(opened["last_seq"] + 1, live[-1] + 1))


async def test_a_resume_costs_two_visits_and_none_more_for_rooms_that_are_heard(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    alice = await connect(cast.token(cast.alice))
    await alice.resume()
    bob = await connect(cast.token(cast.bob))
    known = await epoch()
    async with statements() as asked:
        await bob.resume({cast.room.pk: cast.room.last_seq}, known)
    # The rooms, and the people in them.
    assert len(asked) == 2, asked


async def test_rooms_that_nobody_here_has_open_cost_one_visit_more(cast: Cast, connect: Connect) -> None:
    bob = await connect(cast.token(cast.bob))
    known = await epoch()
    async with statements() as asked:
        await bob.resume({cast.room.pk: cast.room.last_seq}, known)
    assert len(asked) == 3, asked


async def test_who_is_removed_in_the_middle_of_a_resume_reads_nothing_more(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    bob = await connect(cast.token(cast.bob))
    async with answers_held(READ) as (read,):
        resuming = asyncio.ensure_future(bob.resume())
        await read.reached()
        await do(runtime, cast.alice, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
        await posted(runtime, cast, 1)
        read.go_on()
        await resuming
    await bob.ask("ping")
    kinds = [frame["type"] for frame in bob.seen]
    assert kinds == ["hello", "reply", "member.left", "room.closed", "synced", "pong"]
    assert runtime.hub.followers(cast.room.pk) == 0


async def test_a_reader_who_has_been_away_for_more_than_the_hub_remembers_misses_nothing(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    mina = await connect(cast.token(cast.mina))
    await mina.resume()
    missed = await posted(runtime, cast, 150)
    bob = await connect(cast.token(cast.bob))
    await bob.resume({cast.room.pk: missed[0]})
    assert seqs(bob, cast.room.pk) == missed[1:]


async def test_a_guest_hears_of_the_people_of_the_own_rooms_only(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    def make() -> tuple[str, int]:
        from tests.cast import token_of

        guest = make_user("gast", role=User.Role.GUEST)
        room = make_room(cast.alice, guest, cast.bob, name="Guests", kind="closed")
        return token_of(guest), room.pk

    token, _ = await database.run(make)
    guest = await connect(token)
    result = await guest.resume()
    assert {user["handle"] for user in result["users"]} == {"alice", "bob", "gast"}
    for user in (cast.carol, cast.bob):
        other = await connect(cast.token(user))
        await other.resume()
    presence = await guest.until("presence")
    assert presence["user"] == cast.bob.pk
    assert [frame["user"] for frame in guest.seen if frame["type"] == "presence"] == [cast.bob.pk]


@pytest.mark.parametrize("body", ["x" * 7_900])
async def test_a_replay_larger_than_the_queue_goes_out_as_fast_as_it_is_read(
    cast: Cast, connect: Connect, runtime: Any, body: str
) -> None:
    start = (await posted(runtime, cast, 1))[0]
    for number in range(80):
        await do(runtime, cast.alice, post_command(cast.room, f"{number} {body}"))
    last = start + 80
    bob = await connect(cast.token(cast.bob))
    await bob.resume({cast.room.pk: start})
    assert seqs(bob, cast.room.pk) == list(range(start + 1, last + 1))
