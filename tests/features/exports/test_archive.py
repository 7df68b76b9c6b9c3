from __future__ import annotations

import errno
import os
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.features.exports.archive import Archive, Unfit
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
        st.tuples(st.binary(max_size=300), st.booleans(), st.binary(max_size=80)), min_size=1, max_size=8
    )
)
def test_whoever_takes_it_up_again_ends_with_what_was_safe_and_what_came_after(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[bytes, bool, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("law") / "file.zip"
    archive, safe_bytes, expected = opened(path), 0, {}
    for number, (body, is_killed, torn) in enumerate(parts):
        name = f"part-{number:06d}"
        if is_killed:
            archive.add(f"lost-{number:06d}", body)
            archive.close()
            with path.open("ab") as file:
                file.write(torn)
            archive = opened(path, safe_bytes)
            assert archive.size_bytes == safe_bytes
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
