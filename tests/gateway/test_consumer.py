import asyncio
import json
from typing import Any

import pytest

from tests.cast import Cast
from tests.socket_client import Socket

Connect = Any


async def test_hello_comes_first_and_says_who_i_am(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob))
    hello = await socket.next()
    assert hello["type"] == "hello"
    assert hello["user"]["handle"] == "bob"
    assert hello["limits"]["body_chars"] == 8000
    assert hello["heartbeat_s"] == 25
    assert hello["server_time"].endswith("Z")
    assert len(hello["connection"]) >= 8


async def test_a_post_reaches_both_and_is_answered(cast: Cast, connect: Connect) -> None:
    alice, bob = await connect(cast.token(cast.alice)), await connect(cast.token(cast.bob))
    await alice.resume()
    await bob.resume()
    result = await alice.post(cast.room.pk, "hi **Bob**")
    seen = await bob.until("message.posted")
    assert seen["seq"] == result["seq"]
    assert seen["message"]["html"] == "<p>hi <strong>Bob</strong></p>"
    own = [frame for frame in alice.seen if frame["type"] == "message.posted"]
    assert own or await alice.until("message.posted")


async def test_nothing_flows_before_the_resume(cast: Cast, connect: Connect) -> None:
    alice, bob = await connect(cast.token(cast.alice)), await connect(cast.token(cast.bob))
    await alice.resume()
    await alice.post(cast.room.pk, "a")
    await alice.send({"type": "typing.start", "room": cast.room.pk})
    await alice.post(cast.room.pk, "b")
    await bob.ask("ping")
    assert [frame["type"] for frame in bob.seen] == ["hello", "pong"]


BAD_FRAMES = [
    ("", "bad_json", None),
    ("nonsense", "bad_json", None),
    ("[]", "bad_frame", None),
    ('{"type":"ping","ref":1.5}', "bad_frame", None),
    ('{"type":"acknowledge","ref":4}', "unknown_type", 4),
    ('{"type":"websocket.close","ref":5}', "unknown_type", 5),
    ('{"type":"room.join","ref":6}', "bad_frame", 6),
    ('{"type":"room.create","ref":7,"name":"\\u0000"}', "bad_text", 7),
    ('{"type":"room.create","ref":8,"name":"\\ud800"}', "bad_text", 8),
    ('{"type":"room.create","ref":9,"name":" "}', "empty", 9),
    ('{"type":"room.create","ref":10,"name":"' + "x" * 81 + '"}', "too_long", 10),
    ("[" * 10_000, "bad_json", None),
    ('{"a":"' + "x" * 70_000 + '"}', "too_long", None),
]


async def test_a_bad_frame_is_answered_and_the_socket_stays(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob))
    for text, code, ref in BAD_FRAMES:
        await socket._communicator.send_input({"type": "websocket.receive", "text": text})
        reply = await socket.until("reply")
        assert (reply["ok"], reply["error"]["code"], reply["ref"]) == (False, code, ref), text[:50]
        assert reply["error"]["retry"] is False
    assert (await socket.ask("ping"))["type"] == "pong"


async def test_a_binary_frame_is_unsupported_and_three_in_a_row_end_it(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob))
    for _ in range(3):
        await socket.send_bytes(b'{"type":"ping","ref":1}')
        reply = await socket.until("reply")
        assert (reply["ref"], reply["error"]["code"]) == (None, "unsupported")
        # A client that understands goes on in text, and is not counted on from before.
        assert (await socket.ask("ping"))["type"] == "pong"
    for _ in range(3):
        await socket.send_bytes(b"\x00")
    assert await socket.closed() == 4500


async def test_a_ping_needs_no_resume_and_gets_its_ref(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob))
    await socket.send({"type": "ping", "ref": "a"})
    assert await socket.until("pong") == {"type": "pong", "ref": "a"}
    await socket.send({"type": "ping"})
    assert await socket.until("pong") == {"type": "pong", "ref": None}


@pytest.mark.usefixtures("slow_refill")
async def test_too_many_frames_are_told_when_to_come_again(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob))
    for number in range(60):
        await socket.send({"type": "room.join", "ref": number, "room": cast.plaza.pk})
    replies = [await socket.until("reply") for _ in range(60)]
    refused = [reply for reply in replies if not reply["ok"]]
    assert sorted(reply["ref"] for reply in replies) == list(range(60))
    assert len(refused) == 20
    for reply in refused:
        assert reply["error"]["code"] == "rate_limited"
        assert reply["error"]["retry"] is True
        assert 900_000 < reply["error"]["after_ms"] <= 1_000_001


@pytest.mark.usefixtures("slow_refill")
async def test_bad_frames_count_too(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob))
    for _ in range(40):
        await socket._send_text("nonsense")
        await socket.until("reply")
    assert await socket.refused("ping") == "rate_limited"


@pytest.mark.usefixtures("slow_refill")
@pytest.mark.parametrize("kind", ["good", "bad", "binary"])
async def test_who_goes_on_regardless_is_cut(cast: Cast, connect: Connect, kind: str) -> None:
    socket = await connect(cast.token(cast.bob))
    for number in range(1_300):
        if kind == "binary" and number % 2:
            await socket.send_bytes(b"x")
        elif kind == "bad":
            await socket._send_text("nonsense")
        else:
            await socket._send_text(json.dumps({"type": "ping", "ref": number}))
        if number % 50 == 0:
            await asyncio.sleep(0)
    assert await socket.closed() == 4201


@pytest.mark.usefixtures("slow_refill")
async def test_too_many_posts_of_one_account_are_limited_and_pass_later(cast: Cast, connect: Connect) -> None:
    first, second = await connect(cast.token(cast.bob)), await connect(cast.token(cast.bob))
    for number in range(15):
        for socket in (first, second):
            await socket.send(
                {
                    "type": "message.post", "ref": number, "room": cast.room.pk,
                    "client_message_id": f"id-{id(socket)}-{number}"[-40:], "body": "hi",
                }
            )  # fmt: skip
    replies = [await socket.until("reply") for _ in range(15) for socket in (first, second)]
    codes = [reply["error"]["code"] for reply in replies if not reply["ok"]]
    assert len(codes) == 10
    assert set(codes) == {"rate_limited"}


async def test_the_socket_that_ends_gives_everything_back(cast: Cast, connect: Connect, runtime: Any) -> None:
    socket = await connect(cast.token(cast.bob))
    await socket.resume()
    assert runtime.hub.followers(cast.room.pk) == 1
    assert runtime.connections == {cast.bob.pk: 1}
    await socket.close()
    assert runtime.hub.followers(cast.room.pk) == 0
    assert runtime.hub.connections_of(cast.bob.pk) == set()
    assert (runtime.connections, runtime.addresses) == ({}, {})


async def test_a_server_that_cancels_the_socket_leaves_nothing_behind(
    cast: Cast, application: Any, runtime: Any
) -> None:
    socket = Socket(application, "/ws/v1/", cast.token(cast.bob), {})
    await socket.open()
    await socket.resume()
    running = socket._communicator.future
    running.cancel()
    await asyncio.wait([running])
    assert runtime.hub.followers(cast.room.pk) == 0
    assert (runtime.connections, runtime.addresses) == ({}, {})
