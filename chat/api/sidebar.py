"""How I have arranged my left column."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat import database
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.requests import answer, command, runtime
from chat.features.sidebar import service
from chat.features.sidebar.commands import ArrangeSidebar
from chat.protocol import shapes

router = Router(tags=["sidebar"])


@router.get("/me/sidebar", response=shapes.Sidebar, summary="Read how I have arranged my rooms")
async def read(request: HttpRequest) -> HttpResponse:
    """Favourites, sections of my own, what is folded and the order; version 0 where I never have."""
    return answer(await database.run(service.read, actor(request)))


@router.put("/me/sidebar", response=shapes.Sidebar, summary="Arrange my rooms",
            openapi_extra=body(ArrangeSidebar))  # fmt: skip
async def arrange(request: HttpRequest) -> HttpResponse:
    """Whole, with the `version` that was read; `conflict` when another device was first. All my devices hear of it."""
    asked = command(request, ArrangeSidebar)
    (await runtime(request)).check_send_rate(actor(request).pk)
    stored = await database.run(service.arrange, actor(request), asked)
    (await runtime(request)).tell([service.changed(actor(request).pk)])
    return answer(stored)
