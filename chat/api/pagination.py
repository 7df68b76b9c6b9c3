"""Cursors of lists: to get the next page, ask again with `cursor` = `next`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from chat.protocol import limits
from chat.protocol.errors import ErrorCode, ProtocolError

PAGE_LIMIT_DEFAULT = 100
PAGE_LIMIT_MAX = 200

Limit = Annotated[int, Field(ge=1, le=PAGE_LIMIT_MAX)]

_CURSOR = re.compile(r"[0-9]{1,16}\Z")


def after(cursor: str | None) -> int:
    """Return the position after which a page begins; 0 without a cursor. Raises ProtocolError: bad_frame."""
    if cursor is None:
        return 0
    if not _CURSOR.match(cursor) or int(cursor) > limits.INTEGER_MAX:
        raise ProtocolError(ErrorCode.BAD_FRAME, "cursor: it is not one that was given as next")
    return int(cursor)


def page(items: Sequence[Mapping[str, Any]], last: int | None) -> dict[str, Any]:
    """Build a page; `last` is the position where the next one goes on, None at the end."""
    return {"items": items, "next": None if last is None else str(last)}
