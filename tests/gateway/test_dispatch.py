from collections.abc import Callable
from typing import Any

import pytest

from chat import database
from chat.models import Change, Message
from chat.protocol.commands import COMMANDS
from tests.cast import Cast
from tests.make import client_message_id, make_room, post

Connect = Any
Fields = dict[str, Any]
MISSING = 10**9


def of_room(**more: Any) -> Callable[[int], Fields]:
    return lambda room: {"room": room, **more}


def of_message(**more: Any) -> Callable[[int], Fields]:
    return lambda message: {"message": message, **more}


# Each command about a room or a message, asked by who may not know that it is there.
ABOUT_ROOM: dict[str, Callable[[int], Fields]] = {
    "message.post": lambda room: {"room": room, "client_message_id": client_message_id(), "body": "hi"},
    "read.mark": of_room(msg_no=1),
    "read.back": of_room(msg_no=1, backs=0),
    "level.set": of_room(level="none"),
    "room.update": of_room(name="Mine"),
    "room.delete": of_room(),
    "room.join": of_room(),
    "room.leave": of_room(),
    "member.add": of_room(user=1),
    "member.update": of_room(user=1, role="owner"),
    "member.remove": of_room(user=1),
    "member.mute": of_room(user=1),
    "member.unmute": of_room(user=1),
    "member.ban": of_room(user=1),
    "member.unban": of_room(user=1),
    "history.get": of_room(),
    "changes.get": of_room(after=0),
}
ABOUT_MESSAGE: dict[str, Callable[[int], Fields]] = {
    "message.edit": of_message(body="mine"),
    "message.delete": of_message(),
    "reaction.add": of_message(emoji="👍"),
    "reaction.remove": of_message(emoji="👍"),
    "preview.remove": of_message(url="https://site.example.com/"),
    "message.pin": of_message(),
    "message.unpin": of_message(),
    "poll.vote": of_message(choices=[0]),
    "poll.close": of_message(),
    "thread.follow": of_message(),
    "thread.unfollow": of_message(),
    "thread.read": of_message(seq=1),
}
# resume leaves hidden rooms out (test_conversation.py); typing has no reply (below); the rest names no room.
ELSEWHERE = {"resume", "typing.start", "typing.stop", "room.create", "direct.open", "ping"}


def test_every_command_is_asked_for_or_excused() -> None:
    assert {*ABOUT_ROOM, *ABOUT_MESSAGE} | ELSEWHERE == set(COMMANDS)


def written(cast: Cast) -> tuple[Message, int]:
    return post(cast.room, cast.alice, "secret"), Change.objects.count()


@pytest.mark.parametrize("kind", [*ABOUT_ROOM, *ABOUT_MESSAGE])
async def test_what_is_hidden_is_answered_like_what_is_missing(
    cast: Cast, connect: Connect, kind: str
) -> None:
    message, count = await database.run(written, cast)
    hidden = message.pk if kind in ABOUT_MESSAGE else cast.room.pk
    fields = (ABOUT_MESSAGE | ABOUT_ROOM)[kind]
    watcher = await connect(cast.token(cast.bob))
    await watcher.resume()
    carol = await connect(cast.token(cast.carol))
    await carol.resume()
    answers = [(await carol.ask(kind, **fields(target)))["error"] for target in (hidden, MISSING)]
    assert answers[0] == answers[1]
    assert answers[0]["code"] == "not_found"
    await watcher.ask("ping")
    assert [frame["type"] for frame in watcher.seen][-1] == "pong"
    assert not [frame for frame in watcher.seen if "seq" in frame]
    assert await database.run(Change.objects.count) == count
    assert "secret" not in repr(carol.seen)


async def test_typing_into_a_hidden_room_reaches_nobody(cast: Cast, connect: Connect) -> None:
    bob, carol = await connect(cast.token(cast.bob)), await connect(cast.token(cast.carol))
    await bob.resume()
    await carol.resume()
    for kind in ("typing.start", "typing.stop"):
        await carol.send({"type": kind, "room": cast.room.pk})
    assert (await carol.ask("ping"))["type"] == "pong"
    await bob.ask("ping")
    assert "typing" not in [frame["type"] for frame in bob.seen]


