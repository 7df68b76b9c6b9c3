"""Who has read how far."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.actions import permissions
from chat.actions.permissions import Deed
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.pagination import Limit
from chat.api.requests import answer, runtime
from chat.api.shapes import ReaderPage, Readers
from chat.models import Membership, Room, User
from chat.protocol import limits, shapes
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Id
from chat.queries import payloads, seen, visibility

router = Router(tags=["seen"])
_PAGE_COUNT = 50


@router.get("/rooms/{room}/seen", response=Readers, summary="Read how far the others have read")
async def room(request: HttpRequest, room: Id) -> HttpResponse:
    """In a room of 20 at most, by the `msg_no` of the last message that each has read; `seen` tells what follows.

    Bots and who hides what they have read are not among them. Forbidden in larger rooms, where the room does not show
    it, and for who hides it.
    """
    return answer({"items": await database.run(_readers, actor(request), room)})


@router.get("/messages/{message}/seen", response=ReaderPage, summary="List who has read a message")
async def message(
    request: HttpRequest, message: Id, cursor: str | None = None, limit: Limit = _PAGE_COUNT
) -> HttpResponse:
    """Of a room of 500 at most: who they are, how many (`count`), and of how many that is shown (`of`).

    Neither its author nor I am counted. Replies that stand in a thread alone are not told of. Forbidden as for a room.
    """
    items, last, count, whole = await database.run(
        _of_message, actor(request), message, pagination.after(cursor), limit
    )
    (await runtime(request)).presence.fill_in(items)
    return answer({**pagination.page(items, last), "count": count, "of": whole})


def _readers(user: User, room_id: int) -> list[shapes.Reader]:
    room = Room.objects.filter(pk=room_id).first()
    _require(user, room, limits.SEEN_SHOWN_MAX_COUNT)
    assert room is not None
    return seen.readers(room, user.pk)


def _of_message(
    user: User, message_id: int, after: int, limit: int
) -> tuple[list[shapes.User], int | None, int, int]:
    found = visibility.message(user, message_id)
    _require(user, found.room, limits.SEEN_ASKED_MAX_COUNT)
    if found.msg_no is None:
        raise Refused(ErrorCode.NOT_FOUND, "who has read a reply in a thread is not shown")
    return seen.of_message(found, user.pk, after, limit)


def _require(user: User, room: Room | None, most: int) -> None:
    """Raise Refused unless the user may see who has read in the room: not_found, forbidden."""
    if room is None:
        raise permissions.missing_room()
    own = Membership.objects.filter(room=room, user=user).first()
    permissions.require(Deed.SEE_READERS, user, room, own, timezone.now())
    if not room.seen:
        raise Refused(ErrorCode.FORBIDDEN, "the room does not show who has read")
    if user.hides_reading:
        raise Refused(ErrorCode.FORBIDDEN, "who hides what they have read is not shown what others have")
    count = payloads.member_counts([room.pk]).get(room.pk, 0)
    if count > most:
        raise Refused(ErrorCode.FORBIDDEN, f"{count:,} are in the room, and it is shown up to {most:,}")
