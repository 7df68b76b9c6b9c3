"""The page behind an invite link: who invites whom to what, and the way in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat.models import Invite, Membership, Token, User
from chat.pages import bounded, errors, invites, language, writes
from chat.protocol.commands import AddMember
from chat.protocol.errors import ERRORS, Refused


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
async def invitation(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Show an invite; by POST, let who is signed in into its room."""
    if request.method != "POST":
        return await _landing(request, secret)
    claimed = await bounded.run(_claimed, request, secret)
    if isinstance(claimed, HttpResponseBase):
        return claimed
    invite, room_id, user_id = claimed
    try:
        await writes.submit(request, invite.created_by_id, AddMember(room=room_id, user=user_id))
    except Refused as refused:
        await bounded.run(invites.give_back, invite, user_id)
        if ERRORS[refused.code].retry:
            return await _later(request)
        return await _gone(request)
    return HttpResponseRedirect(reverse("page_room", args=[room_id]))


@bounded.bounded
def _landing(request: HttpRequest, secret: str) -> HttpResponseBase:
    invite = invites.valid(Token.digest_of(secret))
    if invite is None:
        return errors.invite_gone(request)
    if isinstance(request.user, User):
        place = _place(invite, request.user)
        return place or render(request, "chat/invite.html", {"invite": invite, "is_signed_in": True})
    invites.remember(request, invite)
    return render(request, "chat/invite.html", {"invite": invite, "is_signed_in": False})


def _claimed(request: HttpRequest, secret: str) -> tuple[Invite, int, int] | HttpResponseBase:
    """Count a use and return invite, room and user; or answer why there is nothing to count."""
    language.use(request)
    invite = invites.valid(Token.digest_of(secret))
    if invite is None:
        return errors.invite_gone(request)
    if not isinstance(request.user, User):
        return HttpResponseRedirect(request.path)
    if (place := _place(invite, request.user)) is not None:
        return place
    if invite.room_id is None or not invites.claim(invite):
        return errors.invite_gone(request)
    invites.note(invite, request.user)
    return invite, invite.room_id, request.user.pk


def _place(invite: Invite, user: User) -> HttpResponseBase | None:
    """Return the way to where the invite leads, if the user is there already."""
    if invite.room_id is None:
        return HttpResponseRedirect(reverse("page"))
    if Membership.objects.filter(room=invite.room_id, user=user, left_seq=None).exists():
        return HttpResponseRedirect(reverse("page_room", args=[invite.room_id]))
    return None


@bounded.bounded
def _gone(request: HttpRequest) -> HttpResponseBase:
    return errors.invite_gone(request)


@bounded.bounded
def _later(request: HttpRequest) -> HttpResponseBase:
    return errors.unavailable(request)
