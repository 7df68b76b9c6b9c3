from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chat import database
from chat.models import Membership, Message, Token, User
from chat.protocol.commands import JoinRoom, MuteMember, UpdateMember
from tests.make import client_message_id
from tests.matrix.asking import Asker
from tests.matrix.deeds import MISSING
from tests.matrix.stage import House, Stage


@pytest.fixture
async def stage(house: House) -> Stage:
    return await house.build("closed")


def _role(house: House, stage: Stage, name: str) -> Callable[[], str]:
    return lambda: Membership.objects.get(room=stage.room, user=house.pk(name), left_seq=None).role


def _account(pk: int) -> dict[str, Any]:
    return dict(User.objects.filter(pk=pk).values().get())


async def test_moderators_cannot_remove_each_other(house: House, asker: Asker, stage: Stage) -> None:
    await house.submit("own", UpdateMember(room=stage.room, user=house.pk("spare"), role="moderator"))
    for door in ("member.remove", "DELETE /rooms/{room}/members/{user}"):
        for name in ("spare", "own"):
            fields = {"room": stage.room, "user": house.pk(name)}
            assert (await asker.ask("mod", door, fields)).letter == "F"


async def test_moderators_neither_mute_nor_ban_each_other(house: House, asker: Asker, stage: Stage) -> None:
    await house.submit("own", UpdateMember(room=stage.room, user=house.pk("spare"), role="moderator"))
    for door in ("member.mute", "member.unmute", "member.ban", "PUT /rooms/{room}/bans/{user}"):
        for name in ("spare", "own", "mod"):
            fields = {"room": stage.room, "user": house.pk(name)}
            assert (await asker.ask("mod", door, fields)).letter == "F", (door, name)


async def test_muted_moderator_gives_back_no_voice_and_takes_none(
    house: House, asker: Asker, stage: Stage
) -> None:
    await house.submit("own", MuteMember(room=stage.room, user=house.pk("mod")))
    for door in ("member.unmute", "member.mute", "member.ban", "member.remove"):
        for name in ("mod", "spare", "mut"):
            if (door, name) != ("member.remove", "mod"):
                fields = {"room": stage.room, "user": house.pk(name)}
                assert (await asker.ask("mod", door, fields)).letter == "F", (door, name)
    assert (await asker.ask("mod", "message.delete", {"message": stage.secret})).letter == "F"


async def test_banned_comes_back_by_no_door(house: House, asker: Asker) -> None:
    stage = await house.build("open")
    me = {"room": stage.room, "user": house.pk("ban")}
    for door, fields in (
        ("room.join", {"room": stage.room}),
        ("POST /rooms/{room}/join", {"room": stage.room}),
        ("ws /ws/chat/<slug>/", {}),
    ):
        assert (await asker.ask("ban", door, fields, stage.slug)).letter == "F", door
    # A member may bring people in, and not who was banned; only whoever may ban lets in again.
    assert (await asker.ask("mem", "member.add", me)).letter == "F"
    assert (await asker.ask("ban", "member.unban", me)).letter == "N"
    assert (await asker.ask("mod", "member.unban", me)).letter == "Y"
    assert (await asker.ask("ban", "room.join", {"room": stage.room})).letter == "Y"


async def test_admin_cannot_be_banned_from_what_the_admin_runs(
    house: House, asker: Asker, stage: Stage
) -> None:
    await house.submit("adm", JoinRoom(room=stage.room))
    for role in ("mod", "own"):
        for door in ("member.ban", "member.mute", "member.remove"):
            fields = {"room": stage.room, "user": house.pk("adm")}
            assert (await asker.ask(role, door, fields)).letter == "F", (role, door)


async def test_bot_makes_no_accounts_and_no_invites(house: House, asker: Asker, stage: Stage) -> None:
    for body in ({}, {"room": stage.room}, {"role": "admin"}):
        assert (await asker.ask("bot", "POST /invites", body)).letter == "F"


async def test_moderator_hands_out_no_role(house: House, asker: Asker, stage: Stage) -> None:
    for role in ("owner", "moderator", "member", "guest"):
        for name in ("mod", "own", "spare", "gst"):
            fields = {"room": stage.room, "user": house.pk(name), "role": role}
            assert (await asker.ask("mod", "member.update", fields)).letter == "F"
    assert await database.run(_role(house, stage, "own")) == "owner"


async def test_admin_outside_has_no_role_to_be_changed(house: House, asker: Asker, stage: Stage) -> None:
    door = "PATCH /rooms/{room}/members/{user}"
    mine = {"room": stage.room, "user": house.pk("adm"), "role": "owner"}
    answered = await asker.ask("adm", door, mine)
    assert answered.letter == "N"
    assert answered.whole == (await asker.ask("adm", door, {**mine, "user": MISSING})).whole


