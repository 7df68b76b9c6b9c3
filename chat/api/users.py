"""The people and bots of the workspace."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, runtime
from chat.api.shapes import Page
from chat.protocol import shapes, text_rules
from chat.protocol.fields import Id
from chat.protocol.limits import NAME_MAX_CHARS
from chat.queries import members

router = Router(tags=["users"])


@router.get("/users", response=Page[shapes.User], summary="Find people")
async def browse(
    request: HttpRequest, q: str = "", cursor: str | None = None, limit: Limit = PAGE_LIMIT_DEFAULT
) -> HttpResponse:
    """Everybody whom I may know and whose name or handle holds `q`, by id."""
    text = text_rules.clean_line(q, "q", NAME_MAX_CHARS, may_be_empty=True)
    items, last = await database.run(members.search, actor(request), text, pagination.after(cursor), limit)
    (await runtime(request)).presence.fill_in(items)
    return answer(pagination.page(items, last))


@router.get("/users/{user}", response=shapes.Profile, summary="Read a user")
async def read(request: HttpRequest, user: Id) -> HttpResponse:
    """What one tells of oneself. Guests know the people of their rooms, everybody else all."""
    found = await database.run(members.one, actor(request), user)
    (await runtime(request)).presence.fill_in([found])
    return answer(found)
