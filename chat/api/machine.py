"""How the installation is doing, what has failed, and to try it again."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.api import pagination, rank
from chat.api.admin_shapes import FailedWork, Health, Retried
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, runtime
from chat.api.shapes import Page
from chat.features.machine import reading, retrying
from chat.protocol.fields import Id

router = Router(tags=["machine"])


@router.get("/admin/health", response=Health, summary="See how the installation is doing")
async def read(request: HttpRequest) -> HttpResponse:
    """Queues, workers, what is stored, versions; `connections` are those of the answering process. Admins only."""
    rank.admin(request)
    running = await runtime(request)
    found = await database.run(reading.read, timezone.now())
    here = {"degraded": running.degraded(), "connections": len(running.hub.connections())}
    return answer({**found, **here})


@router.get("/admin/work", response=Page[FailedWork], summary="List work that was put aside")
async def browse(
    request: HttpRequest, cursor: str | None = None, limit: Limit = PAGE_LIMIT_DEFAULT
) -> HttpResponse:
    """The newest first, with what went wrong."""
    rank.admin(request)
    items, last = await database.run(reading.failed, pagination.after(cursor), limit)
    return answer(pagination.page(items, last))


@router.post("/admin/work/retry", response=Retried, summary="Try again what was put aside")
async def retry_all(
    request: HttpRequest, queue: Literal["fast", "mail", "io", "cpu"] | None = None
) -> HttpResponse:
    """Of one queue or of all, a thousand at a time, each with all its attempts."""
    count = await database.run(retrying.everything, rank.admin(request), queue)
    return answer({"count": count})


@router.post("/admin/work/{work}/retry", response=Retried, summary="Try one piece of work again")
async def retry(request: HttpRequest, work: Id) -> HttpResponse:
    """At once, with all its attempts; what is not put aside stays as it is."""
    return answer({"count": await database.run(retrying.one, rank.admin(request), work)})
