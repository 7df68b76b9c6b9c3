import subprocess
import sys
import tempfile
from collections.abc import Iterator

import pytest

from tests.faults.meter import Meter, look

MIB = 1024 * 1024
_GROW = """
import sys, threading, time
print("small", flush=True); sys.stdin.readline()
kept = [bytearray(b"x") * (32 * 1024 * 1024), open("/dev/null"), open("/dev/null")]
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print("large", flush=True); sys.stdin.readline()
kept.clear()
print("small", flush=True); sys.stdin.readline()
"""


class _Program:
    def __init__(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-c", _GROW], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def says(self) -> str:
        assert self.child.stdout is not None
        return self.child.stdout.readline().strip()

    def goes_on(self) -> str:
        assert self.child.stdin is not None
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        return self.says()


@pytest.fixture
def program() -> Iterator[_Program]:
    running = _Program()
    assert running.says() == "small"
    yield running
    running.child.communicate()


def test_growth_and_return_are_both_seen(program: _Program) -> None:
    pid = program.child.pid
    with Meter([pid]) as meter:
        before = meter.baseline(pid)
        assert program.goes_on() == "large"
        meter.take()
        assert program.goes_on() == "small"
        assert meter.comes_back(pid, lambda sample: sample.rss_bytes < before.rss_bytes + 4 * MIB, 10)
    peak = meter.peak(pid)
    assert 32 * MIB <= meter.grown_bytes(pid) < 40 * MIB
    assert peak.descriptors_count == before.descriptors_count + 2
    assert peak.threads_count == before.threads_count + 1
    assert meter.latest(pid).rss_bytes < before.rss_bytes + 4 * MIB


def test_samples_come_without_being_asked_for(program: _Program) -> None:
    pid = program.child.pid
    with Meter([pid]) as meter:
        assert meter.comes_back(pid, lambda _: len(meter.series[pid]) >= 5, 10)
        assert not meter.comes_back(pid, lambda sample: sample.threads_count > 99, 0.2)


def test_process_that_has_ended_has_no_samples() -> None:
    with tempfile.TemporaryFile() as nothing:
        child = subprocess.Popen([sys.executable, "-c", ""], stdin=nothing)
        child.wait()
    assert look(child.pid) is None
    with Meter([child.pid]) as meter:
        pass
    assert meter.series[child.pid] == []
