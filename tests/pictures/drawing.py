"""Pictures for tests, some of them with things in them that must not get out."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

# Tags of EXIF: orientation, who made the camera, where the place stands.
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825
CAMERA = "A very own camera"


def drawn(kind: str, size: tuple[int, int] = (80, 60), mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture: the upper half is bright, the lower one dark."""
    picture = Image.new("RGB", size, (230, 220, 40))
    picture.paste((20, 30, 90), (0, size[1] // 2, size[0], size[1]))
    written = BytesIO()
    picture.convert(mode).save(written, kind, **options)
    return written.getvalue()


def photo(orientation: int = 1, size: tuple[int, int] = (80, 60)) -> bytes:
    """Return a JPEG that tells its camera and its place."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = orientation, CAMERA
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (37.0, 33.0, 58.0)
    return drawn("JPEG", size, exif=exif.tobytes(), comment=CAMERA.encode(), quality=95)


def moving(kind: str, frames: int = 4, size: tuple[int, int] = (40, 30)) -> bytes:
    """Return an animation, each frame of its own colour."""
    shown = [Image.new("RGB", size, (number * 251 % 256, 80, 160)) for number in range(frames)]
    written = BytesIO()
    shown[0].save(written, kind, save_all=True, append_images=shown[1:], duration=70, loop=0)
    return written.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """Return a PNG of a few hundred bytes that says it has so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    data = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
