from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from scripts import programs
from scripts.services import Serve, environment, manage
from tests.faults.clocks import Clock, Unavailable

# Says what both clocks show whenever it is asked, and how long a timer of 50 ms took on the way.
_WITNESS = """
import asyncio, json, sys, threading, time

async def look():
    began = time.monotonic()
    await asyncio.sleep(0.05)
    return time.monotonic() - began

with asyncio.Runner() as runner:
    for line in sys.stdin:
        slept_s = runner.run(look())
        began = time.monotonic()
        threading.Event().wait(0.05)
        waited_s = time.monotonic() - began
        print(json.dumps([time.time(), time.monotonic(), slept_s, waited_s]), flush=True)
"""


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    try:
        return Clock(tmp_path)
    except Unavailable as why:
        pytest.skip(str(why))


@pytest.fixture
def witness(clock: Clock) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", _WITNESS],
        env=dict(os.environ) | clock.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        yield running
        running.kill()
    clock.sweep(running.pid)
    assert not [path for path in Path("/dev/shm").glob("*faketime*") if path.name.endswith(f"_{running.pid}")]


def ask(witness: subprocess.Popen[str]) -> tuple[float, float, float, float]:
    assert witness.stdin is not None
    assert witness.stdout is not None
    print(file=witness.stdin, flush=True)
    wall, monotonic, slept_s, waited_s = json.loads(witness.stdout.readline())
    return wall, monotonic, slept_s, waited_s


def test_the_wall_clock_jumps_and_the_monotonic_one_and_timers_do_not(
    clock: Clock, witness: subprocess.Popen[str]
) -> None:
    first_wall, first_monotonic, *_ = ask(witness)
    for shift_s in (3600, -3600, 61, 0):
        clock.shift(shift_s)
        wall, monotonic, slept_s, waited_s = ask(witness)
        passed_s = monotonic - first_monotonic
        assert 0 < passed_s < 30
        assert abs(wall - first_wall - passed_s - shift_s) < 1
        assert 0.05 <= slept_s < 5
        assert 0.05 <= waited_s < 5


def test_processes_with_other_clocks_do_not_notice(clock: Clock, tmp_path: Path) -> None:
    other = Clock(tmp_path, "other")
    clock.shift(3600)
    printed = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env=dict(os.environ) | other.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    assert abs(float(printed) - datetime.now(UTC).timestamp()) < 30


@pytest.mark.slow
def test_a_web_process_goes_by_its_clock_while_it_serves(clock: Clock, tmp_path: Path) -> None:
    env = environment(tmp_path, SECRET_KEY="only-for-tests-" + "0" * 40)
    manage(["migrate"], env)
    # Without anybody every page leads to the setup.
    manage(["create_user", "alice", "--password", "secret of alice"], env)
    with Serve(tmp_path, env=env | clock.environment()) as web:
        for shift_s in (3600, -3600, 61, 0):
            clock.shift(shift_s)
            answer = web.get("/accounts/login/")
            assert answer.status == 200
            cookie = next(value for name, value in answer.headers.items() if name.lower() == "set-cookie")
            expires = next(part for part in cookie.split("; ") if part.lower().startswith("expires="))
            off = parsedate_to_datetime(expires.partition("=")[2]) - datetime.now(UTC) - timedelta(days=364)
            assert abs(off - timedelta(seconds=shift_s)) < timedelta(seconds=30)


def test_a_machine_without_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_LIBRARIES", ())
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Unavailable, match="sudo apt install faketime"):
        Clock(tmp_path)
