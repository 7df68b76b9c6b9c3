"""Tell those in charge about a message, and, for these, see to it."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.api import pagination
from chat.api.admin_shapes import Reported, Reports, Resolved
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import Limit
from chat.api.requests import answer, built, command, runtime, submit
from chat.features.reports import queue, telling
from chat.features.reports.commands import ReportMessage, ResolveReports
from chat.models import Message
from chat.protocol import commands
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Id
from chat.queries import payloads

router = Router(tags=["reports"])

_LIMIT_DEFAULT = 20


@router.post("/messages/{message}/report", response={200: Reported, 201: Reported}, summary="Report a message",
             openapi_extra=body(ReportMessage))  # fmt: skip
async def report(request: HttpRequest, message: Id) -> HttpResponse:
    """To the moderators of its room and the admins; its author never learns of whom. A repeat gets the first one."""
    asked = command(request, ReportMessage)
    row, is_new = await database.run(telling.report, actor(request), message, asked, timezone.now())
    if is_new:
        (await runtime(request)).tell(await database.run(telling.changed, row.room_id))
    shape = {"message": row.message_id, "kind": row.kind, "at": payloads.time(row.created_at)}
    return answer(shape, 201 if is_new else 200)


@router.get("/reports", response=Reports, summary="List reported messages")
async def browse(
    request: HttpRequest,
    state: Literal["open", "resolved"] = "open",
    cursor: str | None = None,
    limit: Limit = _LIMIT_DEFAULT,
) -> HttpResponse:
    """Of the rooms that I moderate, for admins of all; none about myself. `open` counts what waits."""
    user, before = actor(request), pagination.after(cursor)
    items, last = await database.run(queue.browse, user, before, limit, is_open=state == "open")
    return answer({**pagination.page(items, last), "open": await database.run(queue.open_count, user)})


@router.post("/messages/{message}/resolve", response=Resolved, summary="See to a reported message",
             openapi_extra=body(ResolveReports))  # fmt: skip
async def resolve(request: HttpRequest, message: Id) -> HttpResponse:
    """Does what `resolution` says, as the command of that name would, and settles all its open reports."""
    user, asked = actor(request), command(request, ResolveReports)
    found = await database.run(queue.message_of, user, message)
    if asked.resolution == "deleted" or asked.delete:
        await _delete(request, found, asked)
    if deed := _deed(found, asked):
        await submit(request, deed)
    reason = asked.reason or ""
    count = await database.run(queue.resolve, user, found, asked.resolution, reason, timezone.now())
    (await runtime(request)).tell(await database.run(telling.changed, found.room_id))
    return answer({"reports": count})


async def _delete(request: HttpRequest, found: Message, asked: ResolveReports) -> None:
    if found.deleted_at is None:
        try:
            await submit(request, built(commands.DeleteMessage, message=found.pk, reason=asked.reason))
        except Refused as refused:
            # Its author was faster; then there is nothing left to delete.
            if refused.code is not ErrorCode.NOT_FOUND:
                raise


def _deed(found: Message, asked: ResolveReports) -> commands.Command | None:
    """Return what is asked to be done to the author."""
    whom = {"room": found.room_id, "user": found.sender_id, "reason": asked.reason}
    if asked.resolution == "muted":
        return built(commands.MuteMember, **whom, minutes=asked.minutes)
    if asked.resolution == "removed":
        return built(commands.RemoveMember, **whom)
    if asked.resolution == "banned":
        return built(commands.BanMember, **whom, minutes=asked.minutes)
    return None
