import pytest

from chat.files import kinds
from chat.files.kinds import PLAIN_TYPE

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"
MP4 = b"\0\0\0 ftypisom\0\0\2\0"
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (PNG, "a.png", "image/png"),
        (PNG, "image", "image/png"),
        (PNG, "a.jpg", "image/png"),
        (JPEG, "A.JPEG", "image/jpeg"),
        (b"GIF89a", "a.gif", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a.webp", "image/webp"),
        (MP4, "a.mp4", "video/mp4"),
        (b"\0\0\0 ftypM4A \0\0\2\0", "a.m4a", "audio/mp4"),
        (WEBM, "a.webm", "video/webm"),
        (WEBM + b"\x86\x85V_VP9\x86\x86A_OPUS", "a.webm", "video/webm"),
        (WEBM + b"\xae\x86\x86A_OPUS", "a.webm", "audio/webm"),
        (WEBM + b"\xae\x86\x86A_OPUS", "a.weba", "audio/webm"),
        (MP4 + b"moov hdlr soun mvex", "a.m4a", "audio/mp4"),
        (MP4 + b"moov hdlr soun hdlr vide mvex", "a.mp4", "video/mp4"),
        # The list of tracks goes on behind what is looked at.
        (MP4 + b"moov hdlr soun", "a.mp4", "video/mp4"),
        (b"ID3\x04\0\0", "a.mp3", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "a.mp3", "audio/mpeg"),
        (b"OggS\0\2" + bytes(20) + b"\x01\x13OpusHead", "a.opus", "audio/ogg"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "a.wav", "audio/wav"),
        (b"fLaC\0\0\0\x22", "a.flac", "audio/flac"),
        (PDF, "a.pdf", "application/pdf"),
    ],
)
def test_kind_is_told_by_the_content(head: bytes, name: str, kind: str) -> None:
    assert kinds.of(head, name) == kind


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"<html><script>alert(1)</script>", "a.png"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "a.svg"),
        (b'<?xml version="1.0"?><svg/>', "a.png"),
        (b"GIF8", "a.gif"),
        (PNG, "a.html"),
        (PNG, "a.svg"),
        (JPEG, "a.pdf"),
        (MP4, "a.png"),
        (PDF, "a.html"),
        (b" \n%PDF-1.4", "a.pdf"),
        (b"PK\x03\x04", "a.zip"),
        (b"MZ", "a.exe"),
        (b"", "a.png"),
    ],
)
def test_what_is_not_known_or_named_otherwise_is_only_kept(head: bytes, name: str) -> None:
    assert kinds.of(head, name) == PLAIN_TYPE


def test_only_what_holds_no_scripts_is_shown_from_here() -> None:
    shown = kinds.PICTURES | kinds.PLAYED
    assert not shown & {"image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "application/pdf"}
