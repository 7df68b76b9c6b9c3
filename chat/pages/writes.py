"""How a page writes: by the committer of this process, so that every open page hears of it at once."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from django.http import HttpRequest

from chat import database
from chat.live.envelope import Item
from chat.models import Room, User
from chat.pipeline import run, runtime
from chat.protocol.commands import AddMember, Command, JoinRoom
from chat.protocol.errors import Refused

_log = structlog.get_logger(__name__)

LOBBY = "lobby"


async def submit(request: HttpRequest, actor_id: int, command: Command) -> dict[str, Any]:
    """Carry out a durable command and return the reply's result. Raises Refused."""
    scope = getattr(request, "scope", {})
    if "runtime" in scope:
        process = runtime.of(scope)
        await process.start()
        return await process.committer.submit(actor_id, command)
    return await database.run_in(database.writer_pool(), partial(run.run, actor_id, command))


def tell(request: HttpRequest, *items: Item) -> None:
    """Publish from the thread of a view what is no change of a room."""
    scope = getattr(request, "scope", {})
    if "runtime" in scope:
        runtime.of(scope).tell(items)


def later(request: HttpRequest, actor_id: int, command: Command) -> None:
    """Note a command that follows when the synchronous view has answered (its threads cannot await)."""
    _noted(request).append((actor_id, command))


async def carry_out(request: HttpRequest) -> None:
    """Carry out what was noted; a refusal is logged, because the account exists and its page comes up."""
    noted = _noted(request)
    while noted:
        actor_id, command = noted.pop(0)
        try:
            await submit(request, actor_id, command)
        except Refused as refused:
            _log.warning("pages.refused", code=refused.code.value, detail=refused.detail, actor=actor_id)


def let_in(request: HttpRequest, user: User, *, room: Room | None = None, by: User | None = None) -> None:
    """Note that a new account enters the lobby and the room that it was invited to."""
    lobby = Room.objects.filter(slug=LOBBY, deleted_at=None, archived_at=None).first()
    # A guest is in the rooms it was put in, and nowhere else.
    if lobby is not None and not user.is_guest:
        later(request, user.pk, JoinRoom(room=lobby.pk))
    if room is not None and by is not None and room != lobby:
        later(request, by.pk, AddMember(room=room.pk, user=user.pk))


def _noted(request: HttpRequest) -> list[tuple[int, Command]]:
    noted: list[tuple[int, Command]] = request.__dict__.setdefault("noted_writes", [])
    return noted
