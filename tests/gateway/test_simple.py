import asyncio
import json
import uuid
from typing import Any

import pytest

from chat import database
from chat.models import Attachment, Change, Membership, Message, Room, User
from chat.protocol.commands import AddMember, DeleteMessage, RemoveMember, UpdateRoom
from tests.cast import Cast, token_of
from tests.gateway.acting import do
from tests.make import client_message_id, make_room, make_user, post, post_command
from tests.socket_client import Frame, Socket

Connect = Any


def path(room: Room) -> str:
    return f"/ws/chat/{room.slug}/"


def make_upload(user: User, name: str) -> Attachment:
    return Attachment.objects.create(
        uploader=user, key=uuid.uuid4().hex, name=name, type="text/plain", bytes=1, state="ready"
    )


async def said(socket: Socket, text: str) -> Frame:
    """Wait for a message."""
    return await socket.until(lambda frame: frame.get("message") == text)


async def refused(socket: Socket) -> str:
    """Wait for an error and return its code."""
    frame = await socket.until(lambda frame: "error" in frame)
    assert set(frame) == {"error"}
    code: str = frame["error"]["code"]
    return code


async def test_the_lobby_greets_with_exactly_this(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob), "/ws/chat/")
    assert await socket._receive_text() == '{"message":"연결 성공"}'


async def test_what_is_said_comes_back_to_everybody(cast: Cast, connect: Connect) -> None:
    alice, bob = (
        await connect(cast.token(cast.alice), "/ws/chat/"),
        await connect(cast.token(cast.bob), "/ws/chat/"),
    )
    for socket in (alice, bob):
        await said(socket, "연결 성공")
    await bob.send({"message": "안녕하세요"})
    own, seen = await said(bob, "안녕하세요"), await said(alice, "안녕하세요")
    assert own == seen
    assert (seen["sender"], seen["name"]) == ("bob", "Bob")
    stored = await database.run(Message.objects.get, pk=seen["id"])
    assert (stored.body, stored.seq) == ("안녕하세요", seen["seq"])


async def test_other_rooms_do_not_greet(cast: Cast, connect: Connect) -> None:
    alice, bob = (
        await connect(cast.token(cast.alice), path(cast.plaza)),
        await connect(cast.token(cast.bob), path(cast.plaza)),
    )
    await bob.send({"message": "hi"})
    assert (await alice.next())["message"] == (await bob.next())["message"] == "hi"


async def test_connecting_to_an_open_room_joins_it_once(cast: Cast, connect: Connect) -> None:
    for _ in range(2):
        socket = await connect(cast.token(cast.carol), path(cast.plaza))
        await socket.send({"message": "hi"})
        await said(socket, "hi")
    assert (
        await database.run(Membership.objects.filter(room=cast.plaza, user=cast.carol, left_seq=None).count)
        == 1
    )
    assert await database.run(Change.objects.filter(room=cast.plaza, subject=cast.carol).count) == 1


async def test_a_member_comes_into_a_closed_room(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob), path(cast.room))
    await socket.send({"message": "hi"})
    await said(socket, "hi")


async def test_a_room_that_is_missing_or_closed_to_one_is_answered_alike(
    cast: Cast, connect: Connect
) -> None:
    answers = []
    for where in (
        path(cast.room),
        "/ws/chat/no-such-room/",
        "/ws/chat/%00/",
        f"/ws/chat/{'x' * 300}/",
        "/ws/chat/마루/",
    ):
        socket = await connect(cast.token(cast.carol), where)
        answers.append(await socket.next())
        assert await socket.closed() == 4500
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["error"]["code"] == "not_found"
    assert not await database.run(Membership.objects.filter(user=cast.carol).exists)


async def test_an_archived_open_room_is_not_joined(cast: Cast, connect: Connect, runtime: Any) -> None:
    await do(runtime, cast.alice, UpdateRoom(room=cast.plaza.pk, archived=True))
    socket = await connect(cast.token(cast.carol), path(cast.plaza))
    assert await refused(socket) == "archived"
    assert await socket.closed() == 4500


