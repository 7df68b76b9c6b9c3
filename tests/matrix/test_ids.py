from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat import database
from chat.models import Invite, Message, Token, User
from chat.protocol.commands import CreateRoom, DeleteMessage, DeleteRoom
from tests.matrix.asking import Asker, text_of
from tests.matrix.deeds import FIELDS
from tests.matrix.footprint import footprint
from tests.matrix.stage import SECRET, House
from tests.matrix.table import DEEDS

ID_FIELDS = (
    "room", "message", "user", "users", "parent", "quote", "token", "invite", "scheduled", "reminder", "subscription",
    "export", "upload", "attachment", "group",
)  # fmt: skip
NO_IDS: list[object] = [
    -1, 0, 2**53, 2**63, -(2**63) - 1, 10**40, 1.5, True, "1", "1; DROP TABLE", "x" * 300, "１", "\0", [1], {"id": 1},
]  # fmt: skip
REFUSED = {"N", "F", "bad_frame", "bad_text"}
# Here the id of a room narrows what is found: in a hidden one that is nothing.
NARROWING = {"search", "see what is unread"}


async def _foreign(house: House, room: int) -> dict[str, list[object]]:
    """Return ids of what is there, or was, and is not the asker's."""
    stranger = house.pk("stranger")
    hidden = int((await house.submit("stranger", CreateRoom(name="Theirs", kind="closed")))["room"])
    gone = int((await house.submit("own", CreateRoom(name="Gone", kind="closed")))["room"])
    message_gone = await house.post("own", gone, "in a room that is no more")
    await house.submit("own", DeleteRoom(room=gone))
    message_hidden = await house.post("stranger", hidden, SECRET)
    deleted = await house.post("watch", room, "soon deleted")
    await house.submit("watch", DeleteMessage(message=deleted))
    messages: list[object] = [message_hidden, message_gone, deleted]
    return {
        "room": [hidden, gone],
        "message": messages,
        "parent": messages,
        "quote": messages,
        "user": [house.pk("dead")],
        "outside": [stranger, house.pk("left"), house.pk("ban")],
        "users": [[house.pk("dead")], [stranger, house.pk("dead")], [stranger, 10**15]],
        "token": [house.crew.unused["watch"], house.crew.unused["stranger"]],
        "invite": [await database.run(_invite_of_nobody_here, house.crew.users["stranger"])],
        "scheduled": [house.crew.scheduled["watch"], house.crew.scheduled["stranger"]],
        "reminder": [house.crew.reminders["watch"], house.crew.reminders["stranger"]],
        "subscription": [house.crew.pushes["watch"], house.crew.pushes["stranger"]],
        "export": [house.crew.exports["watch"], house.crew.exports["stranger"]],
        "upload": [house.crew.uploads["watch"][0], house.crew.uploads["stranger"][0]],
        "attachment": [house.crew.uploads["watch"][0], house.crew.uploads["stranger"][0]],
        # Everybody but guests may see all of them.
        "group": [],
    }


def _invite_of_nobody_here(stranger: User) -> int:
    end = timezone.now() + timedelta(days=1)
    digest = Token.digest_of("invite of a stranger")
    return Invite.objects.create(digest=digest, created_by=stranger, expires_at=end, max_uses=5).pk


@pytest.mark.parametrize("way", ["socket", "http"])
async def test_id_of_something_else_is_refused(house: House, asker: Asker, way: str) -> None:
    stage, wrong, tried_count = await house.build("open"), [], 0
    foreign = await _foreign(house, stage.room)
    await house.heard(stage.room)
    before = await database.run(footprint, stage.room)
    for deed in DEEDS:
        usual = FIELDS[deed.name](house, stage, "own")
        names = [name for name in ID_FIELDS if name in usual]
        for door in deed.doors_of(way):
            if door.startswith("ws "):
                continue
            for name in names:
                for value in _values(deed.name, door, name, foreign):
                    answered = await asker.ask("own", door, {**usual, name: value}, stage.slug)
                    tried_count += 1
                    silent = door.startswith("typing.") and answered.letter == "Q"
                    empty = deed.name in NARROWING and answered.letter == "Y" and not answered.result["items"]
                    if answered.letter not in REFUSED and not silent and not empty:
                        wrong.append(f"{door}: {name}={value!r:.40}: {text_of(answered)[:200]}")
                    if SECRET in text_of(answered):
                        wrong.append(f"{door}: {name}={value!r:.40} tells the secret")
    assert wrong == [], "\n" + "\n".join(wrong)
    assert tried_count > 400
    assert await database.run(footprint, stage.room) == before
    assert await house.heard(stage.room) == []


def _values(deed: str, door: str, name: str, foreign: dict[str, list[object]]) -> list[object]:
    values = [*foreign[name], *NO_IDS]
    if door.startswith("typing."):
        # They have no answer, so that a broken frame is the only thing that can be told from silence.
        return []
    if name == "users":
        # All but [1], which is a list of an id.
        values = [*foreign[name], [], *([value] for value in NO_IDS), *NO_IDS[:-2], NO_IDS[-1]]
    if name == "user" and ("ban " in deed or deed == "unban"):
        # Whoever exists can be kept out.
        values = [10**12, *NO_IDS]
    elif name == "user" and deed.startswith(("make", "remove", "demote", "mute", "unmute")):
        values = [*foreign["outside"], *NO_IDS]
    if deed in ("read a message", "follow a thread", "unfollow a thread", "see who has read a message"):
        # A deleted message keeps its place, with nothing in it, and the thread below it.
        values.remove(foreign["message"][-1])
    if door.split()[0] in ("GET", "DELETE", "PUT", "PATCH") or "{" + name + "}" in door:
        # In an address everything is text.
        values = [value for value in values if value != "1"]
    return values


async def test_cursor_of_no_room_is_refused(asker: Asker) -> None:
    for key in ("-1", "x", "", "1.5", "１", " 1", str(2**60), "9" * 400):
        answered = await asker.ask("mem", "resume", {"rooms": {key: 1}})
        assert answered.letter == "bad_frame", key


async def test_cursor_of_a_foreign_room_brings_nothing(house: House, asker: Asker, connect: Any) -> None:
    stage = await house.build("closed")
    socket = await connect(house.crew.tokens["other"])
    result = await socket.resume({stage.room: 0, 10**12: 5})
    assert stage.room not in [room["id"] for room in result["rooms"]]
    assert result["reset"] == []
    assert SECRET not in str(socket.seen)


async def test_place_that_is_none_is_refused(house: House, asker: Asker) -> None:
    stage = await house.build("closed")
    for what in ("messages", "changes"):
        for query in ("after=-1", "after=x", f"after={2**63}", "limit=0", "limit=100000"):
            answered = await asker.ask("mem", f"GET /rooms/{stage.room}/{what}?{query}", {})
            assert answered.letter == "bad_frame", query


async def test_deleted_message_can_be_seen_without_its_text(house: House, asker: Asker) -> None:
    stage = await house.build("closed")
    await house.submit("watch", DeleteMessage(message=stage.secret))
    answered = await asker.ask("mem", "GET /messages/{message}", {"message": stage.secret})
    assert (answered.letter, answered.result["body"]) == ("Y", "")
    assert await database.run(Message.objects.filter(body=SECRET).count) == 0
