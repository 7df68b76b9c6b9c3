"""50 senders, each with one message under way, in one process without sockets.

    python -m bench.writers acreate|pipeline SCENE SECONDS FOLDER

"acreate": each awaits one `acreate` a message, as one would write it first. "pipeline": each submits a command to our
write path, with permissions, change log, counters and group commit. Prints one line of JSON; times in ms.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from bench.figures import quantile  # noqa: E402
from bench.scenes import SCENES  # noqa: E402
from chat import database  # noqa: E402
from chat.models import Membership, Message  # noqa: E402
from chat.pipeline.runtime import Runtime  # noqa: E402
from chat.protocol.commands import PostMessage  # noqa: E402

_WARMUP_S = 0.5
_BODY = "hello, this is a chat message of quite an ordinary length, as people write them in rooms"
Sender = Callable[[int, int], Awaitable[object]]


async def measure(send: Sender, places: list[tuple[int, int]], seconds: float) -> dict[str, float]:
    """Let all send for a while, one message after the other."""
    began = time.perf_counter() + _WARMUP_S
    end = began + seconds
    times: list[float] = []

    async def sender(room: int, user: int) -> None:
        while (start := time.perf_counter()) < end:
            await send(room, user)
            if start >= began:
                times.append(time.perf_counter() - start)

    cpu_s = time.process_time()
    await asyncio.gather(*(sender(*place) for place in places))
    cpu_s = time.process_time() - cpu_s
    took_s = time.perf_counter() - began
    return {
        "messages_s": len(times) / took_s,
        # The short warm-up is in it: the share of a message is what counts.
        "cpu_us": cpu_s * 1e6 / len(times) * took_s / (took_s + _WARMUP_S),
        "answer_p50_ms": quantile(times, 0.5) * 1_000,
        "answer_p99_ms": quantile(times, 0.99) * 1_000,
    }


async def acreate(places: list[tuple[int, int]], seconds: float) -> dict[str, float]:
    """Store each message by itself."""
    # In memory, so that the number costs nothing here.
    numbers = {room: itertools.count(1) for room, _ in places}

    async def send(room: int, user: int) -> object:
        number = next(numbers[room])
        return await Message.objects.acreate(
            room_id=room,
            sender_id=user,
            seq=number,
            msg_no=number,
            body=_BODY,
            client_message_id=str(uuid.uuid4()),
            at=timezone.now(),
        )

    return await measure(send, places, seconds)


async def pipeline(places: list[tuple[int, int]], seconds: float) -> dict[str, float]:
    """Submit each message to the committer of a running process."""
    runtime = Runtime()
    await runtime.start()

    async def send(room: int, user: int) -> object:
        command = PostMessage(room=room, client_message_id=str(uuid.uuid4()), body=_BODY)
        return await runtime.committer.submit(user, command)

    try:
        return await measure(send, places, seconds)
    finally:
        await runtime.stop()
        database.close_all()


def main() -> None:
    """Measure one way."""
    how, name, seconds, folder = sys.argv[1], sys.argv[2], float(sys.argv[3]), Path(sys.argv[4])
    base = json.loads((folder / "world.json").read_text(encoding="utf-8"))[name]
    rooms = next(scene.rooms for scene in SCENES if scene.name == name)
    places = list(
        Membership.objects.filter(room__gte=base, room__lt=base + rooms).values_list("room", "user")
    )
    way = {"acreate": acreate, "pipeline": pipeline}[how]
    print(json.dumps(asyncio.run(way(places, seconds))))


if __name__ == "__main__":
    main()