async def test_errors_are_answered_and_the_socket_stays(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob), path(cast.plaza))
    for text, code in (
        ("nonsense", "bad_json"),
        ("[]", "bad_frame"),
        ("{}", "bad_frame"),
        ('{"message":1}', "bad_frame"),
        ('{"message":null}', "bad_frame"),
        ('{"message":""}', "empty"),
        ('{"message":"\\u0000"}', "bad_text"),
        ('{"message":"\\ud800"}', "bad_text"),
        (json.dumps({"message": "x" * 8_001}), "too_long"),
        (json.dumps({"message": "hi", "client_message_id": "short"}), "bad_frame"),
        (json.dumps({"message": "hi", "client_message_id": 5}), "bad_frame"),
    ):
        await socket._send_text(text)
        assert await refused(socket) == code, text
    await socket.send_bytes(b"\x00")
    assert await refused(socket) == "unsupported"
    await socket.send({"message": "still here"})
    await said(socket, "still here")


async def test_a_client_may_give_its_own_id_and_repeat(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob), path(cast.plaza))
    key = client_message_id()
    for _ in range(2):
        await socket.send({"message": "once", "client_message_id": key})
    await socket.send({"message": "twice", "client_message_id": key})
    assert await refused(socket) == "conflict"
    await socket.send({"message": "end"})
    await said(socket, "end")
    assert [frame.get("message") for frame in socket.seen if "message" in frame] == ["once", "end"]


async def test_only_what_is_said_is_told(cast: Cast, connect: Connect, runtime: Any) -> None:
    socket = await connect(cast.token(cast.bob), path(cast.room))
    await socket.send({"message": "hi"})
    await said(socket, "hi")
    first = await do(runtime, cast.alice, post_command(cast.room, "first"))
    await do(runtime, cast.alice, DeleteMessage(message=first["id"]))
    await do(runtime, cast.alice, AddMember(room=cast.room.pk, user=cast.carol.pk))
    await do(runtime, cast.alice, UpdateRoom(room=cast.room.pk, name="New"))
    await do(runtime, cast.alice, post_command(cast.room, "last"))
    await said(socket, "last")
    assert [frame["message"] for frame in socket.seen] == ["hi", "first", "last"]


