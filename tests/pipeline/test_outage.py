import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from django.db import OperationalError, connection, connections

from chat import database, database_link
from chat.actions.state import Request
from chat.live import hub as hub_module
from chat.models import Message, Room
from chat.pipeline import committer as committer_module
from chat.pipeline.committer import Committer
from chat.pipeline.execute import execute
from chat.protocol.commands import PostMessage
from chat.protocol.errors import ErrorCode, Refused
from tests.cast import Cast
from tests.database_away import answers_held, database_away, frozen
from tests.live.clock import Clock
from tests.live.reader import Reader
from tests.make import post_command
from tests.pipeline.threads import is_postgres, leave

_BOUND_S = 10.0


@pytest_asyncio.fixture
async def committer(runtime: Any) -> AsyncIterator[Committer]:
    yield runtime.committer


async def code_of(future: "asyncio.Future[dict[str, Any]]") -> ErrorCode:
    async with asyncio.timeout(_BOUND_S):
        with pytest.raises(Refused) as caught:
            await future
    assert caught.value.after_ms
    return caught.value.code


def refused_at_once(committer: Committer, actor: int, command: PostMessage) -> ErrorCode:
    with pytest.raises(Refused) as caught:
        committer.submit(actor, command)
    assert caught.value.after_ms
    return caught.value.code


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(_BOUND_S):
        while not holds():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


async def count(cast: Cast, body: str) -> int:
    return await database.run(Message.objects.filter(room=cast.room, body=body).count)


# --- a database that is gone -------------------------------------------------------------------------------


async def test_after_three_failures_nobody_waits_for_the_database(cast: Cast, committer: Committer) -> None:
    async with database_away("chat_room"):
        for _ in range(3):
            future = committer.submit(cast.bob.pk, post_command(cast.room, "a"))
            assert await code_of(future) is ErrorCode.UNAVAILABLE
        assert database.is_away()
        assert refused_at_once(committer, cast.bob.pk, post_command(cast.room, "b")) is ErrorCode.UNAVAILABLE


