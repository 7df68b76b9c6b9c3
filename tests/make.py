"""Makers: everything goes through the pipeline, so that fixtures cannot lie about seq."""

from __future__ import annotations

import uuid
from typing import Any

from chat.models import Message, Room, User
from chat.pipeline.run import run
from chat.protocol.commands import PostMessage
from tests.cast import make_room, make_user

__all__ = ["client_message_id", "make_room", "make_user", "post", "post_command"]


def client_message_id() -> str:
    """Return an id that a client would make."""
    return uuid.uuid4().hex


def post_command(room: Room | int, body: str, **fields: Any) -> PostMessage:
    """Return a command to post."""
    room_id = room if isinstance(room, int) else room.pk
    return PostMessage(room=room_id, client_message_id=client_message_id(), body=body, **fields)


def post(room: Room, sender: User, body: str, **fields: Any) -> Message:
    """Store a message."""
    return Message.objects.get(pk=run(sender.pk, post_command(room, body, **fields))["id"])
