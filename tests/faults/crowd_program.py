"""The process of a crowd: takes one JSON command a line and answers each with one line."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
from typing import Any

from scripts.services.process import die_with_parent
from tests.faults.crowd_member import Group, Member


class Program:
    """The groups of this crowd by name."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}

    async def open(self, group: str, tokens: list[str], pace_per_s: float, first: int, **fields: Any) -> None:
        """Let a new group connect, so many in a second."""
        cursor = fields.pop("cursor")
        made = self.groups[group] = Group(**fields)
        made.members = [Member(made, first + place, token, cursor) for place, token in enumerate(tokens)]
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        for place, member in enumerate(made.members):
            if (wait_s := began_at + place / pace_per_s - loop.time()) > 0:
                await asyncio.sleep(wait_s)
            member.begin()

    async def stop(self, group: str) -> None:
        """Have nobody of a group read any more."""
        for member in self.groups[group].members:
            member.stop()

    async def go_on(self, group: str) -> None:
        """Have them read again."""
        for member in self.groups[group].members:
            member.go_on()

    async def leave(self, group: str) -> None:
        """Have them all go at once."""
        self.groups[group].comes_back = False
        for member in self.groups[group].members:
            member.leave()

    async def drop(self, group: str) -> None:
        """Cut all their connections at once; they come back if they are such."""
        for member in self.groups[group].members:
            if member.transport is not None:
                member.transport.abort()

    async def forget_delays(self, group: str) -> None:
        """Measure anew how late messages come."""
        self.groups[group].delays_ms.clear()

    async def state(self, group: str) -> dict[str, Any]:
        """Return what a group has seen so far."""
        found = self.groups[group]
        members = found.members
        delays = sorted(found.delays_ms)
        return {
            "connected": sum(member.transport is not None for member in members),
            "synced": sum(member.is_synced for member in members),
            "posted_least": min((member.posted_count for member in members), default=0),
            "posted_most": max((member.posted_count for member in members), default=0),
            "cursor_least": min((member.cursor or 0 for member in members), default=0),
            "holes": sum(member.holes_count for member in members),
            "repeats": sum(member.repeats_count for member in members),
            "resets": sum(member.resets_count for member in members),
            "refusals": sum(member.refusals_count for member in members),
            "bytes": sum(member.bytes_count for member in members),
            "opened": sum(member.opened_count for member in members),
            "opened_most": max((member.opened_count for member in members), default=0),
            "codes": {str(code): count for code, count in found.codes.items()},
            "refused": {str(status): count for status, count in found.refused.items()},
            "begun_per_s": max(found.begun.values(), default=0),
            "let_in_per_s": max(found.let_in.values(), default=0),
            "delay_p50_ms": delays[len(delays) // 2] if delays else 0.0,
            "delay_p99_ms": delays[len(delays) * 99 // 100] if delays else 0.0,
        }


async def _serve() -> None:
    program, loop = Program(), asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        result = await getattr(program, command.pop("do"))(**command)
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    die_with_parent()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.freeze()
    asyncio.run(_serve())
