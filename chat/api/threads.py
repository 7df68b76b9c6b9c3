"""The threads that one follows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat import database
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import Limit
from chat.api.requests import answer, built, command, submit
from chat.api.shapes import Page, ThreadMark
from chat.protocol import shapes
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import Id
from chat.protocol.threads import FollowThread, ReadThread, UnfollowThread
from chat.queries import threads

router = Router(tags=["threads"])
_PAGE_COUNT = 20


@router.get("/threads", response=Page[shapes.Thread], summary="List threads that I follow")
async def browse(
    request: HttpRequest, unread: bool = False, cursor: str | None = None, limit: Limit = _PAGE_COUNT
) -> HttpResponse:
    """The newest activity first: with `unread` those in which something is, without it the others.

    Each with its first message and its last three replies.
    """
    after = None
    if cursor is not None:
        try:
            after = threads.place_of(cursor)
        except (ValueError, OverflowError):
            detail = "cursor: it is not one that was given as next"
            raise ProtocolError(ErrorCode.BAD_FRAME, detail) from None
    found, following = await database.run(
        threads.page, actor(request), is_unread=unread, after=after, limit=limit
    )
    return answer({"items": found, "next": following and threads.cursor_of(following)})


@router.get("/threads/state", response=Page[shapes.ThreadState], summary="Count what is unread in my threads")
async def states(request: HttpRequest) -> HttpResponse:
    """All that I follow, the 1,000 followed last at most, the newest activity first; one page."""
    return answer({"items": await database.run(threads.states, actor(request)), "next": None})


@router.put("/messages/{message}/follow", response=ThreadMark, summary="Follow a thread")
async def follow(request: HttpRequest, message: Id) -> HttpResponse:
    """From here on. Who writes in it, is named there or has written its first message follows it anyway."""
    return answer(await submit(request, built(FollowThread, message=message)))


@router.delete("/messages/{message}/follow", response=ThreadMark, summary="Follow a thread no more")
async def unfollow(request: HttpRequest, message: Id) -> HttpResponse:
    """Until one writes in it again."""
    return answer(await submit(request, built(UnfollowThread, message=message)))


@router.post("/messages/{message}/thread/read", response=ThreadMark, summary="Say how far one has read a thread",
             openapi_extra=body(ReadThread, ["message"]))  # fmt: skip
async def mark_read(request: HttpRequest, message: Id) -> HttpResponse:
    """Up to a reply, by its `seq`; the highest wins, never backwards. Of who does not follow it nothing is kept."""
    return answer(await submit(request, command(request, ReadThread, message=message)))