async def test_typing_reaches_the_others_and_not_its_author(cast: Cast, connect: Connect) -> None:
    alice = await connect(cast.token(cast.alice))
    first, second = await connect(cast.token(cast.bob)), await connect(cast.token(cast.bob))
    for socket in (alice, first, second):
        await socket.resume()
    await first.send({"type": "typing.start", "room": cast.room.pk})
    assert await alice.until("typing") == {
        "type": "typing", "room": cast.room.pk, "user": cast.bob.pk, "is_typing": True,
    }  # fmt: skip
    await first.send({"type": "typing.stop", "room": cast.room.pk})
    assert (await alice.until("typing"))["is_typing"] is False
    for socket in (first, second):
        await socket.ask("ping")
        assert "typing" not in [frame["type"] for frame in socket.seen]


async def test_posting_ends_the_typing(cast: Cast, connect: Connect) -> None:
    alice, bob = await connect(cast.token(cast.alice)), await connect(cast.token(cast.bob))
    await alice.resume()
    await bob.resume()
    await bob.send({"type": "typing.start", "room": cast.room.pk})
    await bob.post(cast.room.pk, "hi")
    await alice.until("message.posted")
    assert [frame["is_typing"] for frame in alice.seen if frame["type"] == "typing"] == [True, False]


async def test_reading_is_told_to_the_own_devices_only(cast: Cast, connect: Connect) -> None:
    first, second = await connect(cast.token(cast.bob)), await connect(cast.token(cast.bob))
    alice = await connect(cast.token(cast.alice))
    for socket in (first, second, alice):
        await socket.resume()
    await alice.post(cast.room.pk, "a")
    await alice.post(cast.room.pk, "b")
    told = {"room": cast.room.pk, "msg_no": 1, "backs": 0}
    assert await first.ok("read.mark", room=cast.room.pk, msg_no=1) == told
    assert await second.until("read") == {"type": "read", **told}
    assert (await second.ok("read.mark", room=cast.room.pk, msg_no=99))["msg_no"] == 2
    assert (await first.until(lambda frame: frame["type"] == "read" and frame["msg_no"] == 2))[
        "room"
    ] == cast.room.pk
    assert (await second.ok("read.mark", room=cast.room.pk, msg_no=1))["msg_no"] == 2
    await alice.ask("ping")
    assert "read" not in [frame["type"] for frame in alice.seen]


async def test_a_post_sent_again_gets_the_first_answer_and_another_body_a_conflict(
    cast: Cast, connect: Connect
) -> None:
    first, second = await connect(cast.token(cast.bob)), await connect(cast.token(cast.bob))
    key = client_message_id()
    result = await first.post(cast.room.pk, "once", client_message_id=key)
    assert await second.post(cast.room.pk, "once", client_message_id=key) == result
    reply = await second.ask("message.post", room=cast.room.pk, client_message_id=key, body="twice")
    assert (reply["error"]["code"], reply["error"]["retry"]) == ("conflict", False)


async def test_commands_of_one_connection_take_effect_in_order(cast: Cast, connect: Connect) -> None:
    bob = await connect(cast.token(cast.bob))
    await bob.resume()
    for number in range(15):
        await bob.send(
            {
                "type": "message.post", "ref": number, "room": cast.room.pk,
                "client_message_id": client_message_id(), "body": str(number),
            }
        )  # fmt: skip
    replies = [await bob.until("reply") for _ in range(15)]
    assert [reply["ref"] for reply in replies] == list(range(15))
    seqs = [reply["result"]["seq"] for reply in replies]
    assert seqs == list(range(seqs[0], seqs[0] + 15))