async def test_one_a_second_is_let_through_and_a_success_lets_all_through(
    cast: Cast, committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database_away("chat_room") as away:
        for _ in range(3):
            await code_of(committer.submit(cast.bob.pk, post_command(cast.room, "a")))
        now = time.monotonic() + 1.1
        monkeypatch.setattr(time, "monotonic", lambda: now)
        probe = committer.submit(cast.bob.pk, post_command(cast.room, "b"))
        refused_at_once(committer, cast.bob.pk, post_command(cast.room, "c"))
        assert await code_of(probe) is ErrorCode.UNAVAILABLE
        away.is_on = False
        now += 1.1
        stored = await committer.submit(cast.bob.pk, post_command(cast.room, "d"))
        assert not database.is_away()
        await committer.submit(cast.bob.pk, post_command(cast.room, "e"))
    assert stored["msg_no"] == 1


async def test_when_reading_is_back_writing_is_tried_at_once(
    cast: Cast, committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database_away() as away:
        for _ in range(3):
            await code_of(committer.submit(cast.bob.pk, post_command(cast.room, "a")))
            with pytest.raises(OperationalError):
                await database.run(Room.objects.count)
        now = time.monotonic() + 1.1
        monkeypatch.setattr(time, "monotonic", lambda: now)
        # This second's one is used up.
        assert (
            await code_of(committer.submit(cast.bob.pk, post_command(cast.room, "b")))
            is ErrorCode.UNAVAILABLE
        )
        away.is_on = False
        assert refused_at_once(committer, cast.bob.pk, post_command(cast.room, "c")) is ErrorCode.UNAVAILABLE
        await database.run(Room.objects.count)
        assert not database.is_away()
        assert (await committer.submit(cast.bob.pk, post_command(cast.room, "d")))["msg_no"] == 1


async def test_a_command_that_is_wrong_says_nothing_about_the_database(
    cast: Cast, committer: Committer
) -> None:
    for _ in range(5):
        with pytest.raises(Refused) as caught:
            await committer.submit(cast.carol.pk, post_command(cast.room, "x"))
        assert caught.value.code is ErrorCode.NOT_FOUND
    assert not database.is_away()


async def test_who_waits_behind_a_failure_is_answered_with_it(cast: Cast, committer: Committer) -> None:
    async with database_away("chat_room"), frozen("SAVEPOINT nothing"):
        futures = [committer.submit(cast.bob.pk, post_command(cast.room, "a"))]
        await asyncio.sleep(0)
        futures += [committer.submit(cast.bob.pk, post_command(cast.room, "b")) for _ in range(9)]
        codes = await asyncio.gather(*(code_of(future) for future in futures))
    assert set(codes) == {ErrorCode.UNAVAILABLE}


async def test_each_of_those_refused_is_told_a_time_of_its_own(cast: Cast, committer: Committer) -> None:
    def refused_together(count: int) -> list[int]:
        found = []
        for _ in range(count):
            with pytest.raises(Refused) as caught:
                committer.submit(cast.bob.pk, post_command(cast.room, "a"))
            found.append(caught.value.after_ms or 0)
        return found

    async with database_away("chat_room"):
        futures = [committer.submit(cast.bob.pk, post_command(cast.room, "a")) for _ in range(20)]
        found = await asyncio.gather(*futures, return_exceptions=True)
        first = [refused.after_ms or 0 for refused in found if isinstance(refused, Refused)]
        for _ in range(2):
            await code_of(committer.submit(cast.bob.pk, post_command(cast.room, "a")))
        later = refused_together(20)
    # One failure may be a connection that was lost; three are an outage.
    assert all(500 <= after <= 3_000 for after in first)
    assert all(2_000 <= after <= 10_000 for after in later)
    assert len(set(first)) > 10
    assert len(set(later)) > 10


async def test_reads_are_refused_at_once_while_the_database_is_away(cast: Cast, runtime: Any) -> None:
    async with database_away() as away:
        for _ in range(3):
            with pytest.raises(OperationalError):
                await count(cast, "a")
        away.was_asked.clear()
        with pytest.raises(database.Away):
            await count(cast, "a")
        await asyncio.sleep(0)
        assert not away.was_asked.is_set()
        assert runtime.degraded() == ["db"]


async def test_the_hub_finds_out_that_the_database_is_back(
    cast: Cast, runtime: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "_RECONCILE_DEGRADED_S", 0.05)
    reader = Reader(cast.bob.pk)
    await runtime.hub.watch([cast.room.pk])
    runtime.hub.follow(reader, cast.room.pk, 0)
    async with database_away() as away:
        for _ in range(3):
            with pytest.raises(OperationalError):
                await count(cast, "a")
        runtime.hub._wake_reconciler.set()
        away.is_on = False
        await until(lambda: not database.is_away())


# --- a database that has stopped without a word ------------------------------------------------------------------


async def test_a_send_into_a_frozen_database_is_answered_in_time_and_stored_once(
    cast: Cast, committer: Committer, runtime: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer_module, "_BATCH_S", 0.5)
    reader = Reader(cast.alice.pk)
    await runtime.hub.watch([cast.room.pk])
    runtime.hub.follow(reader, cast.room.pk, 0)
    command = post_command(cast.room, "frozen")
    async with frozen('INSERT INTO "chat_change"') as held:
        future = committer.submit(cast.bob.pk, command)
        await held.reached()
        behind = committer.submit(cast.bob.pk, post_command(cast.room, "behind"))
        # The answer to what has begun, and to what has not.
        assert await code_of(future) is ErrorCode.UNKNOWN_OUTCOME
        assert await code_of(behind) is ErrorCode.UNAVAILABLE
        if not is_postgres():
            refused_at_once(committer, cast.bob.pk, post_command(cast.room, "c"))
        held.go_on()
    await until(lambda: not committer._is_stuck)
    result = await committer.submit(cast.bob.pk, command)
    again = await committer.submit(cast.bob.pk, command)
    assert result == again
    assert await count(cast, "frozen") == 1
    assert await count(cast, "behind") == 0
    await until(lambda: result["seq"] in reader.seqs())
    assert [frame["message"]["body"] for frame in reader.frames if frame["type"] == "message.posted"] == [
        "frozen"
    ]


async def test_frozen_reads_end_and_give_their_threads_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, configure: Any
) -> None:
    configure(DB_THREADS=2)
    monkeypatch.setattr(database, "_READ_S", 0.3)
    monkeypatch.setattr(database, "_WAIT_S", 0.3)

    held = threading.Event()

    def sleep_long() -> None:
        if is_postgres():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(30)")
        else:
            held.wait(30)

    began = time.monotonic()
    found = await asyncio.gather(*(database.run(sleep_long) for _ in range(6)), return_exceptions=True)
    assert all(isinstance(error, database.Overdue) for error in found)
    assert time.monotonic() - began < _BOUND_S
    # Those that got a thread hung in it; PostgreSQL's are cut, and the next ones get theirs.
    assert sum(error.has_begun for error in found if isinstance(error, database.Overdue)) >= 2
    held.set()
    database.ways.reset()
    async with asyncio.timeout(_BOUND_S):
        while True:
            try:
                assert await count(cast, "x") == 0
                break
            except database.Away:
                database.ways.reset()


async def test_so_many_wait_for_a_thread_and_the_next_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with answers_held("chat_message") as [held]:
        monkeypatch.setattr(database, "_WAIT_COUNT", 1)
        first = asyncio.ensure_future(count(cast, "x"))
        await held.reached()
        with pytest.raises(database.Away, match="1 wait for the database, at most 1"):
            await count(cast, "x")
        held.go_on()
        assert await first == 0
    assert await count(cast, "x") == 0


async def test_who_stops_waiting_does_not_keep_the_thread_hanging(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_postgres():
        pytest.skip("SQLite has no server to hang")
    monkeypatch.setattr(database, "_READ_S", 0.4)
    monkeypatch.setattr(database, "_WAIT_S", 0.4)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def sleep_long() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(30)")
        finally:
            loop.call_soon_threadsafe(ended.set)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await database.run(sleep_long)
    async with asyncio.timeout(_BOUND_S):
        await ended.wait()


async def test_who_waits_too_long_for_a_batch_is_sent_away(cast: Cast, committer: Committer) -> None:
    clock = Clock(asyncio.get_running_loop())
    async with frozen('INSERT INTO "chat_change"') as held:
        first = committer.submit(cast.bob.pk, post_command(cast.room, "a"))
        await held.reached()
        waits = committer.submit(cast.bob.pk, post_command(cast.room, "b"))
        await clock.advance(3.5)
        assert await code_of(waits) is ErrorCode.BUSY
        held.go_on()
        assert (await first)["msg_no"] == 1


# --- a database that reads and does not write ----------------------------------------------------------------------


def test_a_full_disk_stores_nothing_of_a_batch_and_is_over_without_a_restart(cast: Cast) -> None:
    big = [Request(cast.bob.pk, post_command(cast.room, "x" * 8_000)) for _ in range(40)]
    with connection.cursor() as cursor:
        if is_postgres():
            cursor.execute(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END$$;"
                "CREATE TRIGGER full_disk BEFORE INSERT ON chat_message EXECUTE FUNCTION full_disk()"
            )
        else:
            # Pages that other tests have freed would be room enough.
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA page_count")
            cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 5}")
    try:
        executed = execute(big)
        codes = {outcome.code for outcome in executed.outcomes if isinstance(outcome, Refused)}
        assert codes == {ErrorCode.UNAVAILABLE}
        assert executed.failure is not None
        assert database_link.is_away(executed.failure)
        assert not Message.objects.filter(room=cast.room).exists()
    finally:
        with connection.cursor() as cursor:
            if is_postgres():
                cursor.execute("DROP FUNCTION full_disk CASCADE")
            else:
                cursor.execute("PRAGMA max_page_count = 1073741823")
    assert all(isinstance(outcome, dict) for outcome in execute(big).outcomes)
    assert Message.objects.filter(room=cast.room).count() == 40


def test_a_connection_to_a_demoted_primary_is_given_up_for_another_one(cast: Cast) -> None:
    if not is_postgres():
        pytest.skip("SQLite has no primary")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        before = cursor.fetchone()[0]
        cursor.execute("SET default_transaction_read_only = on")
    outcome = execute([Request(cast.bob.pk, post_command(cast.room, "a"))]).outcomes[0]
    assert isinstance(outcome, dict)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != before


def test_a_server_that_takes_no_writes_is_away_until_it_does(cast: Cast) -> None:
    if not is_postgres():
        pytest.skip("SQLite has no primary")
    name = connections["default"].settings_dict["NAME"]
    request = Request(cast.bob.pk, post_command(cast.room, "a"))
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    leave()
    try:
        outcome = execute([request]).outcomes[0]
        assert isinstance(outcome, Refused)
        assert outcome.code is ErrorCode.UNAVAILABLE
        assert Message.objects.filter(room=cast.room).count() == 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    leave()
    assert isinstance(execute([request]).outcomes[0], dict)


def test_what_waits_in_the_pool_goes_with_the_connection_that_was_lost(cast: Cast) -> None:
    if not is_postgres():
        pytest.skip("SQLite has no pool")
    pool: Any = getattr(connection, "pool")  # noqa: B009 - of PostgreSQL alone
    link = [pool.getconn(), pool.getconn(), pool.getconn()]
    pids = [one.info.backend_pid for one in link]
    for one in link:
        pool.putconn(one)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid WHERE pid <> pg_backend_pid()", [pids]
        )
    connection.close()
    outcomes = [execute([Request(cast.bob.pk, post_command(cast.room, "a"))]).outcomes[0] for _ in range(4)]
    assert all(isinstance(outcome, dict) for outcome in outcomes)


def test_a_database_that_may_lose_what_it_has_committed_says_so(cast: Cast) -> None:
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
        assert database_link.durability()["why"].startswith("synchronous_commit is off")
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")
    else:
        assert database_link.durability() == {"state": "ok"}
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = NORMAL")
        assert database_link.durability()["state"] == "weak"
        connection.close()
