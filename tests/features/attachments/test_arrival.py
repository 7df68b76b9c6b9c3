from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.features.attachments import arrival
from chat.features.attachments.arrival import Arrived
from chat.protocol.errors import ErrorCode, ProtocolError
from tests.features.attachments.test_multipart import body, part

MOST = 10_000


async def pieces(data: bytes, size: int = 700) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def left(media: Path) -> list[str]:
    return [path.name for path in (media / "arriving").glob("*")]


async def refused(data: bytes) -> ErrorCode:
    with pytest.raises(ProtocolError) as caught:
        async with arrival.taken(pieces(data), b"mark", MOST):
            pytest.fail("it was taken")
    return caught.value.code


async def test_file_is_on_the_disk_while_it_is_looked_at_and_gone_afterwards(media: Path) -> None:
    content = os.urandom(5_000)
    data = body(part("alt", "고양이".encode()), part("file", content, "../../cat.txt"), part("other", b"x"))
    async with arrival.taken(pieces(data), b"mark", MOST) as found:
        assert found.path.read_bytes() == content
        assert found.path.parent == media / "arriving"
        kind = "application/octet-stream"
        assert found == Arrived(found.path, "cat.txt", 5_000, kind, "고양이")
    assert left(media) == []


async def test_file_that_was_moved_away_stays_where_it_is(media: Path, tmp_path: Path) -> None:
    async with arrival.taken(pieces(body(part("file", b"x", "a"))), b"mark", MOST) as found:
        found.path.rename(tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == b"x"


BAD = {
    "empty file": (body(part("file", b"", "a.txt")), ErrorCode.EMPTY),
    "no file": (body(part("alt", b"x")), ErrorCode.BAD_FRAME),
    "a field called file": (body(part("file", b"x")), ErrorCode.BAD_FRAME),
    "twice the same part": (body(part("file", b"x", "a"), part("file", b"x", "a")), ErrorCode.BAD_FRAME),
    "cut half-way": (body(part("file", b"x" * 5_000, "a"))[:2_000], ErrorCode.BAD_FRAME),
    "nothing": (b"", ErrorCode.BAD_FRAME),
    "too large": (body(part("file", b"x" * (MOST + 1), "a")), ErrorCode.TOO_LONG),
    "endless": (body(part("file", b"x" * 500_000, "a")), ErrorCode.TOO_LONG),
    "large words": (body(part("alt", b"x" * 3_000)), ErrorCode.TOO_LONG),
    "large beside the file": (body(part("other", b"x" * 70_000)), ErrorCode.TOO_LONG),
}


@pytest.mark.parametrize(("data", "code"), BAD.values(), ids=BAD)
async def test_bad_body_is_refused_and_leaves_nothing(media: Path, data: bytes, code: ErrorCode) -> None:
    assert await refused(data) is code
    assert left(media) == []


async def test_too_large_body_is_not_read_to_its_end() -> None:
    count = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal count
        yield b"--mark\r\n" + part("file", b"", "a")
        while True:
            count += 1
            yield bytes(1_000)

    with pytest.raises(ProtocolError):
        async with arrival.taken(endless(), b"mark", MOST):
            pytest.fail("it was taken")
    assert count <= MOST // 1_000 + 2


async def test_client_that_goes_away_leaves_nothing(media: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"--mark\r\n" + part("file", b"x" * 500, "a")
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        async with arrival.taken(broken(), b"mark", MOST):
            pytest.fail("it was taken")
    assert left(media) == []


def test_what_killed_processes_have_left_goes_after_a_day(media: Path) -> None:
    assert arrival.sweep() == 0
    (media / "arriving").mkdir(parents=True)
    for name, age_s in (("old", 90_000), ("young", 100)):
        (media / "arriving" / name).write_bytes(b"x")
        os.utime(media / "arriving" / name, times=(time.time() - age_s,) * 2)
    assert arrival.sweep() == 1
    assert left(media) == ["young"]
