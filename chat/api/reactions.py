"""The emoji under a message."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat.api.requests import answer, built, submit
from chat.api.shapes import Place
from chat.protocol import commands
from chat.protocol.fields import Id

router = Router(tags=["reactions"])


@router.put("/messages/{message}/reactions/{emoji}", response=Place, summary="React to a message")
async def add(request: HttpRequest, message: Id, emoji: str) -> HttpResponse:
    """`emoji` percent-encoded. A repeat changes nothing."""
    return answer(await submit(request, built(commands.AddReaction, message=message, emoji=emoji)))


@router.delete("/messages/{message}/reactions/{emoji}", response=Place, summary="Take a reaction back")
async def remove(request: HttpRequest, message: Id, emoji: str) -> HttpResponse:
    """One's own. A repeat changes nothing."""
    return answer(await submit(request, built(commands.RemoveReaction, message=message, emoji=emoji)))
