"""Bans and mutes over all rooms, for those who run the workspace; they are lifted room by room (members.py)."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.api import pagination, rank
from chat.api.admin_shapes import Sanctions
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, runtime
from chat.protocol import text_rules
from chat.protocol.limits import NAME_MAX_CHARS
from chat.queries import sanctions

router = Router(tags=["people"])


@router.get("/admin/sanctions", response=Sanctions, summary="List bans and mutes")
async def browse(
    request: HttpRequest,
    kind: Literal["all", "ban", "mute"] = "all",
    q: str = "",
    cursor: str | None = None,
    limit: Limit = PAGE_LIMIT_DEFAULT,
) -> HttpResponse:
    """What still stands, over all rooms; each word of `q` is in a name or a handle. Admins only."""
    rank.admin(request)
    text = text_rules.clean_line(q, "q", NAME_MAX_CHARS, may_be_empty=True)
    items, last, total = await database.run(
        sanctions.browse, kind, text, pagination.after(cursor), limit, timezone.now()
    )
    (await runtime(request)).presence.fill_in([item["user"] for item in items])
    return answer({**pagination.page(items, last), "total": total})
