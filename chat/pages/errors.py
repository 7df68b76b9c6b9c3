"""What a person sees when something is wrong: what happened, what is safe, what to do. Never a traceback."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from chat.protocol.errors import ERRORS, ErrorCode

_API = "/api/"
_RETRY_AFTER_S = "5"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400: not a request that a browser of ours makes."""
    if request.path.startswith(_API):
        return _problem(400, ErrorCode.BAD_FRAME, "the request cannot be read")
    title, text = (
        _("This address cannot be read"),
        _("Something in the request is broken. Nothing was changed."),
    )
    return _page(request, 400, title, text)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403: seen but not allowed."""
    if request.path.startswith(_API):
        return _problem(403, ErrorCode.FORBIDDEN, "not allowed")
    title, text = (
        _("This is not yours to open"),
        _("Your account may not do this. Ask somebody who runs the workspace."),
    )
    return _page(request, 403, title, text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form that was open too long, or that another site has sent."""
    if request.path.startswith(_API):
        return _problem(403, ErrorCode.FORBIDDEN, "the CSRF token is missing or wrong")
    title = _("This form is too old")
    text = _(
        "For your safety it was not accepted, and nothing was changed. "
        "Go back, reload the page and try again."
    )
    return _page(request, 403, title, text)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404: missing, or hidden."""
    if request.path.startswith(_API):
        return _problem(404, ErrorCode.NOT_FOUND, "no such address")
    title, text = _("There is nothing here"), _("The address may be misspelled, or what was here is gone.")
    return _page(request, 404, title, text)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 429: too many forms from one place."""
    title, text = (
        _("A little slower, please"),
        _("Too many tries in a short time. Wait a minute and try again."),
    )
    response = _page(request, 429, title, text)
    response.headers["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 when it was only the database that could not be reached."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    if request.path.startswith(_API):
        return _problem(500, ErrorCode.FAILED, "a fault of the server; it was logged")
    title, text = (
        _("Something went wrong here"),
        _("It is our fault, and it was logged. What you sent before is safe. Try again in a moment."),
    )
    return _page(request, 500, title, text)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503: come back in a moment."""
    if request.path.startswith(_API):
        response: HttpResponse = _problem(503, ErrorCode.UNAVAILABLE, "the database cannot be reached")
    else:
        title = _("Back in a moment")
        text = _(
            "The server cannot reach its database just now. Your messages are safe. "
            "Try again in a few seconds."
        )
        response = _page(request, 503, title, text)
    response.headers["Retry-After"] = _RETRY_AFTER_S
    return response


def invite_gone(request: HttpRequest) -> HttpResponse:
    """Answer 404 to every invite that lets nobody in, whatever the reason."""
    title = _("This invite does not work any more")
    text = _("It may have expired or been used up. Ask whoever sent it for a new link.")
    return _page(request, 404, title, text)


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "chat/error.html", {"title": title, "text": text, "status": status}, status=status)


def _problem(status: int, code: ErrorCode, detail: str) -> JsonResponse:
    error = {"code": code.value, "detail": detail, "retry": ERRORS[code].retry}
    return JsonResponse({"error": error}, status=status)
