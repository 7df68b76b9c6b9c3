"""Accepted or refused: the one answer to a command, by its ref."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from chat.protocol.errors import ERRORS, ErrorCode


class ErrorShape(TypedDict):
    """What went wrong; `after_ms` only where `retry` is true."""

    code: str
    detail: str
    retry: bool
    after_ms: NotRequired[int]


class Accepted(TypedDict):
    """Done; a durable command only after its transaction has committed."""

    type: Literal["reply"]
    ref: int | str | None
    ok: Literal[True]
    result: dict[str, Any]


class RefusedReply(TypedDict):
    """Not done, and nothing has changed (`unknown_outcome`: repeat with the same id to learn it)."""

    type: Literal["reply"]
    ref: int | str | None
    ok: Literal[False]
    error: ErrorShape


Reply = Accepted | RefusedReply

# Used where a retryable refusal has no better figure of its own.
_AFTER_MS_DEFAULT = 1_000


def error(code: ErrorCode, detail: str, after_ms: int | None = None) -> ErrorShape:
    """Build the error object that the socket and REST share."""
    shape: ErrorShape = {"code": code.value, "detail": detail, "retry": ERRORS[code].retry}
    if ERRORS[code].retry:
        shape["after_ms"] = _AFTER_MS_DEFAULT if after_ms is None else after_ms
    return shape


def accepted(ref: int | str | None, result: dict[str, Any]) -> Accepted:
    """Build the reply to a command that was carried out."""
    return {"type": "reply", "ref": ref, "ok": True, "result": result}


def refused(ref: int | str | None, code: ErrorCode, detail: str, after_ms: int | None = None) -> RefusedReply:
    """Build the reply to a command that was not carried out."""
    return {"type": "reply", "ref": ref, "ok": False, "error": error(code, detail, after_ms)}
