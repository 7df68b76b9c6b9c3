"""The shell of the single page: one template, and what the page must know before its socket opens."""

from __future__ import annotations

import tomllib
from functools import cache
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
from chat.features.notifications.push import keys
from chat.models import User
from chat.pages import assets, language
from chat.queries import payloads, workspace

SOCKET_PATH = "/ws/v1/"
API_PATH = "/api/v1/"


@cache
def app_version() -> str:
    """Return the version that is running."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


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
    language.use(request)
    config = _config(request, user)
    response: HttpResponse = render(
        request, "chat/page.html", {"config": config, "page_assets": assets.tags(assets.PAGE)}
    )
    response.headers["Content-Language"] = language.current()
    return response


def _config(request: HttpRequest, user: User) -> dict[str, Any]:
    return {
        "user": payloads.me(user),
        "language": language.current(),
        "csrf": get_token(request),
        "workspace": workspace.name(),
        "socket": SOCKET_PATH,
        "api": API_PATH,
        "signOut": reverse("account_logout"),
        "settings": {
            "signup": settings.SIGNUP,
            "previews": settings.LINK_PREVIEWS,
            # The key with which a browser subscribes; null where push is off.
            "push": keys.public() if keys.is_on() else None,
            "uploadMaxBytes": settings.UPLOAD_MAX_BYTES,
        },
        "version": app_version(),
    }
