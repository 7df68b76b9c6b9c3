import asyncio

from chat.live.ending import end, end_all


async def test_a_task_that_swallows_a_cancellation_ends_all_the_same() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 3:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end(task, None)
    assert swallowed == 3


async def test_a_failure_at_the_end_is_nobodys_business() -> None:
    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise RuntimeError("at the end")

    async def over() -> None:
        raise RuntimeError("before")

    tasks = [asyncio.create_task(failing()), asyncio.create_task(over())]
    await asyncio.sleep(0)
    await end_all(tasks)
    assert all(task.done() for task in tasks)
