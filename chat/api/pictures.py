"""Pictures in requests and answers: small ones, made anew one at a time in a process of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

from chat.api.requests import size_bytes
from chat.protocol.errors import ErrorCode, ProtocolError, Refused

_T = TypeVar("_T")

# Pictures that wait for the one that is being made; who comes later is told to come again.
_WAITING_MAX_COUNT = 8
SENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
SHOWN: dict[str, Any] = {"responses": {200: {"description": "A WebP picture", "content": {"image/webp": {}}}}}
_making: set[int] = set()


@cache
def _workshop() -> ThreadPoolExecutor:
    # One decoder at a time: each may take a gigabyte.
    return ThreadPoolExecutor(1, thread_name_prefix="pictures")


def read(request: HttpRequest, most_bytes: int) -> bytes:
    """Return the picture that is the body of a request. Raises ProtocolError: too_long, empty."""
    size = size_bytes(request)
    picture = b"" if size > most_bytes else request.read(most_bytes + 1)
    if size > most_bytes or len(picture) > most_bytes:
        found = f"{size:,}" if size > most_bytes else f"more than {most_bytes:,}"
        raise ProtocolError(ErrorCode.TOO_LONG, f"the picture is {found} bytes, at most {most_bytes:,}")
    if not picture:
        raise ProtocolError(ErrorCode.EMPTY, "the request holds no picture")
    return picture


async def make(user_id: int, picture: bytes, how: Callable[[bytes], _T | None]) -> _T:
    """Have something made of a picture; one at a time, and one of each person.

    Raises:
        ProtocolError: bad_frame, for what is no picture.
        Refused: busy, unavailable.
    """
    if user_id in _making or len(_making) >= _WAITING_MAX_COUNT:
        raise Refused(ErrorCode.BUSY, "other pictures are being made", 2_000)
    _making.add(user_id)
    try:
        made = await asyncio.get_running_loop().run_in_executor(_workshop(), how, picture)
    except OSError:
        raise Refused(ErrorCode.UNAVAILABLE, "the server cannot make pictures at the moment", 5_000) from None
    finally:
        _making.discard(user_id)
    if made is None:
        raise ProtocolError(ErrorCode.BAD_FRAME, "this is no PNG, JPEG, GIF or WebP that can be shown")
    return made


def show(picture: bytes) -> HttpResponse:
    """Answer with a WebP picture that never changes: another picture has another address."""
    response = HttpResponse(picture, content_type="image/webp")
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Disposition"] = "inline"
    return response
