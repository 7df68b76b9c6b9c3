"""What a browser may ask."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from chat.features.notifications.push import sealing
from chat.outside import guard
from chat.outside.guard import Forbidden
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, ProtocolError

# 65 and 16 bytes in base64url.
_POINT = re.compile(r"[A-Za-z0-9_-]{87}=?\Z")
_SECRET = re.compile(r"[A-Za-z0-9_-]{22}(?:==)?\Z")


def _endpoint(value: str) -> str:
    try:
        found = guard.target(value)
    except Forbidden as refused:
        raise ProtocolError(ErrorCode.BAD_FRAME, f"endpoint: may not be asked ({refused.reason})") from None
    # A push service has a name and a certificate for it.
    is_name = ":" not in found.host and not found.host.rpartition(".")[2].isdigit()
    if found.scheme != "https" or not is_name:
        raise ProtocolError(ErrorCode.BAD_FRAME, "endpoint: needs https:// and a name")
    return found.url


def _p256dh(value: str) -> str:
    try:
        if not _POINT.match(value):
            raise ValueError
        sealing.check_key(value)
    except ValueError:
        raise ProtocolError(ErrorCode.BAD_FRAME, "p256dh: is no key of the curve P-256") from None
    return value


def _auth(value: str) -> str:
    if not _SECRET.match(value):
        raise ProtocolError(ErrorCode.BAD_FRAME, "auth: needs 16 bytes in base64url")
    return value


class AddPush(Command):
    """Tell me in this browser: the address and the keys of a `PushSubscription`, in base64url."""

    endpoint: Annotated[str, AfterValidator(_endpoint)]
    p256dh: Annotated[str, AfterValidator(_p256dh)]
    auth: Annotated[str, AfterValidator(_auth)]
