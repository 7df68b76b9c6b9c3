"""Pictures of others, made anew: decoded within bounds, without what they carried, small."""

from __future__ import annotations

import struct
import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

# Of the picture as it comes, before any of it is decoded: 16 million pixels take 64 MB.
PIXELS_MAX_COUNT = 16_000_000
# Of the picture as it is shown. What is smaller than the least counts visits and shows nothing.
SIDE_MAX_PX = 600
SIDE_MIN_PX = 32
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_QUALITY = 80
# What decoders raise for files that are cut, twisted or not what they say.
BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, ArithmeticError, MemoryError, struct.error,
    zlib.error, AttributeError, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A WebP file and its size in pixels."""

    body: bytes
    width: int
    height: int


def made_anew(body: bytes) -> Picture | None:
    """Decode a picture and encode it again, upright and small; None for what is none, too large or too small."""
    try:
        with warnings.catch_warnings():
            # What decoders think of a file is nothing for our log.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _made_anew(body)
    except BROKEN:
        return None


def _made_anew(body: bytes) -> Picture | None:
    with Image.open(BytesIO(body), formats=FORMATS) as found:
        width, height = found.size
        if width * height > PIXELS_MAX_COUNT or min(width, height) < SIDE_MIN_PX:
            return None
        # A JPEG is decoded no larger than needed; of an animation, the first picture.
        found.draft("RGB", (2 * SIDE_MAX_PX, 2 * SIDE_MAX_PX))
        upright = ImageOps.exif_transpose(found)
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        shown = upright.convert("RGBA" if has_alpha else "RGB")
    shown.thumbnail((SIDE_MAX_PX, SIDE_MAX_PX))
    # Made of pixels alone: no EXIF, no profile, no text goes along.
    plain = Image.new(shown.mode, shown.size)
    plain.paste(shown)
    written = BytesIO()
    plain.save(written, "WEBP", quality=_QUALITY)
    return Picture(written.getvalue(), *plain.size)
