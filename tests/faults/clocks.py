"""A wall clock for one process that can be set while it runs: libfaketime, steered by a file."""

from __future__ import annotations

import os
from pathlib import Path

from scripts import programs

_SHARED = Path("/dev/shm")


class Unavailable(RuntimeError):
    """This machine cannot make that fault; the text says why and what would help."""


class Clock:
    """The wall clock of the processes that are started with `environment()`; the monotonic one goes on untouched.

    Its file in `folder` is read at every look at the clock, so a shift is seen at once.
    """

    def __init__(self, folder: Path, name: str = "clock") -> None:
        self._library = find_library()
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder.absolute() / f"{name}.faketime"
        self.shifted_s = 0
        self.shift(0)

    def environment(self) -> dict[str, str]:
        """Return what a process needs in its environment to go by this clock."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # The name in releases before 0.9.10.
            "DONT_FAKE_MONOTONIC": "1",
            # Times of files are the file system's, which other processes use too.
            "NO_FAKE_STAT": "1",
            # Nothing shared between processes; releases before 0.9.11 do not know it, see sweep().
            "FAKETIME_DISABLE_SHM": "1",
        }

    def shift(self, seconds: int) -> None:
        """Set the clock this much off the true time; 0 sets it right again."""
        self.shifted_s = seconds
        draft = self._file.with_suffix(".draft")
        draft.write_text(f"{seconds:+d}\n", encoding="ascii")
        # In one step: a process may be reading.
        os.replace(draft, self._file)  # noqa: PTH105 - the same, and says what it is

    @staticmethod
    def sweep(pid: int) -> None:
        """Remove what the library of a process that was killed has left in shared memory."""
        for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
            (_SHARED / name).unlink(missing_ok=True)


def find_library() -> Path:
    """Return libfaketime, installed when we may; else raise Unavailable."""
    if programs.find_faketime() is None:
        try:
            programs.require(faketime=True)
        except SystemExit as end:
            raise Unavailable(str(end.code)) from None
    found = programs.find_faketime()
    if found is None:
        raise Unavailable("the package faketime brought no libfaketimeMT.so.1")
    return found
