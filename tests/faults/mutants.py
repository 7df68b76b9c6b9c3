"""Servers with one fault planted each; a fault test that passes with all of them sees nothing.

`python -m tests.faults.mutants NAME serve --port 8000` runs `manage.py serve --port 8000` with that fault.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

# How long what must happen together is apart: the answer and its COMMIT, a read and the watch.
APART_S = 0.3


def ack_before_commit() -> None:
    """Answer, then commit: who is killed in between has acknowledged what is lost."""
    from django.db import transaction

    from chat import database, failpoints
    from chat.pipeline import committer
    from chat.pipeline.execute import execute

    async def commit(self: Any, batch: list[Any]) -> None:
        loop, requests = asyncio.get_running_loop(), [waiting.request for waiting in batch]

        def answer_early() -> Any:
            with transaction.atomic():
                executed = execute(requests)
                loop.call_soon_threadsafe(committer._answer, batch, executed.outcomes)
                time.sleep(APART_S)
                if failpoints.is_on:
                    failpoints.reach("reply.after")
            return executed

        executed = await database.run_in(database.writer_pool(), answer_early)
        self._hub.publish(executed.items)

    _replace(committer.Committer, "_commit", commit)


def no_dedupe() -> None:
    """Store a repeated message once more, as if each try had an id of its own."""
    from chat.actions import DECIDE
    from chat.protocol.commands import PostMessage

    post = DECIDE[PostMessage]

    def forgetful(state: Any, request: Any) -> Any:
        request.command = request.command.model_copy(update={"client_message_id": str(uuid.uuid4())})
        return post(state, request)

    DECIDE[PostMessage] = forgetful


def no_reconcile() -> None:
    """Never compare with the log: an envelope that is lost without a sign stays lost."""
    from chat.live.hub import Hub

    async def never(self: Any) -> None:
        await asyncio.Event().wait()

    _replace(Hub, "_reconcile", never)


def no_room_lock() -> None:
    """Read rooms without a lock: who is removed meanwhile still posts, two processes take the same seq."""
    from chat.models import Room

    _replace(type(Room.objects), "select_for_update", lambda manager, **_how: manager.all())


def read_before_watch() -> None:
    """Watch the rooms a moment after they were read, and read no head again: what is stored in between is missing."""
    from chat.live.hub import Hub

    watch = Hub.watch

    async def late(self: Any, rooms: Any) -> None:
        await asyncio.sleep(APART_S)
        await watch(self, rooms)

    _replace(Hub, "watch", late)
    _replace(Hub, "hears", lambda hub, room, since: True)


def publish_out_of_order() -> None:
    """Send each other envelope late, and give readers whatever comes, as it comes."""
    from chat.live.envelope import RoomChanges
    from chat.live.layer import Layer
    from chat.live.room_track import RoomTrack, _Held

    publish, count = Layer.publish, 0

    def swapped(self: Any, items: Any) -> None:
        nonlocal count
        count += any(isinstance(item, RoomChanges) for item in items)
        asyncio.get_running_loop().call_later(0.2 * (count % 2), publish, self, items)

    def accept(self: Any, changes: RoomChanges) -> None:
        moves = {seq: (user, joined) for seq, user, joined in changes.moves}
        for seq, frame in enumerate(changes.frames, changes.first):
            held = _Held(frame, moves.get(seq))
            self._heard = self.delivered = max(seq, self.delivered or 0)
            self._remember(seq, held)
            for follower in [reader for reader in self.followers if not self._give(reader, seq, held)]:
                del self.followers[follower]

    _replace(Layer, "publish", swapped)
    _replace(RoomTrack, "accept", accept)


MUTANTS: dict[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (
        ack_before_commit, no_dedupe, no_reconcile, no_room_lock, publish_out_of_order, read_before_watch,
    )
}  # fmt: skip


def _replace(owner: Any, name: str, value: Any) -> None:
    assert hasattr(owner, name), f"{owner} has no {name} any more"
    setattr(owner, name, value)


def main(arguments: list[str]) -> None:
    """Plant one fault and run a management command."""
    if not arguments or arguments[0] not in MUTANTS:
        raise SystemExit(f"usage: python -m tests.faults.mutants {{{','.join(MUTANTS)}}} COMMAND ...")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    MUTANTS[arguments[0]]()
    execute_from_command_line(["manage.py", *arguments[1:]])


if __name__ == "__main__":
    main(sys.argv[1:])
