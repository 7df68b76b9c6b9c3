import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
import pytest_asyncio

from chat import database, metrics
from chat.models import Message, Room
from chat.pipeline import follow_ups
from chat.pipeline.committer import Committer
from chat.pipeline.follow_ups import FollowUp
from chat.protocol.changes import ChangeKind
from chat.protocol.errors import ErrorCode, Refused
from tests.cast import Cast
from tests.live.clock import Clock
from tests.live.reader import Reader
from tests.make import post_command

Nudged = list[str]


@pytest_asyncio.fixture
async def nudged() -> Nudged:
    return []


@pytest_asyncio.fixture
async def committer(runtime: Any, nudged: Nudged) -> AsyncIterator[Committer]:
    async def nudge() -> None:
        nudged.append("nudge")

    made = Committer(runtime.hub, max_count=5, gather_s=0.001, nudge=nudge)
    made.start()
    yield made
    await made.stop()


@contextmanager
def writer_held() -> Iterator[None]:
    """Keep the writer's thread busy, so that what is submitted meanwhile waits."""
    release, began = Event(), Event()

    def hold() -> None:
        began.set()
        release.wait(20)

    future = database.writer_pool().submit(hold)
    assert began.wait(5)
    try:
        yield
    finally:
        release.set()
        future.result(5)


def batches() -> tuple[float, float]:
    """Return how many batches there were and how many commands in them."""
    samples = {
        sample.name: sample.value
        for sample in next(iter(metrics.BATCH_SIZE.collect())).samples
        if not sample.labels
    }
    return samples["maru_batch_commands_count"], samples["maru_batch_commands_sum"]


async def bodies(room: Room) -> list[str]:
    return await database.run(
        lambda: list(Message.objects.filter(room=room).order_by("seq").values_list("body", flat=True))
    )


async def test_what_is_submitted_first_is_stored_first(cast: Cast, committer: Committer) -> None:
    texts = [str(n) for n in range(23)]
    futures = [committer.submit(cast.bob.pk, post_command(cast.room, text)) for text in texts]
    results = await asyncio.gather(*futures)
    seqs = [result["seq"] for result in results]
    assert seqs == list(range(seqs[0], seqs[0] + 23))
    assert await bodies(cast.room) == texts


async def test_what_waits_together_is_committed_together_up_to_the_bound(
    cast: Cast, committer: Committer
) -> None:
    before = batches()
    with writer_held():
        futures = [committer.submit(cast.bob.pk, post_command(cast.room, "a"))]
        await asyncio.sleep(0)
        futures += [committer.submit(cast.bob.pk, post_command(cast.room, "b")) for _ in range(11)]
    await asyncio.gather(*futures)
    after = batches()
    # One alone, for it was there first; then 5, 5 and 1.
    assert (after[0] - before[0], after[1] - before[1]) == (4, 12)


async def test_a_reply_comes_after_the_commit(cast: Cast, committer: Committer) -> None:
    result = await committer.submit(cast.bob.pk, post_command(cast.room, "stored"))
    assert await database.run(Message.objects.filter(pk=result["id"]).exists)


async def test_a_refusal_is_for_the_one_who_asked(cast: Cast, committer: Committer) -> None:
    with writer_held():
        refused = committer.submit(cast.carol.pk, post_command(cast.room, "a"))
        stored = committer.submit(cast.bob.pk, post_command(cast.room, "b"))
    with pytest.raises(Refused) as caught:
        await refused
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert (await stored)["msg_no"] == 1


async def test_who_does_not_wait_any_more_is_stored_all_the_same(cast: Cast, committer: Committer) -> None:
    with writer_held():
        futures = [committer.submit(cast.bob.pk, post_command(cast.room, text)) for text in "abc"]
        await asyncio.sleep(0)
        futures[1].cancel()
    assert (await futures[2])["msg_no"] == 3
    assert await bodies(cast.room) == ["a", "b", "c"]


