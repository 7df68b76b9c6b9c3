from __future__ import annotations

import errno
import io
import os
import random
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.features.exports.archive import Archive, Unfit, Unreadable
from chat.models import Export
from tests.faults.clocks import Unavailable
from tests.faults.disks import SmallDisk, small_disk

_MIB = 1024 * 1024


def opened(path: Path, size_bytes: int = 0, **limits: Any) -> Archive:
    bounds = {"max_bytes": 2**40, "free_bytes": 0} | limits
    return Archive(path, size_bytes, at=timezone.now(), **bounds)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def silent(_bytes: int) -> None:
    pass


def noise(size_bytes: int) -> bytes:
    return random.Random(1).randbytes(size_bytes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "exports" / "file.zip"


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    try:
        with small_disk(_MIB) as made:
            yield made
    except Unavailable as why:
        pytest.skip(str(why))


def test_what_is_added_can_be_read_by_anybody(path: Path) -> None:
    archive = opened(path)
    archive.add("messages-000001.jsonl", b'{"body":"\xed\x95\x98"}\n')
    archive.add("empty.json", b"")
    assert archive.finish() == path.stat().st_size
    assert members(path) == {"messages-000001.jsonl": b'{"body":"\xed\x95\x98"}\n', "empty.json": b""}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.binary(max_size=300), st.booleans(), st.binary(max_size=80), st.booleans()),
        min_size=1,
        max_size=8,
    )
)
def test_whoever_takes_it_up_again_ends_with_what_was_safe_and_what_came_after(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[bytes, bool, bytes, bool]]
) -> None:
    path = tmp_path_factory.mktemp("law") / "file.zip"
    archive, safe_bytes, expected = opened(path), 0, {}
    for number, (body, is_killed, torn, is_file) in enumerate(parts):
        name = f"files/{number}-고양이.jpg" if is_file else f"part-{number:06d}"
        if is_killed:
            archive.add(f"lost-{number:06d}", body)
            archive.close()
            with path.open("ab") as file:
                file.write(torn)
            archive = opened(path, safe_bytes)
            assert archive.size_bytes == safe_bytes
        if is_file:
            archive.add_file(name, io.BytesIO(body), len(body), silent)
        else:
            archive.add(name, body)
        safe_bytes, expected[name] = archive.secure(), body
    archive.finish()
    assert members(path) == expected


@pytest.mark.parametrize("damage", ["short", "garbage", "missing", "inside"])
def test_what_is_not_what_was_written_is_begun_anew(path: Path, damage: str) -> None:
    archive = opened(path)
    archive.add("a-000001.jsonl", b"one\n")
    archive.add("a-000002.jsonl", b"two\n")
    safe_bytes = archive.secure()
    archive.close()
    if damage == "short":
        os.truncate(path, safe_bytes - 1)
    elif damage == "garbage":
        path.write_bytes(b"?" * safe_bytes)
    elif damage == "missing":
        path.unlink()
    again = opened(path, safe_bytes - 1 if damage == "inside" else safe_bytes)
    assert again.size_bytes == 0
    again.add("b-000001.jsonl", b"three\n")
    again.finish()
    assert members(path) == {"b-000001.jsonl": b"three\n"}


def test_a_process_that_was_thought_dead_writes_where_nobody_looks(path: Path) -> None:
    frozen = opened(path)
    frozen.add("a-000001.jsonl", b"one\n")
    safe_bytes = frozen.secure()
    heir = opened(path, safe_bytes)
    assert heir.size_bytes == 0
    heir.add("b-000001.jsonl", b"two\n")
    frozen.add("a-000002.jsonl", noise(10_000))
    frozen.finish()
    heir.finish()
    assert members(path) == {"b-000001.jsonl": b"two\n"}


def test_lines_can_be_read_again_while_it_is_written(path: Path) -> None:
    archive = opened(path)
    archive.add("rooms-000001.jsonl", b'{"id":1}\n{"id":2}\n')
    archive.add("users-000001.jsonl", b'{"id":9}\n')
    archive.add("rooms-000002.jsonl", b'{"id":3}\n')
    assert [line["id"] for line in archive.lines("rooms")] == [1, 2, 3]
    archive.add("last.json", b"{}")
    archive.finish()
    assert list(members(path)) == [
        "rooms-000001.jsonl", "users-000001.jsonl", "rooms-000002.jsonl", "last.json",
    ]  # fmt: skip


