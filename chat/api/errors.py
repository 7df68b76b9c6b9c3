"""Everything that can go wrong, as the one error object with its HTTP status."""

from __future__ import annotations

import math
from typing import cast

import structlog
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from chat import metrics
from chat.protocol import codec, replies
from chat.protocol.errors import ERRORS, ErrorCode, ProtocolError, Refused

_log = structlog.get_logger(__name__)


def refusal(
    code: ErrorCode, detail: str, after_ms: int | None = None, status: int | None = None
) -> HttpResponse:
    """Build the response to a request that was not carried out."""
    metrics.REFUSALS.labels(code.value).inc()
    shape = replies.error(code, detail, after_ms)
    response = HttpResponse(
        codec.encode({"error": shape}),
        status=status or ERRORS[code].http_status,
        content_type="application/json",
    )
    response["Cache-Control"] = "no-store"
    if "after_ms" in shape:
        response["Retry-After"] = str(math.ceil(shape["after_ms"] / 1_000))
    if code is ErrorCode.SIGNED_OUT:
        response["WWW-Authenticate"] = "Bearer"
    return response


# Nothing happens there, and the refusal of a missing CSRF token would be an HTML page.
@csrf_exempt
async def no_such_address(request: HttpRequest, **_: object) -> HttpResponse:
    """Answer for every address under /api/ that is none."""
    return refusal(ErrorCode.NOT_FOUND, "no such address")


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    """Answer a method that this address does not know; `allowed` is the Allow header."""
    detail = f"{request.method} is not known here, only {allowed}"
    response = refusal(ErrorCode.UNSUPPORTED, detail, status=405)
    response["Allow"] = allowed
    return response


def register(api: NinjaAPI) -> None:
    """Have every exception of a view answered here, none by Django's HTML pages."""
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(ProtocolError, _protocol_error)
    api.add_exception_handler(ValidationError, _bad_parameter)
    api.add_exception_handler(AuthenticationError, _signed_out)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(Exception, _failed)


def _refused(request: HttpRequest, error: Refused | type[Refused]) -> HttpResponse:
    found = cast(Refused, error)
    return refusal(found.code, found.detail, found.after_ms)


def _protocol_error(request: HttpRequest, error: ProtocolError | type[ProtocolError]) -> HttpResponse:
    found = cast(ProtocolError, error)
    return refusal(found.code, found.detail)


def _bad_parameter(request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    first = cast(ValidationError, error).errors[0]
    source, *path = (str(part) for part in first["loc"])
    if source == "path":
        # What cannot be an id is the id of nothing: the same answer as for a missing and a hidden one.
        return refusal(ErrorCode.NOT_FOUND, f"no such {path[0]}")
    return refusal(ErrorCode.BAD_FRAME, f"{'.'.join(path)}: {first['msg'].lower()}")


def _signed_out(request: HttpRequest, error: object) -> HttpResponse:
    return refusal(ErrorCode.SIGNED_OUT, "no valid session or token")


def _not_found(request: HttpRequest, error: object) -> HttpResponse:
    return refusal(ErrorCode.NOT_FOUND, "no such address")


def _failed(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    if isinstance(error, OperationalError | InterfaceError):
        _log.warning("api.database_unavailable", path=request.path, error=type(error).__name__)
        return refusal(ErrorCode.UNAVAILABLE, "the database cannot be reached", 2_000)
    if isinstance(error, DataError):
        _log.warning("api.bad_value", path=request.path)
        return refusal(ErrorCode.BAD_TEXT, "the database cannot hold this value")
    _log.error("api.failed", path=request.path, exc_info=error)
    return refusal(ErrorCode.FAILED, "a fault of the server; it was logged")
