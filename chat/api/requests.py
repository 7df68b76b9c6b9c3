"""From an HTTP request to a command of the protocol, and from there to the writer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse

from chat.api.authentication import actor
from chat.pipeline import runtime as runtimes
from chat.pipeline.runtime import Runtime
from chat.protocol import codec, limits
from chat.protocol.commands import Command, parse
from chat.protocol.errors import ErrorCode, ProtocolError

_C = TypeVar("_C", bound=Command)

NOTHING: Mapping[str, object] = MappingProxyType({})


def command(
    request: HttpRequest, kind: type[_C], defaults: Mapping[str, object] = NOTHING, **named: object
) -> _C:
    """Build a command of the JSON body; what the address names wins over the body, that over the defaults.

    Raises:
        ProtocolError: too_long, bad_json, bad_frame and whatever is wrong with a text.
    """
    return built(kind, **{**defaults, **_fields(request), **named})


def built(kind: type[_C], /, **fields: object) -> _C:
    """Build a command of fields. Raises ProtocolError."""
    # Which command it is stands in method and address, so a `type` in the body is an unknown field.
    fields.pop("type", None)
    return cast(_C, parse(kind, fields))


async def runtime(request: HttpRequest) -> Runtime:
    """Return what this process has running, started."""
    found = runtimes.of(request.scope)  # type: ignore[attr-defined]
    await found.start()
    return found


async def submit(request: HttpRequest, what: Command) -> dict[str, Any]:
    """Have a durable command carried out and return the reply's result, after COMMIT. Raises Refused."""
    user = actor(request)
    return await (await runtime(request)).committer.submit(user.pk, what, user.origin)


def answer(value: object, status: int = 200) -> HttpResponse:
    """Build the response to a request that was carried out."""
    response = HttpResponse(codec.encode_object(value), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def nothing() -> HttpResponse:
    """Build the response that has no body."""
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})


def size_bytes(request: HttpRequest) -> int:
    """Return how many bytes the body is said to have; 0 when nothing is said."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _fields(request: HttpRequest) -> dict[str, Any]:
    most, size = limits.FRAME_MAX_BYTES, size_bytes(request)
    # One more than allowed, so that a body without a length is not read whole only to be refused.
    body = b"" if size > most else request.read(most + 1)
    if size > most or len(body) > most:
        found = f"{size:,}" if size > most else f"more than {most:,}"
        raise ProtocolError(ErrorCode.TOO_LONG, f"the request is {found} bytes, at most {most:,}")
    if not body and request.method == "PUT":
        return {}
    return codec.decode_object(body)