async def test_the_queue_takes_so_many_commands_and_no_more(cast: Cast, committer: Committer) -> None:
    with writer_held():
        for _ in range(2_000):
            committer.submit(cast.carol.pk, post_command(cast.room, "x")).add_done_callback(
                asyncio.Future.exception
            )
        with pytest.raises(Refused) as caught:
            committer.submit(cast.bob.pk, post_command(cast.room, "x"))
        await committer.stop()
    assert (caught.value.code, caught.value.detail) == (ErrorCode.BUSY, "2,000 commands wait, at most 2,000")


async def test_the_queue_takes_so_many_bytes_and_no_more(cast: Cast, committer: Committer) -> None:
    taken = 0

    def fill() -> None:
        nonlocal taken
        for _ in range(200):
            future = committer.submit(cast.carol.pk, post_command(cast.room, "x" * 8_000))
            future.add_done_callback(asyncio.Future.exception)
            taken += 1

    with writer_held():
        with pytest.raises(Refused) as caught:
            fill()
        await committer.stop()
    assert caught.value.code is ErrorCode.BUSY
    assert taken == 4 * 1024 * 1024 // 32_000


async def test_when_the_writer_is_late_the_next_is_sent_away(cast: Cast, committer: Committer) -> None:
    clock = Clock(asyncio.get_running_loop())
    with writer_held():
        futures = [committer.submit(cast.bob.pk, post_command(cast.room, "a"))]
        await asyncio.sleep(0)
        futures.append(committer.submit(cast.bob.pk, post_command(cast.room, "b")))
        await clock.advance(2.5)
        with pytest.raises(Refused) as caught:
            committer.submit(cast.bob.pk, post_command(cast.room, "c"))
    assert caught.value.code is ErrorCode.BUSY
    await asyncio.gather(*futures)


async def test_a_drain_stores_what_was_accepted_and_refuses_the_rest(
    cast: Cast, committer: Committer
) -> None:
    with writer_held():
        futures = [committer.submit(cast.bob.pk, post_command(cast.room, str(n))) for n in range(12)]
        draining = asyncio.ensure_future(committer.drain())
        await asyncio.sleep(0)
        with pytest.raises(Refused) as caught:
            committer.submit(cast.bob.pk, post_command(cast.room, "late"))
        assert not draining.done()
    async with asyncio.timeout(10):
        await draining
    assert caught.value.code is ErrorCode.DRAINING
    assert all(future.done() for future in futures)
    assert len(await bodies(cast.room)) == 12


async def test_a_drain_of_nothing_is_over_at_once(committer: Committer) -> None:
    async with asyncio.timeout(1):
        await committer.drain()


async def test_a_stop_answers_everybody(cast: Cast, committer: Committer) -> None:
    with writer_held():
        in_flight = committer.submit(cast.bob.pk, post_command(cast.room, "a"))
        await asyncio.sleep(0)
        waiting = committer.submit(cast.bob.pk, post_command(cast.room, "b"))
        await committer.stop()
        found = await asyncio.gather(in_flight, waiting, return_exceptions=True)
    codes = [answer.code for answer in found if isinstance(answer, Refused)]
    # The first is with the database already: whether it is stored, nobody knows.
    assert codes == [ErrorCode.UNKNOWN_OUTCOME, ErrorCode.DRAINING]


async def test_a_reader_that_breaks_does_not_end_the_writer(
    cast: Cast, committer: Committer, runtime: Any
) -> None:
    class Broken(Reader):
        def offer_droppable(self, frame: bytes) -> None:
            raise RuntimeError("broken")

    from chat.protocol.commands import MarkRead

    broken = Broken(cast.bob.pk)
    runtime.hub.connect(broken)
    await committer.submit(cast.alice.pk, post_command(cast.room, "a"))
    assert (await committer.submit(cast.bob.pk, MarkRead(room=cast.room.pk, msg_no=1)))["msg_no"] == 1
    assert (await committer.submit(cast.alice.pk, post_command(cast.room, "b")))["msg_no"] == 2
    runtime.hub.disconnect(broken, [])


