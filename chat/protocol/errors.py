"""Every error code and every close code, one table each: name, number, may the client try again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class ErrorCode(StrEnum):
    """What can be wrong with a command."""

    BAD_JSON = "bad_json"
    BAD_FRAME = "bad_frame"
    UNKNOWN_TYPE = "unknown_type"
    BAD_TEXT = "bad_text"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    UNSUPPORTED = "unsupported"
    NOT_FOUND = "not_found"
    SIGNED_OUT = "signed_out"
    FORBIDDEN = "forbidden"
    MUTED = "muted"
    ARCHIVED = "archived"
    CONFLICT = "conflict"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    DRAINING = "draining"
    UNKNOWN_OUTCOME = "unknown_outcome"
    FULL = "full"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One row of the table of error codes."""

    http_status: int
    retry: bool
    meaning: str


ERRORS: dict[ErrorCode, ErrorRow] = {
    ErrorCode.BAD_JSON: ErrorRow(400, False, "The frame is not JSON."),
    ErrorCode.BAD_FRAME: ErrorRow(
        400, False, "A field is missing or has the wrong type; the detail names it."
    ),
    ErrorCode.UNKNOWN_TYPE: ErrorRow(400, False, "No command has this type."),
    ErrorCode.BAD_TEXT: ErrorRow(
        400, False, "The text holds a NUL, a lone surrogate or a pile of combining marks."
    ),
    ErrorCode.EMPTY: ErrorRow(400, False, "Nothing visible is in the text."),
    ErrorCode.TOO_LONG: ErrorRow(413, False, "The text or the frame is longer than allowed."),
    ErrorCode.TOO_MANY: ErrorRow(400, False, "More items than allowed."),
    ErrorCode.UNSUPPORTED: ErrorRow(400, False, "Binary frames are not spoken here."),
    ErrorCode.NOT_FOUND: ErrorRow(404, False, "Missing, or hidden from you."),
    ErrorCode.SIGNED_OUT: ErrorRow(401, False, "No valid session or token."),
    ErrorCode.FORBIDDEN: ErrorRow(403, False, "Seen but not allowed."),
    ErrorCode.MUTED: ErrorRow(403, False, "You may read but not write here at the moment."),
    ErrorCode.ARCHIVED: ErrorRow(403, False, "The room is archived: nothing can be added."),
    ErrorCode.CONFLICT: ErrorRow(409, False, "The same id or name is taken by something else."),
    ErrorCode.GONE: ErrorRow(410, False, "The room's log begins later: read the room anew."),
    ErrorCode.RATE_LIMITED: ErrorRow(429, True, "Too fast: repeat after the given time."),
    ErrorCode.BUSY: ErrorRow(503, True, "The writer is behind: repeat after the given time."),
    ErrorCode.UNAVAILABLE: ErrorRow(
        503, True, "The database cannot be reached: repeat after the given time."
    ),
    ErrorCode.DRAINING: ErrorRow(503, True, "This server restarts: repeat on the next connection."),
    ErrorCode.UNKNOWN_OUTCOME: ErrorRow(503, True, "It may or may not be stored: repeat with the same id."),
    ErrorCode.FULL: ErrorRow(413, False, "Your place for files, or that of all together, is used up."),
    ErrorCode.FAILED: ErrorRow(500, False, "A fault of the server; it is logged, nothing was stored."),
}


class CloseCode(IntEnum):
    """Why the server ends a connection."""

    NORMAL = 1000
    PROTOCOL_ERROR = 1002
    BAD_UTF8 = 1007
    FRAME_TOO_LARGE = 1009
    RESTART = 1012
    MOVED = 4100
    TOO_SLOW = 4101
    OVERLOADED = 4200
    TOO_MANY_FRAMES = 4201
    TOO_MANY_CONNECTIONS = 4202
    PROTOCOL_BROKEN = 4500
    SIGNED_OUT = 4501
    DISABLED = 4502
    CLIENT_TOO_OLD = 4503


@dataclass(frozen=True, slots=True)
class CloseRow:
    """One row of the table of close codes."""

    reconnect: bool
    meaning: str


CLOSES: dict[CloseCode, CloseRow] = {
    CloseCode.NORMAL: CloseRow(False, "Closed as asked."),
    CloseCode.PROTOCOL_ERROR: CloseRow(False, "A malformed WebSocket frame."),
    CloseCode.BAD_UTF8: CloseRow(False, "A text frame that is not UTF-8."),
    CloseCode.FRAME_TOO_LARGE: CloseRow(False, "A frame above the limit."),
    CloseCode.RESTART: CloseRow(True, "Drain or restart: reconnect after `in_ms` of the `bye`, then resume."),
    CloseCode.MOVED: CloseRow(True, "Place lost or maximum age: reconnect and resume."),
    CloseCode.TOO_SLOW: CloseRow(True, "This reader is too slow: reconnect and resume."),
    CloseCode.OVERLOADED: CloseRow(True, "Overloaded: wait, then reconnect."),
    CloseCode.TOO_MANY_FRAMES: CloseRow(True, "Too many frames: wait, then reconnect."),
    CloseCode.TOO_MANY_CONNECTIONS: CloseRow(
        True, "Too many connections of this user: wait, then reconnect."
    ),
    CloseCode.PROTOCOL_BROKEN: CloseRow(False, "The client does not speak this protocol."),
    CloseCode.SIGNED_OUT: CloseRow(False, "No valid session or token."),
    CloseCode.DISABLED: CloseRow(False, "The account is disabled."),
    CloseCode.CLIENT_TOO_OLD: CloseRow(False, "The client is too old."),
}


class ProtocolError(Exception):
    """The bytes or their fields are wrong; nothing was tried.

    Carries the code, a sentence that names the field and both numbers, and the client's ref when it was readable.
    """

    def __init__(self, code: ErrorCode, detail: str, ref: int | str | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.ref = ref


class Refused(Exception):
    """The command was understood and is not carried out; nothing has changed.

    `after_ms` is set for codes that may be repeated.
    """

    def __init__(self, code: ErrorCode, detail: str, after_ms: int | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.after_ms = after_ms
