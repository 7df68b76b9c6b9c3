from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.lanes import HOLD_MAX_BYTES
from tests.faults.proxy import Proxy

_LIMIT_S = 10


class Echo:
    """A server that sends everything back and remembers how each connection went."""

    def __init__(self, *, is_mute: bool = False) -> None:
        self.is_mute = is_mute
        self.heard = bytearray()
        self.ends: list[str] = []
        self.address: tuple[str, int] = ("", 0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                self.heard += data
                if not self.is_mute:
                    writer.write(data)
                    await writer.drain()
            self.ends.append("fin")
        except ConnectionError:
            self.ends.append("reset")
        finally:
            writer.close()


@asynccontextmanager
async def echo(*, is_mute: bool = False, path: Path | None = None) -> AsyncIterator[Echo]:
    made = Echo(is_mute=is_mute)
    if path is not None:
        server = await asyncio.start_unix_server(made.serve, path)
    else:
        server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
        made.address = server.sockets[0].getsockname()[:2]
    async with server:
        yield made


async def connect(proxy: Proxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*proxy.address)


async def ask(ends: tuple[asyncio.StreamReader, asyncio.StreamWriter], data: bytes) -> bytes:
    reader, writer = ends
    writer.write(data)
    async with asyncio.timeout(_LIMIT_S):
        return await reader.readexactly(len(data))


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while not check():  # noqa: ASYNC110 - it is also about counters of the proxy
            await asyncio.sleep(0.005)


async def read_one(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(_LIMIT_S):
        return await reader.readexactly(1)


async def close(*clients: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    for _, writer in clients:
        writer.close()


async def is_silent(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(0.1):
            return await reader.read(1) is None
    except TimeoutError:
        return True


async def test_bytes_pass_in_both_directions_and_are_counted() -> None:
    async with echo() as server, Proxy(server.address) as proxy:
        client = await connect(proxy)
        assert await ask(client, b"hello" * 50_000) == b"hello" * 50_000
        assert (proxy.to_server_bytes, proxy.to_client_bytes) == (250_000, 250_000)
        assert (proxy.connections_count, proxy.open_count) == (1, 1)
        await close(client)
        await until(lambda: server.ends == ["fin"] and proxy.open_count == 0)


async def test_unix_sockets_work_on_both_sides(tmp_path: Path) -> None:
    async with (
        echo(path=tmp_path / "server.sock"),
        Proxy(tmp_path / "server.sock", path=tmp_path / "proxy.sock") as proxy,
    ):
        client = await asyncio.open_unix_connection(tmp_path / "proxy.sock")
        assert await ask(client, b"hello") == b"hello"
        await close(client)
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_unix_connection(tmp_path / "proxy.sock")
        proxy.heal()
        client = await asyncio.open_unix_connection(tmp_path / "proxy.sock")
        assert await ask(client, b"again") == b"again"
        await close(client)


@pytest.mark.parametrize("direction", ["both", "to_server", "to_client"])
async def test_what_was_dropped_arrives_in_order_when_the_network_is_back(direction: str) -> None:
    async with echo() as server, Proxy(server.address) as proxy:
        old = await connect(proxy)
        assert await ask(old, b"before") == b"before"
        proxy.drop(direction)  # type: ignore[arg-type]
        new = await connect(proxy)
        for client, text in ((old, b"1 2 "), (new, b"a b "), (old, b"3"), (new, b"c")):
            client[1].write(text)
        assert await is_silent(old[0])
        assert await is_silent(new[0])
        assert len(server.heard) - len(b"before") == (len(b"1 2 3a b c") if direction == "to_client" else 0)
        proxy.heal()
        async with asyncio.timeout(_LIMIT_S):
            assert await old[0].readexactly(5) == b"1 2 3"
            assert await new[0].readexactly(5) == b"a b c"
        await close(old, new)


async def test_dropped_bytes_can_be_lost_with_their_connections() -> None:
    async with echo() as server, Proxy(server.address) as proxy:
        client = await connect(proxy)
        await ask(client, b"before")
        proxy.drop()
        client[1].write(b"lost")
        await asyncio.sleep(0)
        proxy.heal(is_reset=True)
        with pytest.raises(ConnectionResetError):
            await ask(client, b"more")
        await until(lambda: server.ends == ["reset"])
        assert bytes(server.heard) == b"before"
        await close(client)


async def test_a_client_that_leaves_a_black_hole_is_gone_for_the_server_only_afterwards() -> None:
    async with echo() as server, Proxy(server.address) as proxy:
        client = await connect(proxy)
        await ask(client, b"before")
        proxy.drop()
        client[1].write(b"last words")
        await close(client)
        await client[1].wait_closed()
        assert await is_silent(client[0]) is False
        assert server.ends == []
        proxy.heal()
        await until(lambda: server.ends == ["fin"])
        assert bytes(server.heard) == b"beforelast words"


@pytest.mark.parametrize("verb", ["drop", "stall"])
async def test_a_sender_into_nothing_has_to_wait_and_memory_stays_small(verb: str) -> None:
    async with echo(is_mute=True) as server, Proxy(server.address) as proxy:
        reader, writer = await connect(proxy)
        await until(lambda: proxy.open_count == 1)
        getattr(proxy, verb)("to_server")
        total = 32 * 1024 * 1024
        writer.write(bytes(total))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await writer.drain()
        (link,) = proxy._links
        assert link.to_server._queued_bytes <= 2 * HOLD_MAX_BYTES
        assert len(server.heard) < total
        proxy.heal()
        async with asyncio.timeout(_LIMIT_S):
            await writer.drain()
        await until(lambda: len(server.heard) == total)
        await close((reader, writer))


async def test_latency_delays_each_direction_and_keeps_the_order() -> None:
    async with echo() as server, Proxy(server.address, seed=1) as proxy:
        client = await connect(proxy)
        await ask(client, b"before")
        proxy.latency(0.05, 0.05)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(20):
            client[1].write(b"%02d" % number)
            await asyncio.sleep(0)
        expected = b"".join(b"%02d" % number for number in range(20))
        async with asyncio.timeout(_LIMIT_S):
            assert await client[0].readexactly(40) == expected
        assert loop.time() - began >= 0.1
        proxy.latency(60)
        client[1].write(b"late")
        assert await is_silent(client[0])
        proxy.heal()
        async with asyncio.timeout(_LIMIT_S):
            assert await client[0].readexactly(4) == b"late"
        await close(client)


async def test_a_slow_line_lets_no_more_pass_than_its_rate() -> None:
    async with echo() as server, Proxy(server.address) as proxy:
        client = await connect(proxy)
        proxy.rate(200_000)
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert await ask(client, bytes(60_000)) == bytes(60_000)
        assert loop.time() - began >= 0.25
        with pytest.raises(ValueError, match="above zero"):
            proxy.rate(0)
        await close(client)


async def test_refused_connections_fail_while_open_ones_go_on_and_the_port_stays() -> None:
    async with echo() as server, Proxy(server.address) as proxy:
        client = await connect(proxy)
        port = proxy.port
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            await connect(proxy)
        assert await ask(client, b"still here") == b"still here"
        proxy.heal()
        other = await connect(proxy)
        assert await ask(other, b"back") == b"back"
        assert proxy.port == port
        await close(client, other)


async def test_a_reset_reaches_both_sides_as_one() -> None:
    async with echo() as server, Proxy(server.address) as proxy:
        clients = [await connect(proxy) for _ in range(3)]
        for client in clients:
            await ask(client, b"x")
        proxy.reset_all()
        for client in clients:
            with pytest.raises(ConnectionResetError):
                await read_one(client[0])
        await until(lambda: server.ends == ["reset"] * 3 and proxy.open_count == 0)
        again = await connect(proxy)
        assert await ask(again, b"new") == b"new"
        await close(again, *clients)


async def test_a_reset_of_one_side_is_handed_on() -> None:
    async with echo() as server, Proxy(server.address) as proxy:
        reader, writer = await connect(proxy)
        await ask((reader, writer), b"x")
        taken: socket.socket = writer.get_extra_info("socket")
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        writer.transport.abort()
        await until(lambda: server.ends == ["reset"] and proxy.open_count == 0)


async def test_half_of_a_connection_can_end() -> None:
    async with echo() as server, Proxy(server.address) as proxy:
        client = await connect(proxy)
        await ask(client, b"x")
        proxy.half_close("to_client")
        async with asyncio.timeout(_LIMIT_S):
            assert await client[0].read() == b""
        client[1].write(b"heard all the same")
        await until(lambda: bytes(server.heard) == b"xheard all the same")
        await close(client)


async def test_each_connection_is_cut_after_its_bytes() -> None:
    async with echo(is_mute=True) as server, Proxy(server.address) as proxy:
        old = await connect(proxy)
        old[1].write(b"12345")
        await until(lambda: len(server.heard) == 5)
        proxy.cut_after(3, "to_server")
        new = await connect(proxy)
        for reader, writer in (old, new):
            writer.write(b"abcdef")
            with pytest.raises(ConnectionResetError):
                await read_one(reader)
        await until(lambda: server.ends == ["reset"] * 2)
        assert bytes(server.heard) == b"12345abcabc"
        proxy.heal()
        whole = await connect(proxy)
        whole[1].write(b"abcdef")
        await until(lambda: bytes(server.heard).endswith(b"abcdef"))
        await close(old, new, whole)


async def test_a_server_that_is_away_is_a_reset_for_the_client_until_another_takes_over() -> None:
    async with echo() as server, Proxy(("127.0.0.1", 1)) as proxy:
        client = await connect(proxy)
        with pytest.raises(ConnectionResetError):
            await read_one(client[0])
        proxy.upstream = server.address
        other = await connect(proxy)
        assert await ask(other, b"hello") == b"hello"
        await close(client, other)


async def test_nothing_is_left_when_it_stops_in_the_middle() -> None:
    async with echo() as server:
        async with Proxy(server.address) as proxy:
            client = await connect(proxy)
            await ask(client, b"x")
            proxy.drop()
            waiting = [await connect(proxy) for _ in range(5)]
            client[1].write(b"held")
        assert proxy.open_count == 0
        with pytest.raises(ConnectionRefusedError):
            await connect(proxy)
        await until(lambda: server.ends == ["reset"])
        await close(client, *waiting)
        await until(lambda: len(asyncio.all_tasks()) == 1)


def test_it_runs_in_a_thread_for_tests_without_a_loop() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        Proxy(server.getsockname()) as proxy,
        socket.create_connection(proxy.address) as client,
    ):
        client.settimeout(_LIMIT_S)
        far, _ = server.accept()
        with far:
            client.sendall(b"ping")
            assert far.recv(4) == b"ping"
            proxy.reset_all()
            with pytest.raises(ConnectionResetError):
                client.recv(1)
            proxy.refuse()
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(proxy.address)
