"""The load generator itself, against a small server: what it counts decides every figure."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bench import load, tools
from bench.load import Crowd, Failed, Load, Session, Target

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler"),
]
_MARK = re.compile(r"%%\d+:(\d+)%%")
Room = list[ServerConnection]
Say = Callable[[Room, ServerConnection, int, str], Awaitable[None]]


@pytest.fixture(autouse=True, scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Build it, not in the place where a measurement may be using it."""
    tools.WSLOAD = tmp_path_factory.mktemp("bench") / "wsload"
    source = tools.ROOT / "bench" / "wsload.c"
    subprocess.run(
        ["cc", "-O1", "-Wall", "-Wextra", "-Werror", "-o", str(tools.WSLOAD), str(source)], check=True
    )


@asynccontextmanager
async def serving(say: Say) -> AsyncIterator[Target]:
    """Serve one room; `say` gets everybody, the sender, the number and the text of each message."""
    room: Room = []

    async def member(socket: ServerConnection) -> None:
        room.append(socket)
        # The generator goes without a goodbye.
        with suppress(ConnectionClosed):
            async for text in socket:
                found = _MARK.search(str(text))
                assert found
                await say(room, socket, int(found[1]), str(text))

    async with serve(member, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Target(ports=(port,), path="/", template='{"ref":{seq},"body":"{mark} hi"}', processes={})


async def played(target: Target, *loads: Load) -> list[dict[str, object]]:
    """Connect four, of whom two write, and play loads on them."""

    def play() -> list[dict[str, object]]:
        with load.session(target, Crowd(connections=4, publishers=2)) as session:
            return [session.play(wanted) for wanted in loads]

    return await asyncio.to_thread(play)


_SHORT = Load(window=4, seconds=0.3, warmup_s=0.1, drain_s=0.5)


async def to_all(room: Room, sender: ServerConnection, number: int, text: str) -> None:
    for member in room:
        await member.send(text)


async def test_everything_that_reaches_everybody_counts_once() -> None:
    async with serving(to_all) as target:
        first, second = await played(target, _SHORT, Load(rate=50, seconds=0.4, warmup_s=0.1))
    for found in (first, second):
        assert found["deliveries"] == found["expected"]
        assert (found["lost"], found["doubled"]) == (0, 0)
    assert isinstance(second["sent"], int)
    assert 1 <= second["sent"] <= 30


async def test_several_messages_in_one_frame_are_several_deliveries() -> None:
    held: list[str] = []

    async def in_fours(room: Room, sender: ServerConnection, number: int, text: str) -> None:
        held.append(text)
        if len(held) == 4:
            frame = f"[{','.join(held)}]"
            held.clear()
            for member in room:
                await member.send(frame)

    async with serving(in_fours) as target:
        (found,) = await played(target, _SHORT)
    assert found["deliveries_per_frame"] == pytest.approx(4, rel=0.5)
    assert found["deliveries"]


async def test_what_somebody_did_not_get_is_lost_and_what_came_twice_is_told() -> None:
    async def badly(room: Room, sender: ServerConnection, number: int, text: str) -> None:
        for member in room[1:]:
            await member.send(text)
        await room[1].send(text)

    async with serving(badly) as target:
        (found,) = await played(target, Load(rate=40, seconds=0.3, warmup_s=0, drain_s=0.3))
    assert found["lost"] == found["sent"]
    assert found["doubled"] == found["sent"]


async def test_what_was_refused_is_not_lost_and_what_was_promised_and_did_not_come_is() -> None:
    async def answering(room: Room, sender: ServerConnection, number: int, text: str) -> None:
        reply: dict[str, object] = {"type": "reply", "ref": number, "ok": number % 3 == 0}
        if number % 3 == 1:
            reply["error"] = {"code": "busy"}
        elif number % 3 == 2:
            reply["error"] = {"code": "forbidden"}
        else:
            # One of four does not get what is about to be answered ok.
            for member in room[1:]:
                await member.send(text)
        await sender.send(f"[{json.dumps(reply, separators=(',', ':'))}]")

    async with serving(answering) as target:
        wanted = target.with_(has_replies=True)
        (found,) = await played(wanted, Load(rate=60, seconds=0.5, warmup_s=0, drain_s=0.3))
    assert found["answered"] == found["sent"]
    assert found["unanswered"] == 0
    assert found["lost"] == found["ok"]
    assert found["deliveries"] == 3 * int(str(found["ok"]))
    assert int(str(found["busy"])) > 0
    assert int(str(found["other_refusals"])) > 0


async def test_a_silent_server_is_a_failure() -> None:
    async def nothing(room: Room, sender: ServerConnection, number: int, text: str) -> None:
        return

    async with serving(nothing) as target:
        with pytest.raises(Failed, match="nothing was delivered"):
            await played(target, Load(rate=40, seconds=0.2, warmup_s=0, drain_s=0.2))


async def test_a_server_that_hangs_up_is_a_failure() -> None:
    async def hang_up(room: Room, sender: ServerConnection, number: int, text: str) -> None:
        await sender.close(4101)

    async with serving(hang_up) as target:
        with pytest.raises(Failed, match="the last with 4101"):
            await played(target, Load(rate=40, seconds=0.2, warmup_s=0, drain_s=0.2))


async def test_each_connection_shows_its_own_headers(tmp_path: Path) -> None:
    seen: list[tuple[str | None, str | None]] = []
    lines = tmp_path / "headers"
    lines.write_text("X-Who: a\tX-More: 1\nX-Who: b\n")

    async def member(socket: ServerConnection) -> None:
        assert socket.request
        seen.append((socket.request.headers.get("X-Who"), socket.request.headers.get("X-More")))
        await socket.wait_closed()

    async with serve(member, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        target = Target(ports=(port,), path="/", template="", processes={}, headers_file=lines)
        assert await asyncio.to_thread(_connected, target) == 4
    assert sorted(seen, key=str) == [("a", "1"), ("a", "1"), ("b", None), ("b", None)]


def _connected(target: Target) -> int:
    with load.session(target, Crowd(connections=4)) as session:
        assert isinstance(session, Session)
        return int(session.connected["up"])
