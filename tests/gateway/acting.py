"""What others do while a client looks on, and what the client saw of it."""

from __future__ import annotations

from typing import Any

from chat.models import Room, User
from chat.protocol.commands import Command
from tests.cast import Cast
from tests.make import post_command
from tests.socket_client import Client


async def do(runtime: Any, user: User, command: Command) -> dict[str, Any]:
    """Carry a command out and return its result."""
    result: dict[str, Any] = await runtime.committer.submit(user.pk, command)
    return result


async def posted(runtime: Any, cast: Cast, count: int, room: Room | None = None) -> list[int]:
    """Post as Alice and return the seqs."""
    commands = [post_command(room or cast.room, str(number)) for number in range(count)]
    return [(await do(runtime, cast.alice, command))["seq"] for command in commands]


def seqs(client: Client, room: int) -> list[int]:
    """Return the seqs of a room's changes in order of arrival."""
    return [frame["seq"] for frame in client.seen if frame.get("room") == room and "seq" in frame]
