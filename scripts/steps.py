"""Steps of a setup: each says what it does and how long it took, and none is done twice.

Standard library only: this runs before anything is installed.
"""

import contextlib
import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
# Inside the environment, so that removing it forgets what was installed into it.
STAMPS = VENV / ".stamps"
_FIRST_LINES_COUNT = 10
_LAST_LINES_COUNT = 30


class StepFailed(SystemExit):
    """A step that did not work; one line says which, and the process ends with code 1."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"maru: {problem}")


def step(
    name: str, key: str, action: Callable[[], None], *, made: Sequence[Path] = (), place: str | Path = ""
) -> bool:
    """Do `action`, unless it was done with the same `key` and all it `made` is still there.

    Args:
        place: what it was done to, where that can be one thing or another (a folder, a database).

    Returns:
        Whether it had to be done.
    """
    stamp = stamp_of(name, place)
    if stamp.is_file() and stamp.read_text() == key and all(path.exists() for path in made):
        return False
    say(f"{name} …")
    start = time.monotonic()
    stamp.unlink(missing_ok=True)
    action()
    missing = [str(path) for path in made if not path.exists()]
    if missing:
        raise StepFailed(f"{name}: done, but there is no {', '.join(missing)}")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key)
    say(f"{name}: {time.monotonic() - start:.1f} s")
    return True


def stamp_of(name: str, place: str | Path = "") -> Path:
    """Return the file that remembers with which key a step was done."""
    suffix = f"-{hashlib.sha256(str(place).encode()).hexdigest()[:12]}" if place else ""
    return STAMPS / f"{name.replace(' ', '-')}{suffix}"


def say(text: str) -> None:
    """Tell how far it is."""
    print(f"  {text}", flush=True)


def call(
    command: Sequence[str], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None, what: str = ""
) -> None:
    """Run a program quietly; when it fails, show the end of what it said and give up."""
    problem = attempt(command, cwd=cwd, env=env)
    if problem is not None:
        print(problem, file=sys.stderr)
        raise StepFailed(f"{what or Path(command[0]).name} failed (what it said stands above)")


def attempt(command: Sequence[str], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str | None:
    """Run a program quietly; return None when it worked, else its last lines."""
    try:
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        return f"{command[0]}: {error.strerror}"
    try:
        output, _ = child.communicate()
    except BaseException:
        # Ctrl-C in the middle: npm's and pip's own children must go too.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        raise
    return None if child.returncode == 0 else _shortened(output.splitlines())


def digest(paths: Iterable[Path], *words: str) -> str:
    """Return a digest of files (a folder stands for all its files) and words."""
    total = hashlib.sha256()
    for word in words:
        total.update(word.encode() + b"\0")
    for path in _files(paths):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep a second setup of the same folder waiting until this one is done."""
    var = ROOT / "var"
    var.mkdir(exist_ok=True)
    with (var / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another setup in this folder …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def end_on_sigterm() -> None:
    """Let SIGTERM end this process as Ctrl-C does, through every `finally`."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)


def _shortened(lines: list[str]) -> str:
    """Keep both ends: some programs tell the cause first (npm), others last (Python)."""
    left_out = len(lines) - _FIRST_LINES_COUNT - _LAST_LINES_COUNT
    if left_out > 0:
        lines[_FIRST_LINES_COUNT:-_LAST_LINES_COUNT] = [f"… {left_out} lines left out …"]
    return "\n".join(lines)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in sorted(paths):
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.is_file())
        elif path.exists():
            yield path