async def test_workers_are_woken_once_a_batch_and_only_when_there_is_work(
    cast: Cast, committer: Committer, nudged: Nudged, monkeypatch: pytest.MonkeyPatch
) -> None:
    await committer.submit(cast.bob.pk, post_command(cast.room, "a"))
    assert nudged == []
    table = (FollowUp(ChangeKind.MESSAGE_POSTED, lambda change: True, "chat.test"),)
    monkeypatch.setattr(follow_ups, "FOLLOW_UPS", table)
    with writer_held():
        await asyncio.sleep(0)
        futures = [committer.submit(cast.bob.pk, post_command(cast.room, "b")) for _ in range(5)]
    await asyncio.gather(*futures)
    await asyncio.sleep(0)
    assert nudged == ["nudge"]


async def patient(runtime: Any, gather_s: float = 3_600) -> Committer:
    """Make a committer that would wait long for a batch to grow."""
    made = Committer(runtime.hub, max_count=5, gather_s=gather_s, nudge=nothing)
    made.start()
    return made


async def nothing() -> None:
    """Wake nobody."""


async def together(committer: Committer, cast: Cast, count: int) -> None:
    """Store so many in one batch."""
    with writer_held():
        first = committer.submit(cast.bob.pk, post_command(cast.room, "first"))
        await asyncio.sleep(0)
        futures = [committer.submit(cast.bob.pk, post_command(cast.room, str(n))) for n in range(count)]
    await asyncio.gather(first, *futures)


async def test_a_batch_goes_as_soon_as_it_is_as_large_as_the_one_before(cast: Cast, runtime: Any) -> None:
    committer = await patient(runtime)
    async with asyncio.timeout(20):
        await together(committer, cast, 3)
        futures: list[asyncio.Future[dict[str, Any]]] = []
        for n in range(3):
            assert not any(future.done() for future in futures)
            await asyncio.sleep(0)
            futures.append(committer.submit(cast.bob.pk, post_command(cast.room, str(n))))
        await asyncio.gather(*futures)
    await committer.stop()


async def test_a_full_batch_waits_for_nobody(cast: Cast, runtime: Any) -> None:
    committer = await patient(runtime)
    async with asyncio.timeout(20):
        await together(committer, cast, 5)
        await asyncio.gather(
            *(committer.submit(cast.bob.pk, post_command(cast.room, str(n))) for n in range(5))
        )
    await committer.stop()


async def test_a_batch_that_stays_smaller_goes_after_its_moment(cast: Cast, runtime: Any) -> None:
    committer = await patient(runtime, gather_s=1)
    clock = Clock(asyncio.get_running_loop())
    await together(committer, cast, 3)
    alone = committer.submit(cast.bob.pk, post_command(cast.room, "alone"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not alone.done()
    await clock.advance(1.5)
    assert (await alone)["msg_no"] == 5
    # And the next one goes at once.
    assert (await committer.submit(cast.bob.pk, post_command(cast.room, "next")))["msg_no"] == 6
    await committer.stop()


async def test_a_stop_while_a_batch_gathers_answers_who_waits(cast: Cast, runtime: Any) -> None:
    committer = await patient(runtime)
    await together(committer, cast, 3)
    waits = committer.submit(cast.bob.pk, post_command(cast.room, "x"))
    await asyncio.sleep(0)
    await committer.stop()
    with pytest.raises(Refused) as caught:
        await waits
    assert caught.value.code is ErrorCode.DRAINING


async def test_how_many_wait_is_seen_from_outside(cast: Cast, committer: Committer) -> None:
    with writer_held():
        futures = [committer.submit(cast.bob.pk, post_command(cast.room, "a"))]
        await asyncio.sleep(0)
        futures += [committer.submit(cast.bob.pk, post_command(cast.room, "b")) for _ in range(3)]
        (sample,) = next(iter(metrics.WRITER_QUEUE.collect())).samples
        assert sample.value == 3
    await asyncio.gather(*futures)
