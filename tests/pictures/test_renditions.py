from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chat.pictures import renditions
from chat.pictures.renditions import Made, Unfit
from tests.pictures.drawing import CAMERA, bomb, drawn, moving, photo

FILES = ("whole", "large", "small")


def made(body: bytes, folder: Path) -> Made:
    source = folder / "source"
    source.write_bytes(body)
    return renditions.make(source, folder)


def opened(folder: Path, name: str) -> Any:
    # Of bytes, so that no file stays open.
    return Image.open(BytesIO((folder / name).read_bytes()))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("PNG", "LA"), ("PNG", "1"), ("PNG", "I;16"),
        ("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("GIF", "P"), ("WEBP", "RGB"), ("WEBP", "RGBA"),
    ],
)  # fmt: skip
def test_picture_keeps_its_kind_and_its_size(tmp_path: Path, kind: str, mode: str) -> None:
    assert made(drawn(kind, mode=mode), tmp_path) == Made(f"image/{kind.lower()}", 80, 60)
    assert (opened(tmp_path, "whole").format, opened(tmp_path, "whole").size) == (kind, (80, 60))
    for name in ("large", "small"):
        assert (opened(tmp_path, name).format, opened(tmp_path, name).size) == ("WEBP", (80, 60))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_picture_looks_as_it_did(tmp_path: Path, kind: str) -> None:
    made(drawn(kind), tmp_path)
    for name in FILES:
        shown = opened(tmp_path, name).convert("RGB")
        bright, dark = shown.getpixel((40, 10)), shown.getpixel((40, 50))
        assert bright[0] > 200
        assert dark[0] < 60


def test_sixteen_bits_of_grey_stay_grey(tmp_path: Path) -> None:
    picture = Image.new("I;16", (40, 40), 32_768)
    picture.save(tmp_path / "source", "PNG")
    renditions.make(tmp_path / "source", tmp_path)
    assert 120 <= opened(tmp_path, "whole").convert("L").getpixel((5, 5)) <= 136


def test_large_picture_gets_smaller_ones(tmp_path: Path) -> None:
    assert made(drawn("JPEG", (2_400, 1_200)), tmp_path) == Made("image/jpeg", 2_400, 1_200)
    assert opened(tmp_path, "whole").size == (2_400, 1_200)
    assert opened(tmp_path, "large").size == (1_600, 800)
    assert opened(tmp_path, "small").size == (480, 240)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_stands_upright_and_tells_nothing(tmp_path: Path, orientation: int) -> None:
    body = photo(orientation)
    assert CAMERA.encode() in body
    width, height = (60, 80) if orientation > 4 else (80, 60)
    assert made(body, tmp_path) == Made("image/jpeg", width, height)
    for name in FILES:
        picture = opened(tmp_path, name)
        assert picture.size == (width, height)
        assert dict(picture.getexif()) == {}
        written = (tmp_path / name).read_bytes()
        assert CAMERA.encode() not in written
        assert b"Exif" not in written
    # Where the bright half of the picture as it lay in the camera comes to be.
    bright = {
        1: (40, 5),
        2: (40, 5),
        3: (40, 55),
        4: (40, 55),
        5: (5, 40),
        6: (55, 40),
        7: (55, 40),
        8: (5, 40),
    }
    assert opened(tmp_path, "whole").convert("RGB").getpixel(bright[orientation])[0] > 180


def test_texts_and_profiles_of_a_png_are_gone(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", CAMERA)
    info.add_itxt("Place", CAMERA)
    made(drawn("PNG", pnginfo=info, icc_profile=CAMERA.encode() * 20), tmp_path)
    for name in FILES:
        assert CAMERA.encode() not in (tmp_path / name).read_bytes()


def test_what_stands_behind_the_end_is_gone(tmp_path: Path) -> None:
    made(drawn("PNG") + b"<html><script>alert(1)</script></html>", tmp_path)
    for name in FILES:
        assert b"script" not in (tmp_path / name).read_bytes()


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_animation_goes_on_moving(tmp_path: Path, kind: str) -> None:
    assert made(moving(kind), tmp_path) == Made(f"image/{kind.lower()}", 40, 30)
    whole = opened(tmp_path, "whole")
    assert (whole.n_frames, whole.info.get("loop")) == (4, 0)
    whole.seek(1)
    whole.load()
    assert whole.info["duration"] == 70
    assert getattr(opened(tmp_path, "small"), "n_frames", 1) == 1


def test_animation_with_too_many_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="700 frames"):
        made(moving("GIF", 700, (8, 8)), tmp_path)


def test_animation_with_too_many_pixels_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions, "ANIMATION_PIXELS_MAX_COUNT", 4 * 40 * 30 - 1)
    with pytest.raises(Unfit, match="4 frames"):
        made(moving("GIF"), tmp_path)


