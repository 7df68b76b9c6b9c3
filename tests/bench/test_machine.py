import os
import subprocess
import sys

from bench import machine

_BURN = "import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"


def test_the_time_of_children_counts_also_after_their_end() -> None:
    before_s = machine.cpu_s(os.getpid())
    subprocess.run([sys.executable, "-c", _BURN], check=True)
    # The kernel counts in ticks.
    assert machine.cpu_s(os.getpid()) - before_s >= 0.15


def test_a_process_that_has_ended_has_no_time() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert machine.cpu_s(ended.pid) == 0


def test_what_is_started_stays_on_its_core_and_we_do_not() -> None:
    before = os.sched_getaffinity(0)
    core = machine.cores().others
    tell = "import os; print(sorted(os.sched_getaffinity(0)))"
    with machine.on_core(core):
        said = subprocess.run([sys.executable, "-c", tell], capture_output=True, text=True, check=True).stdout
    assert said.strip() == f"[{core}]"
    assert os.sched_getaffinity(0) == before
