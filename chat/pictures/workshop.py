"""The process that decodes what others have sent: bounded in memory and time, and nothing of ours in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from chat.pictures.renditions import Made

_ROOT = Path(__file__).resolve().parents[2]
# A picture at the bounds of renditions.py takes a tenth of it. Ten of a message fit below the limit of a task.
WITHIN_S = 20.0
CPU_S = 20
# Of addresses, Python and its libraries included.
MEMORY_MAX_BYTES = 1_200 * 1024 * 1024
FILE_MAX_BYTES = 256 * 1024 * 1024
_KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR")


def make(source: Path, folder: Path) -> Made | None:
    """Have all renditions of a picture made in a folder; None for what cannot be shown. Blocks.

    Raises:
        OSError: the process could not be started.
    """
    return _made(source, folder, "whole")


def make_face(source: Path, folder: Path) -> Made | None:
    """Have the two sizes of a face made in a folder, `large` and `small`; else as `make`."""
    return _made(source, folder, "face")


def make_emoji(source: Path, folder: Path) -> Made | None:
    """Have an emoji made in a folder, `whole`; else as `make`."""
    return _made(source, folder, "emoji")


def make_logo(source: Path, folder: Path) -> Made | None:
    """Have a logo made in a folder, `whole`; else as `make`."""
    return _made(source, folder, "logo")


def _made(source: Path, folder: Path, kind: str) -> Made | None:
    # No credential of ours may be in the memory of what decodes them.
    env = {name: os.environ[name] for name in _KEPT if name in os.environ} | {"MALLOC_ARENA_MAX": "1"}
    try:
        # Our own program; what is strange is in the file.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "chat.pictures", str(source), str(folder), kind],
            cwd=_ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    words = done.stdout.decode("ascii", "replace").split()
    if done.returncode != 0 or len(words) != 5:
        return None
    kind_of, *numbers = words
    return Made(kind_of, *map(int, numbers))