@pytest.mark.parametrize(
    "size", [(30_000, 30_000), (7_100, 7_100), (16_001, 10), (10, 16_001), (65_535, 65_535)]
)
def test_picture_with_too_many_pixels_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    decoded = []
    monkeypatch.setattr(Image.Image, "copy", lambda *_: decoded.append(1))
    with pytest.raises(Unfit):
        made(bomb(*size), tmp_path)
    assert decoded == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"<html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"%PDF-1.4",
        drawn("PNG")[:-30],
        drawn("JPEG")[:200],
        drawn("GIF", mode="P")[:20],
        drawn("BMP"),
        drawn("TIFF"),
        drawn("ICO"),
    ],
)
def test_what_is_broken_or_of_another_kind_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(Unfit):
        made(body, tmp_path)


def face(body: bytes, folder: Path) -> None:
    source = folder / "source"
    source.write_bytes(body)
    renditions.make_face(source, folder)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "CMYK"), ("GIF", "P"), ("WEBP", "RGB")]
)
@pytest.mark.parametrize("size", [(1_600, 400), (30, 700), (5, 5)])
def test_face_is_a_square_in_two_sizes(tmp_path: Path, kind: str, mode: str, size: tuple[int, int]) -> None:
    face(drawn(kind, size, mode=mode), tmp_path)
    assert [opened(tmp_path, name).size for name in ("large", "small")] == [(512, 512), (128, 128)]


def test_face_is_cut_out_of_the_middle_upright_and_tells_nothing(tmp_path: Path) -> None:
    # Turned by a quarter: what was the upper half is now at a side.
    face(photo(6, (900, 300)), tmp_path)
    shown = opened(tmp_path, "large").convert("RGB")
    bright, dark = shown.getpixel((500, 256)), shown.getpixel((12, 256))
    assert bright[0] > 200
    assert dark[0] < 60
    assert CAMERA.encode() not in (tmp_path / "large").read_bytes()


def test_face_of_what_is_too_large_or_broken_is_refused(tmp_path: Path) -> None:
    for body in (bomb(), drawn("PNG")[:50], b"words"):
        with pytest.raises(Unfit):
            face(body, tmp_path)


def emoji(body: bytes, folder: Path) -> Made:
    source = folder / "source"
    source.write_bytes(body)
    return renditions.make_emoji(source, folder)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "CMYK"), ("GIF", "P"), ("WEBP", "RGB")]
)
def test_emoji_keeps_its_shape_and_is_small(tmp_path: Path, kind: str, mode: str) -> None:
    assert emoji(drawn(kind, (800, 200), mode=mode), tmp_path) == Made("image/webp", 128, 32)
    assert opened(tmp_path, "whole").size == (128, 32)
    assert emoji(drawn(kind, (16, 12), mode=mode), tmp_path) == Made("image/webp", 16, 12)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_emoji_goes_on_moving(tmp_path: Path, kind: str) -> None:
    assert emoji(moving(kind, size=(400, 300)), tmp_path) == Made("image/webp", 128, 96, frames=4)
    whole = opened(tmp_path, "whole")
    assert (whole.n_frames, whole.info.get("loop")) == (4, 0)
    whole.seek(1)
    whole.load()
    assert whole.info["duration"] == 70


def test_emoji_that_moves_too_long_or_is_too_large_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert emoji(moving("GIF", 121, (8, 8)), tmp_path) == Made("image/webp", 8, 8, left_out=120)
    assert getattr(opened(tmp_path, "whole"), "n_frames", 1) == 1
    monkeypatch.setattr(renditions, "EMOJI_PIXELS_MAX_COUNT", 4 * 40 * 30 - 1)
    assert emoji(moving("GIF"), tmp_path) == Made("image/webp", 40, 30, left_out=3)
    monkeypatch.undo()
    monkeypatch.setattr(renditions, "EMOJI_MAX_BYTES", 10)
    assert emoji(moving("GIF"), tmp_path) == Made("image/webp", 40, 30, left_out=3)


def test_emoji_that_is_many_bytes_moves_in_a_smaller_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = emoji(moving("GIF", 4, (128, 96)), tmp_path)
    size = (tmp_path / "whole").stat().st_size
    monkeypatch.setattr(renditions, "EMOJI_MAX_BYTES", size - 1)
    assert whole == Made("image/webp", 128, 96, frames=4)
    assert emoji(moving("GIF", 4, (128, 96)), tmp_path) == Made("image/webp", 64, 48, frames=4)


def test_logo_keeps_its_shape(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(photo(6, (900, 300)))
    assert renditions.make_logo(tmp_path / "source", tmp_path) == Made("image/webp", 171, 512)
    assert CAMERA.encode() not in (tmp_path / "whole").read_bytes()


@pytest.mark.parametrize("make", [renditions.make_emoji, renditions.make_logo])
def test_what_is_too_large_or_broken_is_no_emoji_and_no_logo(tmp_path: Path, make: Any) -> None:
    for body in (bomb(), drawn("PNG")[:50], b"words", drawn("TIFF")):
        (tmp_path / "source").write_bytes(body)
        with pytest.raises(Unfit):
            make(tmp_path / "source", tmp_path)
