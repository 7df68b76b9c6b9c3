"""What is made of a picture that somebody uploads: the whole one anew, and two small ones."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import GifImagePlugin, Image, ImageOps

from chat.pictures.anew import BROKEN, FORMATS

# Before any of it is decoded: 50 million pixels take 200 MB, and are more than most cameras have.
PIXELS_MAX_COUNT = 50_000_000
SIDE_MAX_PX = 16_000
FRAMES_MAX_COUNT = 600
# Of all frames of an animation together.
ANIMATION_PIXELS_MAX_COUNT = 300_000_000
# Of a picture of an animation that does not say how long it is shown, as browsers have it.
_FRAME_MS = 100
LARGE_SIDE_PX = 1_600
SMALL_SIDE_PX = 480
_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
# A face as it is shown: beside words, and large.
FACE_SMALL_PX = 128
FACE_LARGE_PX = 512
# An emoji stands in a line of text, and alone in three; screens have up to three pixels for each.
EMOJI_SIDE_PX = 128
EMOJI_MAX_BYTES = 128 * 1024
# What moves longer, or is much larger than it is shown, stands still.
EMOJI_FRAMES_MAX_COUNT = 120
EMOJI_PIXELS_MAX_COUNT = 60_000_000
LOGO_SIDE_PX = 512


class Unfit(Exception):
    """There is nothing to be shown: too large, too long, or no picture at all."""


@dataclass(frozen=True, slots=True)
class Made:
    """What stands in the folder: the files `whole`, `large` and `small`; width and height are those of `whole`.

    `frames`: of how many pictures an emoji consists; `left_out`: how many more there were that it does not show.
    """

    type: str
    width: int
    height: int
    frames: int = 1
    left_out: int = 0


def make(source: Path, folder: Path) -> Made:
    """Make all renditions of a picture.

    Raises:
        Unfit: whatever is wrong with it.
    """
    try:
        with _without_warnings(), Image.open(source, formats=FORMATS) as found:
            return _make(found, folder)
    except BROKEN as error:
        raise Unfit(type(error).__name__) from None


def make_face(source: Path, folder: Path) -> Made:
    """Make the two sizes of a face, `large` and `small`: squares, cut out of the middle.

    Raises:
        Unfit: whatever is wrong with it.
    """
    try:
        with _without_warnings(), Image.open(source, formats=FORMATS) as found:
            _check_size(found)
            found.seek(0)
            # A JPEG is decoded no larger than needed.
            found.draft("RGB", (2 * FACE_LARGE_PX, 2 * FACE_LARGE_PX))
            still = _plain(ImageOps.exif_transpose(found))
            for name, side in (("large", FACE_LARGE_PX), ("small", FACE_SMALL_PX)):
                still = ImageOps.fit(still, (side, side), Image.Resampling.LANCZOS)
                still.save(folder / name, "WEBP", quality=82, method=4)
    except BROKEN as error:
        raise Unfit(type(error).__name__) from None
    return Made("image/webp", FACE_LARGE_PX, FACE_LARGE_PX)


def make_emoji(source: Path, folder: Path) -> Made:
    """Make an emoji, `whole`: at most 128 pixels a side, and moving if it stays small; else its first picture.

    Raises:
        Unfit: whatever is wrong with it.
    """
    try:
        with _without_warnings(), Image.open(source, formats=FORMATS) as found:
            _check_size(found)
            width, height = found.size
            frames = int(getattr(found, "n_frames", 1)) if found.format != "MPO" else 1
            is_short = frames <= EMOJI_FRAMES_MAX_COUNT and frames * width * height <= EMOJI_PIXELS_MAX_COUNT
            moving = _moving_emoji(found, folder / "whole", frames) if frames > 1 and is_short else None
            return moving or _still(found, folder / "whole", EMOJI_SIDE_PX, left_out=frames - 1)
    except BROKEN as error:
        raise Unfit(type(error).__name__) from None


def make_logo(source: Path, folder: Path) -> Made:
    """Make a logo, `whole`: at most 512 pixels a side, in its own shape.

    Raises:
        Unfit: whatever is wrong with it.
    """
    try:
        with _without_warnings(), Image.open(source, formats=FORMATS) as found:
            _check_size(found)
            return _still(found, folder / "whole", LOGO_SIDE_PX)
    except BROKEN as error:
        raise Unfit(type(error).__name__) from None


def _moving_emoji(found: Any, file: Path, frames: int) -> Made | None:
    """Save an animation within the bounds of an emoji; None where it would be too many bytes."""
    pictures, durations = [], []
    for number in range(frames):
        found.seek(number)
        found.load()
        durations.append(int(found.info.get("duration", 0)) or _FRAME_MS)
        pictures.append(found.convert("RGBA"))
        pictures[-1].thumbnail((EMOJI_SIDE_PX, EMOJI_SIDE_PX))
    loop = int(found.info.get("loop", 0))
    for side, quality in ((EMOJI_SIDE_PX, 80), (EMOJI_SIDE_PX // 2, 60)):
        for picture in pictures:
            picture.thumbnail((side, side))
        first, *rest = (_plain(picture) for picture in pictures)
        first.save(
            file, "WEBP", save_all=True, append_images=rest, duration=durations, loop=loop, quality=quality, method=2
        )  # fmt: skip
        if file.stat().st_size <= EMOJI_MAX_BYTES:
            return Made("image/webp", first.width, first.height, frames)
    return None


def _still(found: Any, file: Path, side: int, left_out: int = 0) -> Made:
    found.seek(0)
    # A JPEG is decoded no larger than needed.
    found.draft("RGB", (2 * side, 2 * side))
    still = _plain(ImageOps.exif_transpose(found))
    still.thumbnail((side, side), Image.Resampling.LANCZOS)
    still.save(file, "WEBP", quality=90, method=4)
    return Made("image/webp", still.width, still.height, left_out=left_out)


def _check_size(found: Any) -> None:
    width, height = found.size
    if width * height > PIXELS_MAX_COUNT or max(width, height) > SIDE_MAX_PX:
        raise Unfit(f"{width} x {height} pixels")


def _make(found: Any, folder: Path) -> Made:
    _check_size(found)
    width, height = found.size
    kind = str(found.format)
    frames = int(getattr(found, "n_frames", 1)) if kind in ("GIF", "WEBP") else 1
    if frames > FRAMES_MAX_COUNT or (frames > 1 and frames * width * height > ANIMATION_PIXELS_MAX_COUNT):
        raise Unfit(f"{frames} frames of {width} x {height} pixels")
    found.seek(0)
    still = _plain(ImageOps.exif_transpose(found))
    if frames > 1:
        _save_moving(found, folder / "whole", kind, frames)
    else:
        _save_still(still, folder / "whole", kind)
    size = still.size
    # The small one is made of the large one, which is nearer.
    for name, side in (("large", LARGE_SIDE_PX), ("small", SMALL_SIDE_PX)):
        still.thumbnail((side, side))
        still.save(folder / name, "WEBP", quality=80, method=2)
    return Made(_TYPES[kind], *size)


def _plain(image: Any) -> Any:
    """Return the pixels and nothing else, in a way that all our formats know."""
    if image.mode.startswith("I"):
        # 16 bits of grey; a mere conversion would cut all above 255.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    shown = image if image.mode in ("L", "RGB", "RGBA") and "transparency" not in image.info else None
    if shown is None:
        shown = image.convert("RGBA" if has_alpha else "RGB")
    plain = Image.new(shown.mode, shown.size)
    plain.paste(shown)
    return plain


def _save_still(image: Any, file: Path, kind: str) -> None:
    if kind in ("JPEG", "MPO"):
        image.convert("L" if image.mode == "L" else "RGB").save(file, "JPEG", quality=88)
    elif kind == "WEBP":
        image.save(file, "WEBP", quality=88, method=2)
    elif kind == "GIF":
        image.save(file, "GIF")
    else:
        image.save(file, "PNG")


def _save_moving(found: Any, file: Path, kind: str, frames: int) -> None:
    if kind == "GIF":
        found.save(file, "GIF", save_all=True, comment=b"")
        return
    durations = []
    for number in range(frames):
        found.seek(number)
        found.load()
        durations.append(int(found.info.get("duration", 0)))
    found.seek(0)
    loop = int(found.info.get("loop", 0))
    # Said to be empty, else they would be taken along from what was read.
    found.save(
        file, "WEBP", save_all=True, duration=durations, loop=loop, quality=80, method=0, exif=b"", xmp=b"",
        icc_profile=b"",
    )  # fmt: skip


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    strategy = GifImagePlugin.LOADING_STRATEGY
    # Frames keep their palettes: made of true colours again they would be larger and worse.
    GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    finally:
        GifImagePlugin.LOADING_STRATEGY = strategy