class Endless:
    """Gives bytes without having them; notes the largest piece that was asked for."""

    def __init__(self, size_bytes: int) -> None:
        self.left_bytes = size_bytes
        self.largest_bytes = 0

    def read(self, size: int, /) -> bytes:
        self.largest_bytes = max(self.largest_bytes, size)
        piece = bytes(min(size, self.left_bytes))
        self.left_bytes -= len(piece)
        return piece


def test_a_large_file_and_many_small_ones_are_never_in_memory(path: Path) -> None:
    archive = opened(path)
    archive.add("first-000001.jsonl", b"{}")
    tracemalloc.start()
    try:
        source = Endless(64 * _MIB)
        archive.add_file("files/1-large.bin", source, 64 * _MIB, silent)
        for number in range(3_000):
            archive.add_file(f"files/{number}-a-name-of-usual-length.txt", io.BytesIO(b"x"), 1, silent)
        archive.finish()
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert source.largest_bytes <= _MIB
    assert peak_bytes < 4 * _MIB
    with zipfile.ZipFile(path) as found:
        assert len(found.namelist()) == 3_002
        assert found.getinfo("files/1-large.bin").file_size == 64 * _MIB


@pytest.mark.parametrize("said_bytes", [4, 6])
def test_a_file_that_is_not_as_long_as_it_says_leaves_nothing(path: Path, said_bytes: int) -> None:
    archive = opened(path)
    archive.add("a-000001.jsonl", b"one\n")
    with pytest.raises(Unreadable):
        archive.add_file("files/1-short.txt", io.BytesIO(b"12345"), said_bytes, silent)
    archive.add_file("files/2-whole.txt", io.BytesIO(b"12345"), 5, silent)
    archive.finish()
    assert members(path) == {"a-000001.jsonl": b"one\n", "files/2-whole.txt": b"12345"}


def test_a_storage_that_breaks_off_in_the_middle_leaves_nothing(path: Path) -> None:
    class Breaking(Endless):
        def read(self, size: int, /) -> bytes:
            if self.left_bytes < 2 * _MIB:
                raise RuntimeError("the storage has errors of its own")
            return super().read(size)

    archive = opened(path)
    with pytest.raises(Unreadable):
        archive.add_file("files/1-torn.bin", Breaking(4 * _MIB), 4 * _MIB, silent)
    archive.add("a-000001.jsonl", b"one\n")
    archive.finish()
    assert members(path) == {"a-000001.jsonl": b"one\n"}


def test_a_file_that_is_too_large_is_not_begun(path: Path) -> None:
    archive = opened(path, max_bytes=5_000)
    source = Endless(6_000)
    with pytest.raises(Unfit) as found:
        archive.add_file("files/1-large.bin", source, 6_000, silent)
    assert found.value.failure is Export.Failure.TOO_LARGE
    assert source.left_bytes == 6_000
    archive.remove()


def test_it_does_not_become_larger_than_it_may(path: Path) -> None:
    archive = opened(path, max_bytes=5_000)
    archive.add("a", noise(3_000))
    with pytest.raises(Unfit) as found:
        archive.add("b", noise(3_000))
    assert found.value.failure is Export.Failure.TOO_LARGE
    archive.remove()
    assert not path.exists()


def test_room_on_the_disk_is_left_to_others(path: Path) -> None:
    archive = opened(path, free_bytes=2**60)
    with pytest.raises(Unfit) as found:
        archive.add("a", b"one")
    assert found.value.failure is Export.Failure.DISK_FULL
    archive.remove()


def test_a_full_disk_is_told_and_what_was_written_can_be_removed(disk: SmallDisk) -> None:
    path = disk.path / "exports" / "file.zip"
    # Without the look at what is free, which would tell before.
    archive = opened(path, free_bytes=-(2**60))
    archive.add("a", noise(100_000))
    archive.secure()
    disk.fill()

    def go_on() -> None:
        for number in range(20):
            archive.add(f"b-{number}", noise(100_000))
            archive.secure()

    with pytest.raises(OSError, match="No space left") as full:
        go_on()
    assert full.value.errno == errno.ENOSPC
    archive.remove()
    assert not path.exists()
