from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FOLDER = Path(__file__).parent
KINDS = ("closed", "open", "direct", "any")


@dataclass
class Deed:
    name: str
    doors: list[str]
    # What kind of room -> who -> the letter of the answer.
    cells: dict[str, dict[str, str]] = field(default_factory=dict)

    def doors_of(self, way: str) -> list[str]:
        """Return the doors of the sockets or those of HTTP."""
        return [door for door in self.doors if (door.split()[0] in ("GET", *_WRITES)) == (way == "http")]


_WRITES = ("POST", "PUT", "PATCH", "DELETE")


def lines(name: str) -> Iterator[str]:
    """Return the lines of a table without comments."""
    for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


def _read() -> tuple[list[str], list[Deed]]:
    roles: list[str] = []
    deeds: list[Deed] = []
    for line in lines("rooms.txt"):
        first, *rest = line.split()
        if first == "roles":
            roles = rest
        elif first in KINDS:
            deeds[-1].cells[first] = dict(zip(roles, rest, strict=True))
        else:
            name, doors = line.split(": ", 1)
            deeds.append(Deed(name, doors.split("; ")))
    return roles, deeds


ROLES, DEEDS = _read()
