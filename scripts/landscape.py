"""Landscapes that nobody has to give us: hills in the haze, drawn by a number. For pictures of rooms with pictures."""

from __future__ import annotations

import io
import math
import random

from PIL import Image, ImageDraw

_HILLS = 5
_STEP_PX = 4
_Colour = tuple[int, int, int]
# Sky above, sky at the horizon, sun, nearest hill.
_HOURS: tuple[tuple[_Colour, _Colour, _Colour, _Colour], ...] = (
    ((112, 146, 178), (250, 214, 178), (255, 244, 214), (44, 58, 66)),
    ((150, 184, 190), (236, 232, 212), (255, 252, 238), (52, 78, 70)),
    ((88, 92, 134), (240, 160, 124), (255, 224, 184), (48, 38, 56)),
    ((172, 204, 216), (244, 240, 226), (255, 255, 248), (66, 92, 60)),
)


def drawn(number: int, size: tuple[int, int] = (1_600, 1_200)) -> bytes:
    """Return a JPEG; the same number gives the same place."""
    width, height = size
    above, horizon, sun, near = _HOURS[number % len(_HOURS)]
    dice = random.Random(number)
    picture = Image.new("RGB", size)
    pen = ImageDraw.Draw(picture)
    for y in range(height):
        pen.line([(0, y), (width, y)], fill=_between(above, horizon, min(1.0, 1.6 * y / height)))
    radius = height * 0.06
    left, top = width * dice.uniform(0.2, 0.8) - radius, height * dice.uniform(0.16, 0.3) - radius
    pen.ellipse([left, top, left + 2 * radius, top + 2 * radius], fill=sun)
    for hill in range(_HILLS):
        share = (hill + 1) / _HILLS
        turn, waves = dice.uniform(0, 6), dice.uniform(4, 7)
        line = [
            (at, height * (0.34 + 0.5 * share) + height * _swell(at / width, waves, turn))
            for at in range(0, width + _STEP_PX, _STEP_PX)
        ]
        pen.polygon([(0, height), *line, (width, height)], fill=_between(horizon, near, 0.25 + 0.75 * share))
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=88)
    return written.getvalue()


def face(colour: str, side: int = 256) -> bytes:
    """Return a PNG of somebody round who is content."""
    picture = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(picture)
    unit = side / 16
    pen.ellipse([unit, unit, 15 * unit, 15 * unit], fill=colour)
    for left in (4.6, 9.2):
        pen.ellipse([left * unit, 5.2 * unit, (left + 2.2) * unit, 7.4 * unit], fill="white")
    pen.arc([4.6 * unit, 6 * unit, 11.4 * unit, 12 * unit], 20, 160, fill="white", width=round(unit))
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def _swell(share: float, waves: float, turn: float) -> float:
    return 0.05 * math.sin(waves * share + turn) + 0.015 * math.sin(3.1 * waves * share + 2 * turn)


def _between(first: _Colour, second: _Colour, share: float) -> _Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
