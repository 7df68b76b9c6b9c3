from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.pipeline import runner

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    runner.close()
    yield
    runner.close()


async def loop() -> asyncio.AbstractEventLoop:
    await asyncio.sleep(0)
    return asyncio.get_running_loop()


def test_a_thousand_runs_share_one_loop() -> None:
    before = runner.made_count()
    loops = {runner.run(loop()) for _ in range(1_000)}
    assert (len(loops), runner.made_count() - before) == (1, 1)


def test_after_closing_there_is_another_loop() -> None:
    first = runner.run(loop())
    runner.close()
    runner.close()
    assert first.is_closed()
    second = runner.run(loop())
    assert (second is first, second.is_closed()) == (False, False)


def test_loop_that_somebody_has_closed_is_not_used_again() -> None:
    runner.run(loop()).close()
    assert not runner.run(loop()).is_closed()


def test_a_failure_is_the_callers_and_the_loop_goes_on() -> None:
    async def fail() -> None:
        raise ValueError("no")

    first = runner.run(loop())
    with pytest.raises(ValueError, match="no"):
        runner.run(fail())
    assert runner.run(loop()) is first


def test_what_is_left_behind_is_ended_before_the_next_run() -> None:
    ended = []

    async def linger() -> None:
        try:
            await asyncio.sleep(3_600)
        finally:
            ended.append(True)

    async def begin() -> asyncio.Task[None]:
        task = asyncio.create_task(linger())
        await asyncio.sleep(0)
        return task

    assert runner.run(begin()).cancelled()
    assert ended == [True]


def test_time_limit_that_strikes_inside_leaves_a_loop_that_works() -> None:
    async def struck() -> None:
        # As a signal handler does: out of the loop itself, past the coroutine that waits.
        asyncio.get_running_loop().call_soon(strike)
        await asyncio.sleep(3_600)

    def strike() -> None:
        raise SystemExit(3)

    first = runner.run(loop())
    with pytest.raises(SystemExit):
        runner.run(struck())
    assert runner.run(loop()) is first


async def test_on_an_event_loop_it_refuses() -> None:
    with pytest.raises(RuntimeError, match="await the coroutine"):
        runner.run(loop())


def test_it_leaves_the_loop_of_the_thread_alone() -> None:
    runner.run(loop())
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


def test_threads_take_turns_on_the_one_loop() -> None:
    found: list[asyncio.AbstractEventLoop] = []
    threads = [threading.Thread(target=lambda: found.append(runner.run(loop()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (len(found), len(set(found))) == (8, 1)


_FORKS = """
import asyncio, gc, os, sys
from chat.pipeline import runner

async def loop():
    await asyncio.sleep(0)
    return asyncio.get_running_loop()

mine = runner.run(loop())
child = os.fork()
if child == 0:
    theirs = runner.run(loop())
    gc.collect()
    ok = theirs is not mine and not mine.is_closed() and runner.made_count() == 1
    runner.close()
    os._exit(0 if ok else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

async def wakes():
    # By way of the pipe to itself, which the child could have taken out of the selector.
    return await asyncio.get_running_loop().run_in_executor(None, lambda: "awake")

assert runner.run(wakes()) == "awake"
assert runner.run(loop()) is mine
print("fine")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_child_makes_a_loop_of_its_own_and_leaves_its_parents_alone() -> None:
    # In a program of its own: pytest has threads, which a fork would leave behind.
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _FORKS],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "chatproject.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("fine", "", 0)
