"""What I have written now, to be sent later."""

from __future__ import annotations

import uuid
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, command, nothing, runtime, submit
from chat.api.shapes import Page, Scheduled
from chat.features.scheduled import sending, service
from chat.features.scheduled.commands import ScheduleMessage, UpdateScheduled
from chat.models import ScheduledMessage
from chat.protocol.errors import ProtocolError, Refused
from chat.protocol.fields import Id
from chat.queries import payloads

router = Router(tags=["scheduled"])


@router.get("/scheduled", response=Page[Scheduled], summary="List my scheduled messages")
async def browse(
    request: HttpRequest, cursor: str | None = None, limit: Limit = PAGE_LIMIT_DEFAULT
) -> HttpResponse:
    """In the order of their making, those that could not be sent among them; what was sent is no longer here.

    Fewer than `limit` where the texts are long.
    """
    rows, last = await database.run(service.browse, actor(request), pagination.after(cursor), limit)
    return answer(pagination.page([_shape(row) for row in rows], last))


@router.post("/scheduled", response={201: Scheduled}, summary="Schedule a message",
             openapi_extra=body(ScheduleMessage, optional=["client_scheduled_id"]))  # fmt: skip
async def create(request: HttpRequest) -> HttpResponse:
    """A repeat with the same `client_scheduled_id` answers with the first one, as it is now.

    Without one the server makes it, and a repeat is a second message.
    """
    asked = command(request, ScheduleMessage, {"client_scheduled_id": str(uuid.uuid4())})
    (await runtime(request)).check_send_rate(actor(request).pk)
    row = await database.run(service.create, actor(request), asked, timezone.now())
    return await _changed(request, row, 201)


@router.get("/scheduled/{scheduled}", response=Scheduled, summary="Read a scheduled message")
async def read(request: HttpRequest, scheduled: Id) -> HttpResponse:
    """For a while also after it was sent: then `message` and `seq` tell where, and the text is there alone."""
    return answer(_shape(await database.run(service.one, actor(request), scheduled)))


@router.patch("/scheduled/{scheduled}", response=Scheduled, summary="Change a scheduled message",
              openapi_extra=body(UpdateScheduled))  # fmt: skip
async def change(request: HttpRequest, scheduled: Id) -> HttpResponse:
    """Its text, its time or both. A new time lets one that could not be sent wait again."""
    asked = command(request, UpdateScheduled)
    row = await database.run(service.change, actor(request), scheduled, asked, timezone.now())
    return await _changed(request, row)


@router.delete("/scheduled/{scheduled}", response={204: None}, summary="Cancel a scheduled message")
async def cancel(request: HttpRequest, scheduled: Id) -> HttpResponse:
    """It is never sent. One that is out already is `conflict`."""
    await database.run(service.cancel, actor(request), scheduled, timezone.now())
    (await runtime(request)).tell([sending.changed(actor(request).pk)])
    return nothing()


@router.post("/scheduled/{scheduled}/send-now", response=Scheduled, summary="Send a scheduled message now")
async def send_now(request: HttpRequest, scheduled: Id) -> HttpResponse:
    """Also one that could not be sent. Refused like `message.post`; then it waits as before. A repeat is the same."""
    user, running = actor(request), await runtime(request)
    running.check_send_rate(user.pk)
    row, was_due_at = await database.run(sending.take_now, user, scheduled, timezone.now())
    if row.state is ScheduledMessage.State.SENT:
        return answer(_shape(row))
    try:
        result = await submit(request, sending.command_of(row))
    except (Refused, ProtocolError) as error:
        await database.run(sending.refused, row, error, timezone.now(), was_due_at)
        running.tell([sending.changed(user.pk)])
        raise
    await database.run(sending.sent, row, result["id"], result["seq"], timezone.now())
    return await _changed(request, await database.run(service.one, user, scheduled))


async def _changed(request: HttpRequest, row: ScheduledMessage, status: int = 200) -> HttpResponse:
    """Answer with a row, and let the author's other devices read the list again."""
    (await runtime(request)).tell([sending.changed(row.author_id)])
    return answer(_shape(row), status)


def _shape(row: ScheduledMessage) -> Scheduled:
    shape = {
        "id": row.pk,
        "room": row.room_id,
        "parent": row.parent_id,
        "body": row.body,
        "due_at": payloads.time(row.due_at),
        "time_zone": row.time_zone,
        "state": row.state.value,
        "error": {"code": row.failed_code, "detail": row.failed_detail} if row.failed_at else None,
        "message": row.message_id,
        "seq": row.seq,
        "created_at": payloads.time(row.created_at),
        "client_scheduled_id": row.client_scheduled_id,
    }
    return cast(Scheduled, shape)
