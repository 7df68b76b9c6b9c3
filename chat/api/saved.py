"""Messages that I have put aside for myself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, command, nothing, runtime
from chat.api.shapes import Page, SavedIds, SavedMessage
from chat.features.saved import service
from chat.features.saved.commands import SaveMessage
from chat.models import Saved, User
from chat.protocol.fields import Id
from chat.queries import payloads

router = Router(tags=["saved"])


@router.get("/saved", response=Page[SavedMessage], summary="List what I have saved")
async def browse(
    request: HttpRequest, done: bool = False, cursor: str | None = None, limit: Limit = PAGE_LIMIT_DEFAULT
) -> HttpResponse:
    """The newest first: what is still to be done, or with `done=true` what is done.

    Messages that were deleted, have expired, or stand where I am no more are not among them.
    """
    found = await database.run(_browse, actor(request), done, pagination.after(cursor), limit)
    return answer(pagination.page(*found))


@router.get("/saved/ids", response=SavedIds, summary="See which messages I have saved")
async def ids(request: HttpRequest) -> HttpResponse:
    """Those still to be done, by id: how many they are, and which messages of a room are marked."""
    return answer({"messages": await database.run(service.ids, actor(request))})


@router.put("/saved/{message}", response=SavedMessage, summary="Save a message, or be done with it",
            openapi_extra=body(SaveMessage))  # fmt: skip
async def save(request: HttpRequest, message: Id) -> HttpResponse:
    """One that I can read. With `is_done` it goes to what is done, without it is to be done (again)."""
    asked = command(request, SaveMessage)
    (await runtime(request)).check_send_rate(actor(request).pk)
    saved = await database.run(_save, actor(request), message, asked.is_done)
    (await runtime(request)).tell([service.changed(actor(request).pk)])
    return answer(saved)


@router.delete("/saved/{message}", response={204: None}, summary="Save a message no more")
async def forget(request: HttpRequest, message: Id) -> HttpResponse:
    """It is out of the list, done or not."""
    await database.run(service.forget, actor(request), message)
    (await runtime(request)).tell([service.changed(actor(request).pk)])
    return nothing()


def _browse(user: User, done: bool, before: int, limit: int) -> tuple[list[SavedMessage], int | None]:
    rows, last = service.browse(user, done, before, limit)
    fitting = payloads.fitting_count(payloads.text_chars(row.message) for row in rows)
    if fitting < len(rows):
        rows, last = rows[:fitting], rows[fitting - 1].pk
    return _shapes(rows), last


def _save(user: User, message: int, is_done: bool) -> SavedMessage:
    return _shapes([service.save(user, message, is_done, timezone.now())])[0]


def _shapes(rows: list[Saved]) -> list[SavedMessage]:
    messages = payloads.messages([row.message for row in rows])
    return [
        {
            "message": message,
            "saved_at": payloads.time(row.saved_at),
            "done_at": payloads.time(row.done_at) if row.done_at else None,
        }
        for row, message in zip(rows, messages, strict=True)
    ]
