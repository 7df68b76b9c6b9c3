from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from chat.pictures import workshop
from chat.pictures.renditions import Made
from tests.pictures.drawing import bomb, drawn, moving


def made(body: bytes, folder: Path) -> Made | None:
    source = folder / "source"
    source.write_bytes(body)
    return workshop.make(source, folder)


def test_picture_is_made_by_a_process_of_its_own(tmp_path: Path) -> None:
    assert made(drawn("PNG"), tmp_path) == Made("image/png", 80, 60)
    assert {path.name for path in tmp_path.iterdir()} == {"source", "whole", "large", "small"}


@pytest.mark.parametrize("body", [b"", b"no picture", drawn("PNG")[:-30], bomb()])
def test_what_cannot_be_shown_is_nothing(tmp_path: Path, body: bytes) -> None:
    assert made(body, tmp_path) is None


def test_process_that_wants_too_much_memory_ends_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = drawn("PNG", (6_000, 6_000))
    assert made(body, tmp_path) == Made("image/png", 6_000, 6_000)
    # Its pixels alone take 144 MB.
    monkeypatch.setenv("PYTHONPATH", str(_with_bound(tmp_path, MEMORY_MAX_BYTES=240 * 1024 * 1024)))
    assert made(body, tmp_path) is None
    assert made(drawn("PNG"), tmp_path) == Made("image/png", 80, 60)


def test_process_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "WITHIN_S", 0.05)
    began = time.monotonic()
    assert made(moving("WEBP", 40, (400, 300)), tmp_path) is None
    assert time.monotonic() - began < 15


def test_nothing_of_ours_is_told_to_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def run(command: list[str], **options: object) -> object:
        seen.update(options)
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setenv("SECRET_KEY", "very secret")
    monkeypatch.setattr(subprocess, "run", run)
    assert made(drawn("PNG"), tmp_path) is None
    env = seen["env"]
    assert isinstance(env, dict)
    assert "SECRET_KEY" not in env
    assert set(env) <= {"PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR", "MALLOC_ARENA_MAX"}


def _with_bound(folder: Path, **bounds: int) -> Path:
    """Have the process find other bounds: it is started anew and knows nothing of this one."""
    place = folder / "site"
    place.mkdir()
    lines = [f"workshop.{name} = {value}" for name, value in bounds.items()]
    text = "\n".join(["import sys", "sys.path.insert(0, '.')", "from chat.pictures import workshop", *lines])
    (place / "sitecustomize.py").write_text(text + "\n")
    return place
