import asyncio
import gc
from typing import Any

import pytest

from chat import database
from chat.live.pages import Pages
from chat.live.publish import encode_run
from chat.live.turns import Turns
from chat.queries import changes
from tests.cast import Cast
from tests.gateway.acting import posted


async def test_readers_of_one_place_share_one_reading(cast: Cast, runtime: Any) -> None:
    first = (await posted(runtime, cast, 5))[0]
    pages = Pages(Turns(2))
    found = await asyncio.gather(*(pages.after(cast.room.pk, first - 1) for _ in range(20)))
    assert found[0] is not None
    assert (found[0].first, found[0].last) == (first, first + 4)
    assert all(page is found[0] for page in found)


async def test_page_is_kept_while_somebody_sends_it_and_no_longer(cast: Cast, runtime: Any) -> None:
    first = (await posted(runtime, cast, 2))[0]
    pages = Pages(Turns(2))
    page = await pages.after(cast.room.pk, first - 1)
    await posted(runtime, cast, 1)
    again = await pages.after(cast.room.pk, first - 1)
    assert again is page
    assert page is not None
    assert page.last == first + 1
    rest = await pages.after(cast.room.pk, page.last)
    assert rest is not None
    assert rest.last == first + 2
    del page, again
    gc.collect()
    whole = await pages.after(cast.room.pk, first - 1)
    assert whole is not None
    assert whole.last == first + 2


async def test_same_run_is_kept_once_for_all_who_are_sent_it(cast: Cast, runtime: Any) -> None:
    first = (await posted(runtime, cast, 3))[0]
    pages = Pages(Turns(2))
    own = encode_run(await database.run(changes.since, cast.room.pk, first - 1, 2))
    shared = pages.share(own)
    assert shared.frames == own.frames
    assert pages.share(encode_run(await database.run(changes.since, cast.room.pk, first - 1, 3))) is shared
    assert await pages.after(cast.room.pk, first - 1) is shared


async def test_only_so_many_pages_are_read_at_a_time_and_all_are_read(
    cast: Cast, runtime: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seqs = await posted(runtime, cast, 6)
    run, reading, most = database.run, 0, 0

    async def count(*args: Any) -> Any:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        try:
            return await run(*args)
        finally:
            reading -= 1

    monkeypatch.setattr(database, "run", count)
    pages = Pages(Turns(2))
    found = await asyncio.gather(*(pages.after(cast.room.pk, seq - 1) for seq in seqs))
    assert [page.first for page in found if page is not None] == seqs
    assert most == 2


async def test_end_of_the_log_is_asked_for_anew_each_time(cast: Cast, runtime: Any) -> None:
    last = (await posted(runtime, cast, 1))[-1]
    pages = Pages(Turns(2))
    assert await pages.after(cast.room.pk, last) is None
    await posted(runtime, cast, 1)
    assert await pages.after(cast.room.pk, last) is not None


async def test_one_who_leaves_does_not_take_the_page_from_the_others(cast: Cast, runtime: Any) -> None:
    first = (await posted(runtime, cast, 2))[0]
    pages = Pages(Turns(2))
    impatient = asyncio.ensure_future(pages.after(cast.room.pk, first - 1))
    patient = asyncio.ensure_future(pages.after(cast.room.pk, first - 1))
    await asyncio.sleep(0)
    impatient.cancel()
    page = await patient
    assert page is not None
    assert page.first == first


async def test_fault_of_a_reading_is_told_to_all_and_not_kept(
    cast: Cast, runtime: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (await posted(runtime, cast, 1))[0]
    pages = Pages(Turns(2))
    run = database.run

    async def fail(*_: Any) -> Any:
        raise ConnectionError("the database is away")

    monkeypatch.setattr(database, "run", fail)
    found = await asyncio.gather(
        *(pages.after(cast.room.pk, first - 1) for _ in range(3)), return_exceptions=True
    )
    assert [type(one) for one in found] == [ConnectionError] * 3
    monkeypatch.setattr(database, "run", run)
    assert await pages.after(cast.room.pk, first - 1) is not None
