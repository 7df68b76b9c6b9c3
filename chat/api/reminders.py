"""What I want to be told of at a time."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, command, nothing, runtime
from chat.api.shapes import Page
from chat.features.reminders import service, telling
from chat.features.reminders.commands import CreateReminder, UpdateReminder
from chat.models import Reminder
from chat.protocol import shapes
from chat.protocol.fields import Id
from chat.queries import reminders

router = Router(tags=["reminders"])


@router.get("/reminders", response=Page[shapes.Reminder], summary="List my reminders")
async def browse(
    request: HttpRequest, cursor: str | None = None, limit: Limit = PAGE_LIMIT_DEFAULT
) -> HttpResponse:
    """In the order of their making, all that are not done; `due` are those whose time has come."""
    rows, last = await database.run(service.browse, actor(request), pagination.after(cursor), limit)
    return answer(pagination.page([reminders.shape(row) for row in rows], last))


@router.post("/reminders", response={201: shapes.Reminder}, summary="Make a reminder",
             openapi_extra=body(CreateReminder, optional=["client_reminder_id"]))  # fmt: skip
async def create(request: HttpRequest) -> HttpResponse:
    """Of a message that I can read, of a text, or of both; `label` are the words by which the time was chosen.

    A repeat with the same `client_reminder_id` answers with the first one, as it is now.
    """
    asked = command(request, CreateReminder, {"client_reminder_id": str(uuid.uuid4())})
    (await runtime(request)).check_send_rate(actor(request).pk)
    row = await database.run(service.create, actor(request), asked, timezone.now())
    return await _changed(request, row, 201)


@router.patch("/reminders/{reminder}", response=shapes.Reminder, summary="Change or put off a reminder",
              openapi_extra=body(UpdateReminder))  # fmt: skip
async def change(request: HttpRequest, reminder: Id) -> HttpResponse:
    """With another `due_at` it waits again and is told again. One that is done is `conflict`."""
    asked = command(request, UpdateReminder)
    row = await database.run(service.change, actor(request), reminder, asked, timezone.now())
    return await _changed(request, row)


@router.post("/reminders/{reminder}/done", response=shapes.Reminder, summary="Be done with a reminder")
async def finish(request: HttpRequest, reminder: Id) -> HttpResponse:
    """It leaves the list. A repeat is the same."""
    row = await database.run(service.finish, actor(request), reminder, timezone.now())
    return await _changed(request, row)


@router.delete("/reminders/{reminder}", response={204: None}, summary="Delete a reminder")
async def delete(request: HttpRequest, reminder: Id) -> HttpResponse:
    """It is never told, or leaves the list."""
    await database.run(service.delete, actor(request), reminder, timezone.now())
    (await runtime(request)).tell([telling.changed(actor(request).pk)])
    return nothing()


async def _changed(request: HttpRequest, row: Reminder, status: int = 200) -> HttpResponse:
    """Answer with a row, and let the person's other devices read the list again."""
    (await runtime(request)).tell([telling.changed(row.user_id)])
    return answer(reminders.shape(row), status)