@pytest.mark.parametrize(("role", "door"), [("gst", "message.post"), ("mem", "POST /rooms/{room}/messages")])
async def test_reply_to_a_message_of_another_room_is_a_reply_to_nothing(
    house: House, asker: Asker, stage: Stage, role: str, door: str
) -> None:
    elsewhere = await house.build("closed")
    await asker.ask("own", "member.remove", {"room": elsewhere.room, "user": house.pk(role)})

    async def reply(parent: int) -> object:
        fields = {
            "room": stage.room, "body": "and?", "parent": parent, "client_message_id": client_message_id(),
        }  # fmt: skip
        answered = await asker.ask(role, door, fields)
        assert answered.letter == "N"
        return answered.whole

    hidden = await reply(elsewhere.secret)
    assert hidden == await reply(MISSING)
    # Also where both rooms can be read: a thread stays in its room.
    both = await house.build("open")
    assert hidden == await reply(both.secret)
    assert await database.run(Message.objects.exclude(parent=None).count) == 0


async def test_repeat_of_anothers_id_tells_nothing_of_the_first(
    house: House, asker: Asker, stage: Stage
) -> None:
    elsewhere = await house.build("closed")
    used = await database.run(
        lambda: Message.objects.values_list("client_message_id", flat=True).get(pk=elsewhere.secret)
    )
    fields = {"room": stage.room, "body": "mine", "client_message_id": used}
    answered = await asker.ask("mem", "message.post", fields)
    assert answered.letter == "Y"
    assert answered.result["id"] != elsewhere.secret
    assert answered.result["room"] == stage.room


async def test_body_cannot_say_another_room_than_the_address(
    house: House, asker: Asker, stage: Stage
) -> None:
    elsewhere = await house.build("closed")
    door = f"POST /rooms/{stage.room}/messages"
    fields = {"room": elsewhere.room, "message": elsewhere.secret, "sender": house.pk("own"), "body": "here"}
    answered = await asker.ask("mem", door, fields)
    assert answered.letter == "Y"
    assert answered.result["room"] == stage.room
    assert answered.result["sender"]["id"] == house.pk("mem")
    changed = await asker.ask(
        "mem", f"PATCH /messages/{answered.result['id']}", {"message": elsewhere.secret, "body": "there"}
    )
    assert changed.result["id"] == answered.result["id"]


async def test_nobody_raises_oneself_by_a_field(house: House, asker: Asker, stage: Stage) -> None:
    wished = {"role": "owner", "is_bot": False, "is_staff": True, "is_superuser": True, "is_active": False}
    for role in ("mem", "gst", "bot"):
        before = await database.run(_account, house.pk(role))
        assert (await asker.ask(role, "PATCH /me", {"name": before["name"], **wished})).letter == "Y"
        assert await database.run(_account, house.pk(role)) == before
    added = {"room": stage.room, "user": house.pk("stranger"), "role": "owner"}
    assert (await asker.ask("mem", "member.add", added)).letter == "Y"
    assert await database.run(_role(house, stage, "stranger")) == "member"
    open_stage = await house.build("open")
    joining = {"room": open_stage.room, "role": "owner"}
    assert (await asker.ask("other", "room.join", joining)).letter == "Y"
    assert await database.run(_role(house, open_stage, "other")) == "member"


async def test_token_is_always_ones_own(house: House, asker: Asker) -> None:
    answered = await asker.ask("bot", "POST /tokens", {"label": "mine", "user": house.pk("adm")})
    assert answered.letter == "Y"
    assert await database.run(lambda: Token.objects.get(pk=answered.result["id"]).user_id) == house.pk("bot")


async def test_nobody_comes_into_a_direct_conversation(house: House, asker: Asker) -> None:
    stage = await house.build("direct")
    for role in ("adm", "other"):
        assert (await asker.ask(role, "room.join", {"room": stage.room})).letter == "N"
        assert (await asker.ask(role, "simple", {}, "")).letter == "unknown_type"
    made = await asker.ask("mem", "POST /rooms", {"name": "Fake", "kind": "direct"})
    assert made.letter == "bad_frame"
    turned = await asker.ask("mem", f"PATCH /rooms/{stage.room}", {"kind": "open"})
    assert turned.letter == "F"


async def test_who_was_removed_is_outside_at_once(house: House, asker: Asker, stage: Stage) -> None:
    fields = {"room": stage.room, "body": "still here", "client_message_id": client_message_id()}
    assert (await asker.ask("mem", "message.post", fields)).letter == "Y"
    await asker.ask("mod", "member.remove", {"room": stage.room, "user": house.pk("mem")})
    again = {**fields, "client_message_id": client_message_id()}
    assert (await asker.ask("mem", "message.post", again)).letter == "N"
    assert (await asker.ask("mem", "history.get", {"room": stage.room})).letter == "N"
    assert (await asker.ask("mem", "message.edit", {"message": stage.own["mem"], "body": "x"})).letter == "N"
    assert (await asker.ask("mem", "message.delete", {"message": stage.own["mem"]})).letter == "N"
    assert (await asker.ask("mem", "room.join", {"room": stage.room})).letter == "N"
