"""The emoji of the workspace's own."""

from __future__ import annotations

import asyncio
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.api import pagination, pictures
from chat.api.authentication import actor
from chat.api.requests import answer, nothing
from chat.api.shapes import Page
from chat.features.emoji import service
from chat.live.bucket import Buckets
from chat.protocol import shapes
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import own_emoji

router = Router(tags=["emoji"])

# Everybody who is connected hears of a change: of one account in this process so many.
_CHANGES_PER_S, _CHANGES_BURST = 0.5, 60
_CHANGES_KEPT_COUNT = 10_000


class MadeEmoji(shapes.CustomEmoji):
    """The same, and how many pictures of an animation were left out: it was too long or too large to move."""

    left_out: int


@cache
def _changes() -> Buckets:
    return Buckets(_CHANGES_PER_S, _CHANGES_BURST, _CHANGES_KEPT_COUNT)


@router.get("/emoji", response=Page[shapes.CustomEmoji], summary="List the workspace's own emoji")
async def browse(request: HttpRequest) -> HttpResponse:
    """All of them, by name: at most 1,000."""
    actor(request)
    return answer(pagination.page(await database.run(own_emoji.every), None))


@router.put("/emoji/{name}", response={200: MadeEmoji, 201: MadeEmoji}, summary="Make an emoji",
            openapi_extra=pictures.SENT)  # fmt: skip
async def put(request: HttpRequest, name: str) -> HttpResponse:
    """A PNG, JPEG, GIF or WebP of at most 1,000,000 bytes; made anew, at most 128 pixels a side, moving if it is short.

    201; or 200 for another picture of one that I have made, as an admin of any.
    """
    picture = pictures.read(request, service.PICTURE_MAX_BYTES)
    _count_change(request)
    maker = actor(request)
    await database.run(service.check, maker, name)
    drawn = await pictures.make(maker.pk, picture, service.draw)
    shape, is_new = await database.run(service.keep, maker, name, drawn, timezone.now())
    return answer({**shape, "left_out": drawn.left_out}, 201 if is_new else 200)


@router.put("/emoji/{name}/aliases/{alias}",
            response={200: shapes.CustomEmoji, 201: shapes.CustomEmoji},
            summary="Give an emoji another name")  # fmt: skip
async def call(request: HttpRequest, name: str, alias: str) -> HttpResponse:
    """201; or 200 where it has that name already."""
    _count_change(request)
    shape, is_new = await database.run(service.call, actor(request), name, alias, timezone.now())
    return answer(shape, 201 if is_new else 200)


@router.delete("/emoji/{name}", response={204: None}, summary="Remove an emoji")
async def remove(request: HttpRequest, name: str) -> HttpResponse:
    """With its aliases, or an alias alone; who has made it, and admins. Where it stood its name is shown."""
    _count_change(request)
    await database.run(service.remove, actor(request), name)
    return nothing()


@router.get("/emoji/pictures/{key}", summary="Read the picture of an emoji", openapi_extra=pictures.SHOWN)
async def picture(request: HttpRequest, key: str) -> HttpResponse:
    """WebP, at most 128 pixels a side."""
    actor(request)
    return pictures.show(await database.run(own_emoji.picture, key))


def _count_change(request: HttpRequest) -> None:
    wait_s = _changes().take(actor(request).pk, asyncio.get_running_loop().time())
    if wait_s:
        raise Refused(ErrorCode.RATE_LIMITED, "too many changes of emoji", int(wait_s * 1_000) + 1)
