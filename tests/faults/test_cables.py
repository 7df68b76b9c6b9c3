from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cables import Cable, cable
from tests.faults.clocks import Unavailable

_LIMIT_S = 20


@pytest.fixture
def line() -> Iterator[Cable]:
    try:
        with cable() as made:
            yield made
    except Unavailable as why:
        pytest.skip(str(why))


async def test_a_pulled_cable_is_silence_and_a_plugged_one_brings_what_was_sent(line: Cable) -> None:
    ends: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    arrived = asyncio.Event()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append((reader, writer))
        arrived.set()

    async with await asyncio.start_server(serve, line.server_address, 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = line.socket()
        async with asyncio.timeout(_LIMIT_S):
            await asyncio.get_running_loop().sock_connect(client, (line.server_address, port))
            reader, writer = await asyncio.open_connection(sock=client)
            await arrived.wait()
        far_reader, far_writer = ends[0]
        assert far_writer.get_extra_info("peername")[0] == line.client_address
        writer.write(b"hello")
        async with asyncio.timeout(_LIMIT_S):
            assert await far_reader.readexactly(5) == b"hello"
        line.pull()
        far_writer.write(b"anybody there?")
        writer.write(b"hello?")
        for waiting in (reader, far_reader):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await waiting.read(1)
        line.plug()
        async with asyncio.timeout(_LIMIT_S):
            assert await reader.readexactly(14) == b"anybody there?"
            assert await far_reader.readexactly(6) == b"hello?"
        writer.close()
        far_writer.close()


def test_programs_run_at_its_far_end_and_nothing_is_left_of_it() -> None:
    try:
        with cable(1) as line:
            shown = subprocess.run(
                line.command(["ip", "-4", "-o", "addr"]),
                capture_output=True,
                text=True,
                check=True,
                timeout=20,
            ).stdout
            assert line.client_address in shown
            assert line.server_address not in shown
    except Unavailable as why:
        pytest.skip(str(why))
    assert not list(Path("/run/netns").glob(f"maru-{os.getpid()}-1-*"))
    links = subprocess.run(["ip", "link"], capture_output=True, text=True, check=True, timeout=20).stdout
    assert f"mw{os.getpid()}-1" not in links