async def test_a_life_of_a_message(cast: Cast, connect: Connect) -> None:
    alice, bob = await connect(cast.token(cast.alice)), await connect(cast.token(cast.bob))
    await alice.resume()
    await bob.resume()
    sent = await alice.post(cast.room.pk, "hi @bob")
    changed = await bob.until("message.posted")
    assert changed["message"]["mentions"] == [cast.bob.pk]
    await bob.ok("reaction.add", message=sent["id"], emoji="👍")
    reacted = await alice.until("reaction.added")
    assert reacted["message"]["reactions"] == [{"emoji": "👍", "users": [cast.bob.pk]}]
    assert (reacted["user"], reacted["emoji"]) == (cast.bob.pk, "👍")
    await alice.ok("message.edit", message=sent["id"], body="hi all")
    edited = await bob.until("message.edited")
    assert (edited["message"]["body"], edited["message"]["mentions"]) == ("hi all", [])
    assert edited["message"]["edited_at"] is not None
    assert edited["message"]["seq"] == sent["seq"] != edited["seq"]
    reply = await bob.post(cast.room.pk, "a reply", parent=sent["id"])
    assert reply["msg_no"] is None
    await bob.ok("reaction.remove", message=sent["id"], emoji="👍")
    removed = await alice.until("reaction.removed")
    assert (removed["message"]["reactions"], removed["message"]["reply_count"]) == ([], 1)
    await alice.ok("message.delete", message=sent["id"])
    deleted = await bob.until("message.deleted")
    assert (deleted["message"]["body"], deleted["message"]["deleted_at"] is not None) == ("", True)
    seqs = [frame["seq"] for frame in bob.seen if "seq" in frame]
    assert seqs == list(range(sent["seq"], sent["seq"] + 6))


def talked(cast: Cast, count: int, body: str = "") -> list[int]:
    return [post(cast.room, cast.alice, f"{number}{body}").seq for number in range(count)]


async def test_history_comes_in_pages_by_seq(cast: Cast, connect: Connect) -> None:
    seqs = await database.run(talked, cast, 12)
    bob = await connect(cast.token(cast.bob))

    async def page(**anchor: int) -> tuple[list[int], bool, bool]:
        found = await bob.ok("history.get", room=cast.room.pk, limit=5, **anchor)
        return [seqs.index(item["seq"]) for item in found["items"]], found["has_before"], found["has_after"]

    assert await page() == ([7, 8, 9, 10, 11], True, False)
    assert await page(before=seqs[7]) == ([2, 3, 4, 5, 6], True, True)
    assert await page(before=seqs[2]) == ([0, 1], False, True)
    assert await page(before=1) == ([], False, True)
    assert await page(after=seqs[1]) == ([2, 3, 4, 5, 6], True, True)
    assert await page(after=seqs[8]) == ([9, 10, 11], True, False)
    assert await page(after=0) == ([0, 1, 2, 3, 4], False, True)
    assert await page(after=10**9) == ([], True, False)
    assert await page(around=seqs[6]) == ([4, 5, 6, 7, 8], True, True)
    assert await page(around=0) == ([0, 1, 2], False, True)
    assert await page(around=10**9) == ([10, 11], True, False)


@pytest.mark.parametrize("anchor", ["newest", "before", "after", "around"])
async def test_pages_of_long_messages_are_shorter_and_say_so(
    cast: Cast, connect: Connect, anchor: str
) -> None:
    seqs = await database.run(talked, cast, 60, "한" * 7_900)
    bob = await connect(cast.token(cast.bob))
    where = (
        {}
        if anchor == "newest"
        else {anchor: {"before": seqs[-1] + 1, "after": 0, "around": seqs[30]}[anchor]}
    )
    found = await bob.ok("history.get", room=cast.room.pk, limit=60, **where)
    items = [seqs.index(item["seq"]) for item in found["items"]]
    assert 10 < len(items) < 60
    assert items == list(range(items[0], items[0] + len(items)))
    assert found["has_before"] is (items[0] > 0)
    assert found["has_after"] is (items[-1] < 59)
    assert anchor == "around" or (items[-1] == 59) is (anchor != "after")


