"""The workshop's process: `python -m chat.pictures SOURCE FOLDER [face|emoji|logo]` says what it made, or fails."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from chat.pictures import renditions, workshop

_KINDS = {
    "whole": renditions.make,
    "face": renditions.make_face,
    "emoji": renditions.make_emoji,
    "logo": renditions.make_logo,
}


def _bind_hands() -> None:
    """Bound what the decoders may take, before any of them has seen a byte."""
    for limit, most in (
        (resource.RLIMIT_AS, workshop.MEMORY_MAX_BYTES),
        (resource.RLIMIT_CPU, workshop.CPU_S),
        (resource.RLIMIT_FSIZE, workshop.FILE_MAX_BYTES),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (bound, bound))


def main(source: str, folder: str, kind: str = "whole") -> int:
    """Make the renditions and say what they are."""
    _bind_hands()
    try:
        made = _KINDS[kind](Path(source), Path(folder))
    except renditions.Unfit:
        return 1
    sys.stdout.write(f"{made.type} {made.width} {made.height} {made.frames} {made.left_out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:4]))
