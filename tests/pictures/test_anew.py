import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chat.pictures import anew
from chat.pictures.anew import Picture


def drawn(kind: str, size: tuple[int, int] = (80, 60), mode: str = "RGB", **options: Any) -> bytes:
    written = BytesIO()
    Image.new(mode, size, 1 if mode == "1" else None).save(written, kind, **options)
    return written.getvalue()


def shown(body: bytes) -> Image.Image:
    made = anew.made_anew(body)
    assert made is not None
    found = Image.open(BytesIO(made.body))
    assert (found.format, found.size) == ("WEBP", (made.width, made.height))
    return found


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "L"),
        ("PNG", "1"),
        ("PNG", "I;16"),
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("GIF", "P"),
        ("WEBP", "RGBA"),
    ],
)
def test_picture_of_any_kind_becomes_one_of_ours(kind: str, mode: str) -> None:
    assert shown(drawn(kind, mode=mode)).size == (80, 60)


def test_large_picture_becomes_small() -> None:
    assert shown(drawn("PNG", (2_400, 1_200))).size == (600, 300)
    assert shown(drawn("JPEG", (1_200, 2_400))).size == (300, 600)


def test_picture_is_upright_and_carries_nothing() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "taken at home"
    exif[0x8825] = {1: "N"}
    found = shown(drawn("JPEG", (80, 60), exif=exif, comment=b"a secret", icc_profile=b"x" * 500))
    assert found.size == (60, 80)
    assert found.getexif() == {}
    assert {"exif", "icc_profile", "comment", "xmp"}.isdisjoint(found.info)


def test_animation_becomes_its_first_picture() -> None:
    frames = [Image.new("RGB", (64, 64), (n, 0, 0)) for n in range(20)]
    written = BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    assert getattr(shown(written.getvalue()), "n_frames", 1) == 1


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that says how large it is and holds nearly nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1_000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    "size", [(65_535, 65_535), (30_000, 30_000), (10_000, 10_000), (4_001, 4_000), (2**31 - 1, 1), (0, 0)]
)
def test_picture_with_too_many_pixels_is_not_decoded(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []
    monkeypatch.setattr(Image.Image, "draft", lambda *_: decoded.append(1))
    assert anew.made_anew(png_of(*size)) is None
    assert decoded == []


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        SVG,
        b'<?xml version="1.0"?>' + SVG,
        b"<html><img src=x></html>",
        b"GIF89a<html>",
        drawn("BMP"),
        drawn("TIFF"),
        drawn("PDF"),
        drawn("ICO", (64, 64)),
        drawn("PNG", (1, 1)),
        drawn("PNG", (900, 2)),
        drawn("PNG")[:60],
        b"\xff\xd8\xff\xe0" + b"\0" * 99,
    ],
)
def test_what_is_no_picture_is_none(body: bytes) -> None:
    assert anew.made_anew(body) is None


_REAL = [drawn("PNG"), drawn("JPEG"), drawn("GIF", mode="P"), drawn("WEBP")]


@given(st.sampled_from(_REAL), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_twisted_picture_is_none_or_another_picture(body: bytes, at: int, twist: bytes) -> None:
    made = anew.made_anew(body[:at] + twist + body[at + len(twist) :])
    assert made is None or isinstance(made, Picture)
