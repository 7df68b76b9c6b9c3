"""The shell of the single page: one template, and what the page must know before its socket opens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat import database
from chat.features.machine import reading
from chat.features.notifications.push import keys
from chat.features.sign_ins import sessions
from chat.models import User
from chat.pages import assets, language
from chat.queries import payloads, sign_in, workspace

SOCKET_PATH = "/ws/v1/"
API_PATH = "/api/v1/"


@never_cache
@require_safe
async def page(request: HttpRequest, **_place: Any) -> HttpResponseBase:
    """Answer any address of the single page; signed out, lead to the sign-in or to the first start."""
    return await database.run(_page, request)


def _page(request: HttpRequest) -> HttpResponseBase:
    user = request.user
    if not isinstance(user, User):
        if workspace.is_new():
            return HttpResponseRedirect(reverse("setup"))
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
    if sign_in.needs_second_factor(user) and not user.has_second_factor:
        # The session opens nothing else until it is set up.
        return HttpResponseRedirect(reverse("mfa_index"))
    sessions.seen(request, user)
    language.use(request)
    config = _config(request, user)
    response: HttpResponse = render(
        request, "chat/page.html", {"config": config, "page_assets": assets.page_tags(language.current())}
    )
    response.headers["Content-Language"] = language.current()
    return response


def _config(request: HttpRequest, user: User) -> dict[str, Any]:
    policy = workspace.policy()
    return {
        "user": payloads.me(user),
        "language": language.current(),
        "csrf": get_token(request),
        "workspace": workspace.name(),
        "logo": workspace.logo(),
        "socket": SOCKET_PATH,
        "api": API_PATH,
        "signOut": reverse("account_logout"),
        "settings": {
            "signup": policy.signup,
            # Whether this person may; the server asks again.
            "makesRooms": policy.members_make_rooms or user.is_admin,
            "invites": policy.members_invite or user.is_admin,
            "makesEmoji": not user.is_guest and (policy.members_make_emoji or user.is_admin),
            "previews": settings.LINK_PREVIEWS,
            # The key with which a browser subscribes; null where push is off.
            "push": keys.public() if keys.is_on() else None,
            "uploadMaxBytes": settings.UPLOAD_MAX_BYTES,
        },
        "version": reading.app_version(),
    }
