"""A body of multipart/form-data taken apart while it comes. Pure, and holds no more of it than a few kilobytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from chat.protocol.errors import ErrorCode, ProtocolError

PARTS_MAX_COUNT = 16
HEAD_MAX_BYTES = 8 * 1024
_PREAMBLE_MAX_BYTES = 1_024
# As RFC 2046 has it.
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]\Z")
# Browsers write a quotation mark as %22, and a backslash as it is.
_PARAMETER = re.compile(r';\s*([A-Za-z*]{1,20})\s*=\s*(?:"([^"]*)"|([^\s;"]*))')
_UTF8 = "utf-8''"


@dataclass(frozen=True, slots=True)
class Part:
    """What a part says of itself; `filename` is None for a field without a file."""

    name: str
    filename: str | None


def boundary_of(content_type: str) -> bytes:
    """Return what stands between the parts.

    Raises:
        ProtocolError: unsupported, for another type; bad_frame.
    """
    kind, parameters = _parameters(content_type[:1_000])
    if kind != "multipart/form-data":
        detail = f"content type is {kind[:80] or 'missing'}, needs multipart/form-data"
        raise ProtocolError(ErrorCode.UNSUPPORTED, detail)
    boundary = parameters.get("boundary", "")
    if not _BOUNDARY.match(boundary):
        raise _malformed("its boundary")
    return boundary.encode()


class Reader:
    """Feeds on pieces of the body; yields a Part where one begins, and its bytes as they come."""

    def __init__(self, boundary: bytes) -> None:
        self._mark = b"\r\n--" + boundary
        # As if a line had ended before: the first mark is like the others.
        self._held = b"\r\n"
        self._state: Callable[[], tuple[Part | bytes | None, bool]] = self._preamble
        self._parts_count = 0
        self._preamble_bytes = 0
        self.has_ended = False

    def feed(self, data: bytes) -> Iterator[Part | bytes]:
        """Take the next piece. Raises ProtocolError: bad_frame, too_many."""
        self._held += data
        while not self.has_ended:
            found, goes_on = self._state()
            if found is not None:
                yield found
            if not goes_on:
                return
        # What comes behind the end is nothing.
        self._held = b""

    def _preamble(self) -> tuple[None, bool]:
        before, found = self._up_to_mark()
        self._preamble_bytes += len(before)
        if self._preamble_bytes > _PREAMBLE_MAX_BYTES:
            raise _malformed("what stands before its parts")
        return None, found

    def _content(self) -> tuple[bytes | None, bool]:
        data, found = self._up_to_mark()
        return data or None, found

    def _up_to_mark(self) -> tuple[bytes, bool]:
        at = self._held.find(self._mark)
        if at >= 0:
            data, self._held = self._held[:at], self._held[at + len(self._mark) :]
            self._state = self._behind_mark
            return data, True
        # The beginning of a mark may have come.
        cut = max(0, len(self._held) - len(self._mark) + 1)
        data, self._held = self._held[:cut], self._held[cut:]
        return data, False

    def _behind_mark(self) -> tuple[None, bool]:
        if len(self._held) < 2:
            return None, False
        if self._held.startswith(b"--"):
            self.has_ended = True
        elif self._held.startswith(b"\r\n"):
            self._state = self._head
        else:
            raise _malformed("what stands behind its boundary")
        return None, True

    def _head(self) -> tuple[Part | None, bool]:
        # Its first line break is that of the mark.
        at = self._held.find(b"\r\n\r\n")
        if at > HEAD_MAX_BYTES or (at < 0 and len(self._held) > HEAD_MAX_BYTES):
            raise _malformed("the head of a part")
        if at < 0:
            return None, False
        self._parts_count += 1
        if self._parts_count > PARTS_MAX_COUNT:
            raise ProtocolError(ErrorCode.TOO_MANY, f"more than {PARTS_MAX_COUNT} parts")
        head, self._held = self._held[2:at], self._held[at + 2 :]
        # A part may be empty: then the mark begins with the line break that ends the head.
        self._state = self._first_content
        return _part(head), True

    def _first_content(self) -> tuple[bytes | None, bool]:
        if len(self._held) < len(self._mark):
            return None, False
        if not self._held.startswith(self._mark):
            self._held = self._held[2:]
        self._state = self._content
        return None, True


def _part(head: bytes) -> Part:
    for line in head.split(b"\r\n"):
        name, _, value = line.decode("utf-8", "replace").partition(":")
        if name.strip().lower() == "content-disposition":
            kind, parameters = _parameters(value)
            if kind == "form-data" and "name" in parameters:
                return Part(parameters["name"], _filename(parameters))
    raise _malformed("the head of a part")


def _filename(parameters: dict[str, str]) -> str | None:
    # No browser writes the second way, some programs do.
    coded = parameters.get("filename*", "")
    if coded.lower().startswith(_UTF8):
        return unquote(coded[len(_UTF8) :], errors="replace")
    return parameters.get("filename")


def _parameters(value: str) -> tuple[str, dict[str, str]]:
    """Return what a header says and its parameters; the first of a name counts."""
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(value):
        found.setdefault(match[1].lower(), match[3] if match[2] is None else match[2])
    return value.partition(";")[0].strip().lower(), found


def _malformed(what: str) -> ProtocolError:
    return ProtocolError(ErrorCode.BAD_FRAME, f"the body is no multipart/form-data: {what}")
