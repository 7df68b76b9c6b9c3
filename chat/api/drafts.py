"""What I have begun to write."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import Limit
from chat.api.requests import answer, command, runtime
from chat.api.shapes import Page
from chat.features.drafts import service
from chat.features.drafts.commands import WriteDraft
from chat.protocol import shapes

router = Router(tags=["drafts"])
# Each may be as long as a message.
_PAGE_COUNT = 20


@router.get("/drafts", response=Page[shapes.Draft], summary="List my drafts")
async def browse(request: HttpRequest, cursor: str | None = None, limit: Limit = _PAGE_COUNT) -> HttpResponse:
    """In the order of their making; those of rooms that I have left are left out."""
    found, last = await database.run(service.browse, actor(request), pagination.after(cursor), limit)
    return answer(pagination.page(found, last))


@router.put("/drafts", response=shapes.Draft, summary="Write a draft", openapi_extra=body(WriteDraft))
async def write(request: HttpRequest) -> HttpResponse:
    """Of a room, or with `parent` of a thread; an empty `body` lets it go. The last to write wins, by `written_at`.

    Answers with what is kept now: that may be another one, which was written later. My other devices are told.
    """
    asked = command(request, WriteDraft)
    user, running = actor(request), await runtime(request)
    running.check_send_rate(user.pk)
    kept, is_new = await database.run(service.write, user, asked, timezone.now())
    if is_new:
        running.tell([service.changed(user.pk, kept)])
    return answer(kept)