async def test_the_log_is_read_in_pages_to_its_end(cast: Cast, connect: Connect) -> None:
    await database.run(talked, cast, 40, "x" * 7_900)
    bob = await connect(cast.token(cast.bob))
    found: list[int] = []
    pages = 0
    while items := (await bob.ok("changes.get", room=cast.room.pk, after=len(found), limit=500))["items"]:
        found += [item["seq"] for item in items]
        pages += 1
    assert found == list(range(1, cast.room.last_seq + 41))
    assert pages > 1
    items = (await bob.ok("changes.get", room=cast.room.pk, after=2, limit=3))["items"]
    assert [item["seq"] for item in items] == [3, 4, 5]


async def test_an_open_room_can_be_read_before_joining(cast: Cast, connect: Connect) -> None:
    carol = await connect(cast.token(cast.carol))
    assert (await carol.ok("history.get", room=cast.plaza.pk))["items"] == []
    assert (
        await carol.refused(
            "message.post", room=cast.plaza.pk, client_message_id=client_message_id(), body="hi"
        )
        == "forbidden"
    )
    await carol.ok("room.join", room=cast.plaza.pk)
    await carol.post(cast.plaza.pk, "hi")


async def test_a_new_room_is_opened_for_everybody_named(cast: Cast, connect: Connect) -> None:
    alice, bob = await connect(cast.token(cast.alice)), await connect(cast.token(cast.bob))
    await alice.resume()
    await bob.resume()
    made = await alice.ok("room.create", name="News", members=[cast.bob.pk])
    for socket in (alice, bob):
        opened = await socket.until("room.opened")
        assert (opened["room"]["id"], opened["room"]["last_seq"]) == (made["room"], made["seq"])
    await alice.post(made["room"], "hi")
    assert (await bob.until("message.posted"))["room"] == made["room"]


async def test_a_direct_conversation_is_opened_for_both(cast: Cast, connect: Connect) -> None:
    alice, bob = await connect(cast.token(cast.alice)), await connect(cast.token(cast.bob))
    await alice.resume()
    await bob.resume()
    made = await alice.ok("direct.open", users=[cast.bob.pk])
    opened = await bob.until("room.opened")
    assert (opened["room"]["kind"], opened["room"]["name"], opened["room"]["peers"]) == (
        "direct",
        "Alice",
        [cast.alice.pk],
    )
    assert (await bob.ok("direct.open", users=[cast.alice.pk]))["room"] == made["room"]
    assert await alice.refused("direct.open", users=[MISSING]) == "not_found"


async def test_while_draining_new_commands_are_sent_elsewhere(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    bob = await connect(cast.token(cast.bob))
    await bob.resume()
    await runtime.drain()
    reply = await bob.ask("message.post", room=cast.room.pk, client_message_id=client_message_id(), body="hi")
    assert (reply["error"]["code"], reply["error"]["retry"]) == ("draining", True)
    assert reply["error"]["after_ms"] > 0
    assert (await bob.ok("history.get", room=cast.room.pk))["items"] == []


async def test_one_connection_fills_the_writer_only_so_far(
    cast: Cast, connect: Connect, configure: Any
) -> None:
    configure(FRAMES_BURST=200)
    bob = await connect(cast.token(cast.bob))
    for number in range(100):
        await bob.send({"type": "room.join", "ref": number, "room": cast.plaza.pk})
    replies = [await bob.until("reply") for _ in range(100)]
    assert [reply["ref"] for reply in replies] == list(range(100))
    assert all(reply["ok"] for reply in replies)


async def test_ids_of_other_rooms_and_users_lead_nowhere(cast: Cast, connect: Connect) -> None:
    own = await database.run(make_room, cast.carol, name="Own", kind="closed")
    secret, _ = await database.run(written, cast)
    carol = await connect(cast.token(cast.carol))
    await carol.resume()
    key = client_message_id()
    reply = await carol.ask("message.post", room=own.pk, client_message_id=key, body="hi", parent=secret.pk)
    missing = await carol.ask("message.post", room=own.pk, client_message_id=key, body="hi", parent=MISSING)
    assert reply["error"] == missing["error"]
    assert await carol.refused("member.add", room=own.pk, user=MISSING) == "not_found"
    assert await carol.refused("member.remove", room=own.pk, user=cast.alice.pk) == "not_found"
