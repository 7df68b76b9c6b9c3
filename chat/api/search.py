"""Find messages and files."""

from __future__ import annotations

import asyncio
from typing import Annotated

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from chat import database
from chat.api.authentication import actor
from chat.api.requests import answer, runtime
from chat.api.shapes import Found, FoundMessage
from chat.features.search import asking, indexing
from chat.features.search.asking import Answer, Asked, Find, Sort
from chat.models import User
from chat.pipeline.runtime import Runtime
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Id
from chat.protocol.shapes import Message
from chat.queries import payloads
from chat.text import excerpts
from chat.text.plain import plain

router = Router(tags=["search"])

Limit = Annotated[int, Field(ge=1, le=asking.LIMIT_MAX)]
# Who waits longer for a turn is told to come again.
_TURN_S = 3.0
_AGAIN_MS = 2_000
# Where there are no workers, whoever asks has a little written into the index first.
_INDEXING_S = 0.2


@router.get("/search", response=Found, summary="Find messages and files")
async def search(
    request: HttpRequest,
    q: str = "",
    room: Id | None = None,
    sender: Annotated[str | None, Query(alias="from", max_length=40)] = None,
    before: Annotated[str | None, Query(max_length=40)] = None,
    after: Annotated[str | None, Query(max_length=40)] = None,
    sort: Sort = "newest",
    cursor: str | None = None,
    limit: Limit = asking.LIMIT_DEFAULT,
) -> HttpResponse:
    """In the rooms that I am in now, all words of `q`: parts of words too, a phrase in quotes.

    Operators in `q`: `from:handle` `in:room` `before:2026-11-01` `after:` `on:` `is:thread|mention|dm`
    `has:link|file|image|video|audio|code|preview|reaction`. `room`, `from`, `before` and `after` say the same
    beside it, the last two also with a time.
    What nobody may know finds nothing. A page may be shorter than `limit`, even empty, while `next` goes on.
    `behind`: so much was written lately that not all of it has been looked at.
    """
    user, running = actor(request), await runtime(request)
    running.check_search_rate(user.pk)
    asked = Asked(q, room, sender, before, after, sort, cursor, limit)
    try:
        await asyncio.wait_for(running.search_turns.acquire(), _TURN_S)
    except TimeoutError:
        raise Refused(ErrorCode.BUSY, "too many searches at once", _AGAIN_MS) from None
    try:
        found = await _found(user, asked, running)
    finally:
        running.search_turns.release()
    return answer(found)


async def _found(user: User, asked: Asked, running: Runtime) -> Found:
    if not settings.HAS_WORKERS:
        await database.run(indexing.go_on, running_s=_INDEXING_S)
    return await database.run(_ask, user, asked)


def _ask(user: User, asked: Asked) -> Found:
    found = asking.ask(user, asked, timezone.now())
    rows = [find.message for find in found.finds]
    fitting = payloads.fitting_count(payloads.text_chars(row) for row in rows)
    following = found.next
    if fitting < len(rows) and asked.sort == "newest":
        # A page of long messages ends earlier; the best ones are few.
        rows, following = rows[:fitting], str(rows[fitting - 1].pk)
    shapes = payloads.messages(rows)
    items = [_item(shape, find, found) for shape, find in zip(shapes, found.finds, strict=False)]
    return {"items": items, "next": following, "behind": found.behind}


def _item(shape: Message, find: Find, found: Answer) -> FoundMessage:
    terms = found.question.terms
    return {
        "message": shape,
        "excerpt": excerpts.excerpt(plain(find.message.body), terms),
        "names": [excerpts.excerpt(name, terms) for name in find.names],
    }
