"""Who asks: a program by its bearer token, the page by its session cookie."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from ninja.security.base import AuthBase

from chat import conf, database
from chat.models import User
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import sign_in

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What an HTML form of a foreign page can send without asking the browser's CORS check first.
_FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
# Files come as a form does; then the header with the token alone keeps foreign pages out, which no form can send.
_FORMS_WITH_FILES = ("/api/v1/uploads", "multipart/form-data")


def _nothing(_: HttpRequest) -> HttpResponse:
    return HttpResponse()


_csrf = CsrfViewMiddleware(_nothing)


class BearerToken(AuthBase):
    """`Authorization: Bearer …`; a request that brings one is judged by it alone."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    async def __call__(self, request: HttpRequest) -> User | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        kind, _, secret = header.partition(" ")
        if kind.lower() != "bearer":
            return None
        return await database.run(sign_in.by_token, secret.strip())


class SessionCookie(AuthBase):
    """The page's session; then a foreign page must not be able to speak for the user."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME
    # Read by the description's page, so that what one tries out there carries the token.
    csrf = True

    async def __call__(self, request: HttpRequest) -> User | None:
        if "Authorization" in request.headers:
            return None
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        user = await database.run(sign_in.by_session, key) if key else None
        if user is not None:
            _check_origin(request)
        return user


def actor(request: HttpRequest) -> User:
    """Return the user whom the request was found to come from."""
    user = cast(User, request.auth)  # type: ignore[attr-defined]
    user.origin = request.META.get("REMOTE_ADDR") or ""
    return user


def _check_origin(request: HttpRequest) -> None:
    """Raise Refused (forbidden) for what a foreign page may have sent with the user's cookie."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() not in conf.get().ALLOWED_ORIGINS:
        raise Refused(ErrorCode.FORBIDDEN, "this origin is not allowed")
    if request.method in _SAFE_METHODS:
        return
    if (request.path_info, request.content_type) == _FORMS_WITH_FILES:
        # The check would look for the token among the fields first, and for that read all of the body.
        request.POST = QueryDict()
    elif request.content_type in _FORM_TYPES:
        raise Refused(ErrorCode.FORBIDDEN, f"content type is {request.content_type}, needs application/json")
    # In memory only: the token is in the cookie and in the header.
    _csrf.process_request(request)
    if _csrf.process_view(request, _nothing, (), {}) is not None:
        raise Refused(ErrorCode.FORBIDDEN, "the header X-CSRFToken is missing or wrong")
