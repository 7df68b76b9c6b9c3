"""Conversations of fixed people."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat import database
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.requests import answer, command, submit
from chat.protocol import commands, shapes
from chat.queries import rooms

router = Router(tags=["directs"])


@router.post("/directs", response={200: shapes.RoomState, 201: shapes.RoomState},
             summary="Open a direct conversation", openapi_extra=body(commands.OpenDirect))  # fmt: skip
async def open_direct(request: HttpRequest) -> HttpResponse:
    """With exactly these users and me: 201 at the first time, then 200 with the same room."""
    asked = command(request, commands.OpenDirect)
    user = actor(request)
    has_been = await database.run(rooms.has_direct, {user.pk, *asked.users})
    result = await submit(request, asked)
    state = await database.run(rooms.written, user, result["room"])
    return answer(state, 200 if has_been else 201)
