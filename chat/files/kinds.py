"""What a file is, told by its first bytes and never by what somebody says of it. Pure.

Only what is in this table is ever shown in a page or played; everything else is handed out to be saved, as bytes.
"""

from __future__ import annotations

import re

from chat.files import names

PLAIN_TYPE = "application/octet-stream"
# So much of a file is looked at.
HEAD_BYTES = 4_096
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# Played by the browser from here; they hold no scripts.
PLAYED = frozenset(
    {
        "video/mp4",
        "video/webm",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "audio/wav",
        "audio/webm",
        "audio/flac",
    }
)
# Saved and opened by a program of one's own: what a browser shows may run what is in it.
SAVED = frozenset({"application/pdf"})

_STARTS: tuple[tuple[bytes, str], ...] = (
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"%PDF-[12]\.[0-9]", "application/pdf"),
    (rb"....ftypM4[AB] ", "audio/mp4"),
    (rb"....ftyp(?:isom|iso[2-9]|mp4[12]|avc1|M4V |dash|MSNV)", "video/mp4"),
    (rb"\x1a\x45\xdf\xa3.{0,60}\x42\x82.webm", "video/webm"),
    (rb"ID3[\x02-\x04]|\xff[\xfb\xf3\xf2]", "audio/mpeg"),
    (rb"OggS\x00.{22}.{1,4}(?:OpusHead|vorbis|\x7fFLAC|\x01vorbis)", "audio/ogg"),
    (rb"RIFF....WAVE", "audio/wav"),
    (rb"fLaC\x00\x00\x00\x22", "audio/flac"),
)
_KINDS = tuple((re.compile(start, re.DOTALL), kind) for start, kind in _STARTS)
# Codecs of the tracks of a WebM.
_SOUND_WEBM = re.compile(rb"\x86.A_(?:OPUS|VORBIS)", re.DOTALL)
_FILM_WEBM = re.compile(rb"\x86.V_", re.DOTALL)
_PICTURE_ENDINGS = frozenset({"png", "jpg", "jpeg", "jfif", "gif", "webp"})
_ENDINGS: dict[str, frozenset[str]] = {
    **dict.fromkeys(PICTURES, _PICTURE_ENDINGS),
    "application/pdf": frozenset({"pdf"}),
    "video/mp4": frozenset({"mp4", "m4v"}),
    "video/webm": frozenset({"webm"}),
    "audio/mp4": frozenset({"m4a", "m4b", "mp4"}),
    "audio/webm": frozenset({"webm", "weba"}),
    "audio/mpeg": frozenset({"mp3"}),
    "audio/ogg": frozenset({"ogg", "oga", "opus"}),
    "audio/wav": frozenset({"wav"}),
    "audio/flac": frozenset({"flac"}),
}


def of(head: bytes, name: str) -> str:
    """Return the type of a file; PLAIN_TYPE for one that is not known, or whose ending says something else.

    A name without an ending agrees with everything: what is pasted has none.
    """
    found = _heard(next((kind for start, kind in _KINDS if start.match(head)), PLAIN_TYPE), head)
    end = names.ending(name)
    return PLAIN_TYPE if found != PLAIN_TYPE and end and end not in _ENDINGS[found] else found


def _heard(kind: str, head: bytes) -> str:
    """Return the type of what was recorded with a microphone alone: the same container as a film, without its track.

    Only where the list of tracks lies in the head as a whole, as recorders of browsers write it.
    """
    if kind == "video/webm" and _SOUND_WEBM.search(head) and not _FILM_WEBM.search(head):
        return "audio/webm"
    # `mvex` ends the list of a recording that grows.
    if kind == "video/mp4" and b"mvex" in head and b"soun" in head and b"vide" not in head:
        return "audio/mp4"
    return kind
