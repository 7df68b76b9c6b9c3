import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from chat import database
from chat.actions.state import Request
from chat.live.envelope import UserChanged
from chat.models import Membership, Token, User
from chat.pipeline.execute import execute
from chat.protocol.commands import RemoveMember
from tests.cast import Cast, token_of
from tests.database_away import database_away, statements
from tests.gateway.acting import posted
from tests.gateway.test_revocation import session_of
from tests.socket_client import Socket

Connect = Any
PAGE = {"origin": "http://localhost:8000"}


async def opened(connect: Connect, *args: Any, **headers: str) -> Socket:
    socket: Socket = await connect(*args, **headers)
    await socket.resume()
    return socket


async def page_of(connect: Connect, key: str) -> Socket:
    return await opened(connect, cookie=f"sessionid={key}", **PAGE)


async def lives(*sockets: Socket) -> None:
    for socket in sockets:
        assert (await socket.ask("ping"))["type"] == "pong"


async def quietly(change: Any) -> None:
    """Change the database and tell nobody, as if the word of it were lost."""
    await database.run(change)


async def test_a_session_that_has_ended_without_a_word_ends_its_sockets(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    ended, expired, spared = [await database.run(session_of, cast.bob) for _ in range(3)]
    sockets = [await page_of(connect, key) for key in (ended, expired, spared)]
    program = await opened(connect, cast.token(cast.bob))
    await runtime.rounds.check()
    await lives(*sockets, program)

    def end() -> None:
        past = timezone.now() - timedelta(seconds=1)
        Session.objects.filter(session_key=ended).delete()
        Session.objects.filter(session_key=expired).update(expire_date=past)

    await quietly(end)
    await runtime.rounds.check()
    assert [await socket.closed() for socket in sockets[:2]] == [4501, 4501]
    await lives(sockets[2], program)


async def test_another_password_ends_the_sessions_and_leaves_the_programs(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    page = await page_of(connect, await database.run(session_of, cast.bob))
    other = await page_of(connect, await database.run(session_of, cast.alice))
    program = await opened(connect, cast.token(cast.bob))
    await quietly(lambda: User.objects.filter(pk=cast.bob.pk).update(password="another"))
    await runtime.rounds.check()
    assert await page.closed() == 4501
    await lives(other, program)


async def test_a_token_that_was_revoked_without_a_word_ends_its_sockets(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    token = await database.run(token_of, cast.bob)
    doomed, spared = await opened(connect, token), await opened(connect, cast.token(cast.bob))
    digest = Token.digest_of(token)
    await quietly(lambda: Token.objects.filter(digest=digest).update(revoked_at=timezone.now()))
    await runtime.rounds.check()
    assert await doomed.closed() == 4501
    await lives(spared)


async def test_a_disabled_account_is_told_so(cast: Cast, connect: Connect, runtime: Any) -> None:
    page = await page_of(connect, await database.run(session_of, cast.bob))
    program = await opened(connect, cast.token(cast.bob))
    simple = await connect(cast.token(cast.bob), "/ws/chat/")
    # It is inside when it was greeted.
    assert (await simple.next())["message"] == "연결 성공"
    other = await opened(connect, cast.token(cast.alice))

    def disable() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE chat_user SET is_active = false WHERE id = %s", [cast.bob.pk])

    await quietly(disable)
    await runtime.rounds.check()
    assert [await socket.closed() for socket in (page, program, simple)] == [4502] * 3
    await lives(other)


async def test_all_sockets_cost_three_queries_however_many(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    key = await database.run(session_of, cast.bob)
    for number in range(3):
        await page_of(connect, key)
        await opened(connect, cast.token([cast.alice, cast.carol, cast.mina][number]))
    async with statements() as asked:
        await runtime.rounds.check()
    assert len(asked) == 3, asked


async def test_nobody_is_sent_away_because_the_database_does_not_answer(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    bob = await opened(connect, cast.token(cast.bob))
    async with database_away():
        await runtime.rounds.check()
        await lives(bob)


@pytest.fixture
def often(configure: Any) -> None:
    configure(RECHECK_S=0.05)


async def test_the_rounds_are_made_by_themselves(
    often: None, cast: Cast, connect: Connect, runtime: Any
) -> None:
    key = await database.run(session_of, cast.bob)
    page = await page_of(connect, key)
    await quietly(lambda: Session.objects.filter(session_key=key).delete())
    assert await page.closed() == 4501


async def test_a_round_that_fails_is_not_the_last(
    often: None, cast: Cast, connect: Connect, runtime: Any
) -> None:
    key = await database.run(session_of, cast.bob)
    page = await page_of(connect, key)
    async with database_away() as away:
        async with asyncio.timeout(10):
            await away.was_asked.wait()
        away.is_on = False
        await quietly(lambda: Session.objects.filter(session_key=key).delete())
    assert await page.closed() == 4501


async def test_an_account_of_which_something_was_changed_is_looked_at_at_once(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    page = await page_of(connect, await database.run(session_of, cast.bob))
    program = await opened(connect, cast.token(cast.bob))
    await quietly(lambda: User.objects.filter(pk=cast.bob.pk).update(password="another"))
    runtime.hub.publish([UserChanged(cast.bob.pk)])
    assert await page.closed() == 4501
    await lives(program)


async def test_a_socket_moves_to_another_process_when_it_is_old(
    configure: Any, cast: Cast, connect: Connect, runtime: Any
) -> None:
    configure(MAX_AGE_S=1_000.0)
    bob, alice = [await opened(connect, cast.token(user)) for user in (cast.bob, cast.alice)]
    simple = await connect(cast.token(cast.bob), "/ws/chat/")
    now = asyncio.get_running_loop().time()
    (of_bob,) = [one for one in runtime.hub.connections_of(cast.bob.pk) if hasattr(one, "resume")]
    for age_s in (0, 899):
        of_bob.look_after(now + age_s)
        await lives(bob)
    # In between each at a time of its own.
    of_bob.look_after(now + 1_101)
    bye = await bob.until("bye")
    assert 0 <= bye["in_ms"] < 10_000
    assert await bob.closed() == 4100
    for one in runtime.hub.connections_of(cast.bob.pk) - {of_bob}:
        one.look_after(now + 1_101)
    assert await simple.closed() == 4100
    assert "bye" not in {frame.get("type") for frame in simple.seen}
    await lives(alice)


async def test_who_does_not_resume_loses_the_place(cast: Cast, connect: Connect, runtime: Any) -> None:
    idle, bob = await connect(cast.token(cast.bob)), await opened(connect, cast.token(cast.bob))
    # Frames alone do not help.
    await idle.ask("ping")
    await runtime.rounds.look()
    await lives(idle)
    for one in runtime.hub.connections_of(cast.bob.pk):
        one.look_after(asyncio.get_running_loop().time() + 61.0)
    assert await idle.closed() == 4100
    await lives(bob)


async def test_who_is_removed_without_a_word_hears_nothing_more(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    bob, alice = await opened(connect, cast.token(cast.bob)), await opened(connect, cast.token(cast.alice))
    runtime.hub.layer.is_degraded = True
    # By another process whose envelope is lost: it is in the log and nowhere else.
    request = Request(cast.alice.pk, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    await database.run_in(database.writer_pool(), lambda: execute([request]))
    runtime.hub.layer.on_link_changed()
    assert not await database.run(
        lambda: Membership.objects.filter(room=cast.room, user=cast.bob, left_seq=None).exists()
    )
    await bob.until("room.closed")
    assert [frame["type"] for frame in bob.seen][-2:] == ["member.left", "room.closed"]
    seq = (await posted(runtime, cast, 1))[0]
    await alice.until(lambda frame: frame.get("seq") == seq)
    await lives(bob)
    assert seq not in [frame.get("seq") for frame in bob.seen]


async def test_open_sockets_are_told_what_is_down_and_when_it_is_back(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    bob, newcomer = await opened(connect, cast.token(cast.bob)), await connect(cast.token(cast.alice))
    simple = await connect(cast.token(cast.bob), "/ws/chat/")
    runtime.hub.layer.is_degraded = True
    runtime.rounds.tell()
    runtime.rounds.tell()
    runtime.hub.layer.is_degraded = False
    runtime.rounds.tell()
    for socket in (bob, newcomer):
        assert (await socket.until("degraded"))["parts"] == ["redis"]
        assert (await socket.until("degraded"))["parts"] == []
        await lives(socket)
        assert [frame["type"] for frame in socket.seen].count("degraded") == 2
    await simple.send({"message": "hi"})
    await simple.until(lambda frame: frame.get("message") == "hi")
    assert "degraded" not in {frame.get("type") for frame in simple.seen}
