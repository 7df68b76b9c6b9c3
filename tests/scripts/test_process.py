import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from scripts.services import NotReady, Process
from scripts.services.process import ROOT, until
from tests.processes import is_gone

UP = "print('up', flush=True)\ntime.sleep(600)"
FOREVER = [sys.executable, "-c", f"import time\n{UP}"]
DEAF = [sys.executable, "-c", f"import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{UP}"]


class SaysUp(Process):
    def is_ready(self) -> bool:
        return self.log is not None and "up" in self.log.read_text()


def test_it_stops_when_asked(tmp_path: Path) -> None:
    process = SaysUp("sleeper", FOREVER, log=tmp_path / "log")
    process.start()
    process.stop()
    assert process.returncode == -signal.SIGTERM
    assert not psutil.pid_exists(process.pid)


def test_one_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    process = SaysUp("deaf", DEAF, log=tmp_path / "log", grace_s=0.2)
    process.start()
    start = time.monotonic()
    process.stop()
    assert process.returncode == -signal.SIGKILL
    assert time.monotonic() - start < 5


def test_a_frozen_one_stops_too(tmp_path: Path) -> None:
    process = SaysUp("sleeper", FOREVER, log=tmp_path / "log")
    process.start()
    process.freeze()
    assert until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED, 5)
    process.stop()
    assert process.returncode == -signal.SIGTERM


def test_its_children_go_with_it(tmp_path: Path) -> None:
    script = f"import subprocess, time\nprint(subprocess.Popen({FOREVER!r}).pid)\n{UP}"
    process = SaysUp("parent", [sys.executable, "-c", script], log=tmp_path / "log")
    process.start()
    assert process.log is not None
    child = psutil.Process(int(process.log.read_text().split()[0]))
    process.kill()
    assert until(lambda: is_gone(child), 5)


def test_it_can_be_started_again_and_killing_it_twice_hits_nobody_else(tmp_path: Path) -> None:
    process = SaysUp("sleeper", FOREVER, log=tmp_path / "log")
    process.start()
    first = process.pid
    process.kill()
    process.kill()
    process.start()
    assert process.pid != first
    process.stop()


def test_one_that_ends_at_its_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no disk')"]

    class Never(Process):
        def is_ready(self) -> bool:
            return False

    process = Never("database", command, log=tmp_path / "log")
    with pytest.raises(NotReady, match=r"database ended at its start with code 1:\n    no disk"):
        process.start()


def test_one_that_does_not_answer_is_told_and_killed(tmp_path: Path) -> None:
    class Never(Process):
        start_timeout_s = 0.1

        def is_ready(self) -> bool:
            return False

    process = Never("database", FOREVER, log=tmp_path / "log")
    with pytest.raises(NotReady, match=r"database did not answer within 0\.1 s"):
        process.start()
    assert not process.is_running


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has died")
def test_it_does_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f"""
import time
from pathlib import Path
from scripts.services import Process
process = Process("sleeper", {FOREVER!r}, log=Path({str(log)!r}))
process.spawn()
print(process.pid, flush=True)
time.sleep(600)
"""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.kill()
    assert until(lambda: is_gone(child), 5)
