"""Votes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat import database
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.requests import answer, built, command, submit
from chat.api.shapes import Chosen, ChosenPlace, Place
from chat.protocol.fields import Id
from chat.protocol.polls import CastVote, ClosePoll
from chat.queries import polls

router = Router(tags=["polls"])


@router.get("/messages/{message}/vote", response=Chosen, summary="See what I have chosen in a poll")
async def mine(request: HttpRequest, message: Id) -> HttpResponse:
    """By place from 0; of an anonymous poll nobody else is told."""
    return answer({"choices": await database.run(polls.mine, actor(request), message)})


@router.put("/messages/{message}/vote", response=ChosenPlace, summary="Vote in a poll",
            openapi_extra=body(CastVote, ["message"]))  # fmt: skip
async def vote(request: HttpRequest, message: Id) -> HttpResponse:
    """By place from 0; again takes the place of what was chosen, none takes it back. A closed one is `conflict`."""
    return answer(await submit(request, command(request, CastVote, message=message)))


@router.post("/messages/{message}/poll/close", response=Place, summary="Close a poll")
async def close(request: HttpRequest, message: Id) -> HttpResponse:
    """For good. One's own; moderators those of others too. A repeat changes nothing."""
    return answer(await submit(request, built(ClosePoll, message=message)))