async def test_files_are_told_and_stand_for_the_text_where_there_is_none(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    socket = await connect(cast.token(cast.bob), path(cast.room))
    await socket.send({"message": "hi"})
    assert "attachments" not in await said(socket, "hi")
    for body, expected in (("", "notes.txt"), ("look", "look")):
        upload = await database.run(make_upload, cast.alice, "notes.txt")
        await do(runtime, cast.alice, post_command(cast.room, body, attachments=[upload.pk]))
        (file,) = (await said(socket, expected))["attachments"]
        assert (file["id"], file["name"], file["url"]) == (
            upload.pk, "notes.txt", f"/api/v1/attachments/{upload.pk}",
        )  # fmt: skip


async def test_both_protocols_speak_of_the_same_row(cast: Cast, connect: Connect) -> None:
    full = await connect(cast.token(cast.alice))
    await full.resume()
    simple = await connect(cast.token(cast.bob), path(cast.room))
    await simple.send({"message": "from the simple one"})
    change, own = await full.until("message.posted"), await said(simple, "from the simple one")
    message = change["message"]
    assert (own["id"], own["seq"], own["at"], own["sender"]) == (
        message["id"], change["seq"], change["at"], message["sender"]["handle"],
    )  # fmt: skip
    result = await full.post(cast.room.pk, "from the full one")
    seen = await said(simple, "from the full one")
    assert (seen["id"], seen["seq"]) == (result["id"], result["seq"])


async def test_who_is_removed_is_put_out(cast: Cast, connect: Connect, runtime: Any) -> None:
    socket = await connect(cast.token(cast.bob), path(cast.room))
    await socket.send({"message": "hi"})
    await said(socket, "hi")
    await do(runtime, cast.alice, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    await do(runtime, cast.alice, post_command(cast.room, "secret"))
    assert await socket.closed() == 4500
    assert "secret" not in repr(socket.seen)


@pytest.mark.usefixtures("slow_refill")
async def test_too_many_frames_and_too_many_messages_are_limited(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob), path(cast.plaza))
    for number in range(60):
        await socket.send({"message": str(number)})
    limited = [await socket.until(lambda frame: "error" in frame) for _ in range(35)]
    assert {frame["error"]["code"] for frame in limited} == {"rate_limited"}
    assert all(frame["error"]["after_ms"] > 0 for frame in limited)
    assert len([frame for frame in socket.seen if "message" in frame]) <= 20


async def test_who_goes_on_regardless_is_cut(cast: Cast, connect: Connect) -> None:
    socket = await connect(cast.token(cast.bob), path(cast.plaza))
    for number in range(1_300):
        await socket._send_text("nonsense")
        if number % 50 == 0:
            await asyncio.sleep(0)
    assert await socket.closed() == 4201


async def test_without_sign_in_it_is_closed_like_the_full_protocol(cast: Cast, connect: Connect) -> None:
    for token in (None, "nonsense"):
        for where in ("/ws/chat/", path(cast.room), "/ws/chat/no-such-room/"):
            socket = await connect(token, where)
            assert await socket.closed() == 4501
    stranger = await connect(None, "/ws/chat/", origin="https://evil.example")
    assert not stranger.accepted


def open_to_guests(cast: Cast) -> None:
    Room.objects.filter(pk=cast.plaza.pk).update(guests=True)


async def test_a_room_open_to_guests_lets_a_visitor_in(cast: Cast, connect: Connect) -> None:
    await database.run(open_to_guests, cast)
    alice = await connect(cast.token(cast.alice), path(cast.plaza))
    for headers in ({}, {"origin": "http://localhost:8000"}):
        visitor = await connect(None, path(cast.plaza), **headers)
        await visitor.send({"message": "hello"})
        seen = await said(alice, "hello")
        assert seen["name"].startswith("Guest ")
        assert seen["sender"].startswith("guest-")
        await said(visitor, "hello")
    assert not (await connect(None, path(cast.plaza), origin="https://evil.example")).accepted
    dead = await connect("nonsense", path(cast.plaza))
    assert await dead.closed() == 4501


async def test_a_visitor_gets_into_no_other_room(cast: Cast, connect: Connect) -> None:
    def make() -> str:
        open_to_guests(cast)
        return token_of(make_user("gast", role=User.Role.GUEST))

    token = await database.run(make)
    for where in ("/ws/chat/", path(cast.room)):
        socket = await connect(token, where)
        assert await refused(socket) == "not_found"
        assert await socket.closed() == 4500
    inside = await connect(token, path(cast.plaza))
    await inside.send({"message": "hi"})
    await said(inside, "hi")


async def test_history_before_the_connection_does_not_come(cast: Cast, connect: Connect) -> None:
    def make() -> Room:
        room = make_room(cast.alice, cast.bob, name="Old")
        post(room, cast.alice, "before")
        return room

    room = await database.run(make)
    socket = await connect(cast.token(cast.bob), path(room))
    await socket.send({"message": "after"})
    assert (await socket.next())["message"] == "after"


async def test_a_socket_that_ends_gives_everything_back(cast: Cast, connect: Connect, runtime: Any) -> None:
    socket = await connect(cast.token(cast.bob), path(cast.plaza))
    await socket.send({"message": "hi"})
    await said(socket, "hi")
    assert runtime.hub.followers(cast.plaza.pk) == 1
    await socket.close()
    missing = await connect(cast.token(cast.bob), "/ws/chat/no-such-room/")
    await missing.closed()
    await missing.close()
    assert runtime.hub.followers(cast.plaza.pk) == 0
    assert (runtime.connections, runtime.addresses) == ({}, {})
    assert runtime.hub.connections_of(cast.bob.pk) == set()


async def test_while_draining_a_newcomer_is_told_to_go_elsewhere(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    inside = await connect(cast.token(cast.alice), path(cast.plaza))
    await inside.send({"message": "hi"})
    await said(inside, "hi")
    await runtime.drain()
    await inside.send({"message": "late"})
    assert await refused(inside) == "draining"
    newcomer = await connect(cast.token(cast.carol), path(cast.plaza))
    assert await refused(newcomer) == "draining"
