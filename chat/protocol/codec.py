"""Bytes to types and back; no other file knows the JSON of the wire."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from chat.protocol import limits
from chat.protocol.commands import COMMANDS, Command, parse
from chat.protocol.errors import ErrorCode, ProtocolError

Ref = int | str | None


@dataclass(frozen=True, slots=True)
class Frame:
    """A client's frame: a command and the ref it wants to be answered by."""

    ref: Ref
    command: Command


def decode(text: str | bytes) -> Frame:
    """Read one frame of a client.

    Raises:
        ProtocolError: and nothing else, whatever the bytes are.
    """
    fields = decode_object(text)
    ref = _ref(fields.get("ref"))
    kind_name = fields.get("type")
    if not isinstance(kind_name, str):
        raise ProtocolError(ErrorCode.BAD_FRAME, "type: a string is required", ref)
    kind = COMMANDS.get(kind_name)
    if kind is None:
        raise ProtocolError(ErrorCode.UNKNOWN_TYPE, f"no command is called {kind_name[:64]!a}", ref)
    if kind.has_reply and ref is None and kind_name != "ping":
        raise ProtocolError(ErrorCode.BAD_FRAME, "ref: an integer or a string is required")
    try:
        return Frame(ref, parse(kind, fields))
    except ProtocolError as error:
        error.ref = ref
        raise


def decode_object(text: str | bytes) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        ProtocolError: too_long, bad_json, bad_text (a lone surrogate), bad_frame (no object).
    """
    # No character takes more than four bytes: most frames need not be measured.
    if len(text) * 4 > limits.FRAME_MAX_BYTES:
        size = len(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else len(text)
        if size > limits.FRAME_MAX_BYTES:
            detail = f"frame is {size:,} bytes, at most {limits.FRAME_MAX_BYTES:,}"
            raise ProtocolError(ErrorCode.TOO_LONG, detail)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _unreadable(text, str(error)) from None
    if not isinstance(value, dict):
        raise ProtocolError(ErrorCode.BAD_FRAME, f"a frame is one object, this is {_json_name(value)}")
    return value


def decode_own(frame: bytes) -> dict[str, Any]:
    """Read one object that this code has encoded."""
    value: dict[str, Any] = orjson.loads(frame)
    return value


def encode(value: Mapping[str, Any]) -> bytes:
    """Write one object."""
    return orjson.dumps(value)


def encode_object(value: Any) -> bytes:
    """Write any JSON value, for REST bodies."""
    return orjson.dumps(value)


def encoded(value: bytes) -> Any:
    """Return what stands for a value that is encoded already in an object that is to be encoded."""
    return orjson.Fragment(value)


def join(encoded: Iterable[bytes]) -> bytes:
    """Make one frame of several encoded objects: the object itself, or an array of them in order."""
    parts = list(encoded)
    return parts[0] if len(parts) == 1 else b"[" + b",".join(parts) + b"]"


def _ref(value: Any) -> Ref:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ProtocolError(ErrorCode.BAD_FRAME, "ref: an integer or a string is required")
    if isinstance(value, str) and len(value) > limits.REF_MAX_CHARS:
        detail = f"ref is {len(value):,} characters, at most {limits.REF_MAX_CHARS}"
        raise ProtocolError(ErrorCode.TOO_LONG, detail)
    if isinstance(value, int) and abs(value) > limits.INTEGER_MAX:
        raise ProtocolError(ErrorCode.BAD_FRAME, f"ref: an integer is at most {limits.INTEGER_MAX:,}")
    return value


def _unreadable(text: str | bytes, why: str) -> ProtocolError:
    # orjson refuses escapes of lone surrogates as bad JSON. They are well-formed JSON with an impossible text,
    # a client author searches in another place for that, and the client waits for an answer to its ref.
    value = None
    if b"\\u" in (text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")):
        with suppress(ValueError, RecursionError):
            value = json.loads(text, parse_constant=_refuse_constant)
    if _is_encodable(value):
        return ProtocolError(ErrorCode.BAD_JSON, why)
    ref = value.get("ref") if isinstance(value, dict) else None
    try:
        return ProtocolError(ErrorCode.BAD_TEXT, why, _ref(ref) if _is_encodable(ref) else None)
    except ProtocolError:
        return ProtocolError(ErrorCode.BAD_TEXT, why)


def _is_encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
        return True
    except UnicodeEncodeError:
        return False
    except RecursionError:
        return True


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _json_name(value: Any) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
