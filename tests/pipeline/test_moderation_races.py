from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from chat import database
from chat.actions.state import Request
from chat.live.envelope import RoomChanges
from chat.models import Change, Membership, Message, Room, User
from chat.pipeline.execute import Executed, execute
from chat.pipeline.runtime import Runtime
from chat.protocol import codec
from chat.protocol.commands import (
    BanMember,
    Command,
    LeaveRoom,
    MuteMember,
    RemoveMember,
    UpdateMember,
)
from chat.protocol.errors import Refused
from tests.cast import Cast, membership
from tests.make import post_command
from tests.pipeline.test_races import assert_dense, codes, one
from tests.pipeline.threads import at_once, is_postgres, leave


@pytest.fixture
def other_moderator(cast: Cast) -> User:
    execute([Request(cast.alice.pk, UpdateMember(room=cast.room.pk, user=cast.jiwoo.pk, role="moderator"))])
    return cast.jiwoo


def said_after(cast: Cast, seq: int) -> int:
    return Message.objects.filter(room=cast.room, sender=cast.bob, seq__gt=seq).count()


def kicks(cast: Cast) -> dict[str, tuple[Command, str]]:
    room, user = cast.room.pk, cast.bob.pk
    return {
        "remove": (RemoveMember(room=room, user=user), "not_found"),
        "ban": (BanMember(room=room, user=user), "not_found"),
        "mute": (MuteMember(room=room, user=user), "muted"),
    }


@pytest.mark.parametrize("way", ["remove", "ban", "mute"])
def test_nothing_is_said_after_the_seq_at_which_the_right_was_lost(cast: Cast, way: str) -> None:
    command, code = kicks(cast)[way]
    posts = [one(cast.bob, *(post_command(cast.room, f"{turn} {n}") for n in range(5))) for turn in range(3)]
    found = at_once([*posts, one(cast.mina, command)])
    lost = Change.objects.filter(room=cast.room, subject=cast.bob).order_by("-seq").first()
    assert lost is not None
    assert said_after(cast, lost.seq) == 0
    assert set(codes(found)) <= {"ok", code}
    assert Message.objects.filter(sender=cast.bob).count() + 1 == codes(found).count("ok")
    assert_dense(cast.room)


@pytest.mark.parametrize("way", ["remove", "ban", "mute"])
async def test_stream_of_sends_ends_at_the_change_for_everybody_who_listens(
    cast: Cast, runtime: Runtime, connect: Any, way: str
) -> None:
    command, code = kicks(cast)[way]
    bob, alice = await connect(cast.token(cast.bob)), await connect(cast.token(cast.alice))
    await bob.resume()
    await alice.resume()
    room, submit = cast.room.pk, runtime.committer.submit
    rng = random.Random(way)
    sends = [submit(cast.bob.pk, post_command(cast.room, f"stream {number}")) for number in range(60)]
    sends.insert(rng.randrange(20, 40), kick := submit(cast.mina.pk, command))
    for number in range(60):
        await asyncio.sleep(0)
        sends.append(submit(cast.bob.pk, post_command(cast.room, f"later {number}")))
    outcomes = await asyncio.gather(*sends, return_exceptions=True)
    lost_seq = (await kick)["seq"]
    seqs = [outcome["seq"] for outcome in outcomes if isinstance(outcome, dict)]
    refusals = {outcome.code.value for outcome in outcomes if isinstance(outcome, Refused)}
    assert refusals == {code}
    assert max(seqs) == lost_seq
    assert await database.run(said_after, cast, lost_seq) == 0
    await submit(cast.alice.pk, post_command(cast.room, "fence"))
    await alice.until(lambda frame: frame.get("message", {}).get("body") == "fence")
    heard = [frame for frame in alice.seen if frame.get("room") == room and "seq" in frame]
    assert [frame["seq"] for frame in heard] == list(range(heard[0]["seq"], heard[0]["seq"] + len(heard)))
    assert not [
        frame for frame in heard
        if frame["seq"] > lost_seq and frame.get("message", {}).get("sender", {}).get("id") == cast.bob.pk
    ]  # fmt: skip
    if way != "mute":
        # To whoever was taken out nothing comes of what was said afterwards.
        await bob.until("room.closed")
        assert (
            max(frame["seq"] for frame in bob.seen if frame.get("room") == room and "seq" in frame)
            == lost_seq
        )


@pytest.mark.parametrize("command", [BanMember, RemoveMember, MuteMember])
def test_two_who_stand_alike_end_each_other_and_neither_does(
    cast: Cast, other_moderator: User, command: Any
) -> None:
    found = at_once(
        [
            one(cast.mina, command(room=cast.room.pk, user=other_moderator.pk)),
            one(other_moderator, command(room=cast.room.pk, user=cast.mina.pk)),
        ]
    )
    assert codes(found) == ["forbidden", "forbidden"]
    assert membership(cast.room, cast.mina).is_in
    assert membership(cast.room, other_moderator).is_in


def test_two_who_run_the_workspace_cannot_ban_each_other_either(cast: Cast) -> None:
    User.objects.filter(pk__in=[cast.bob.pk, cast.jiwoo.pk]).update(role=User.Role.ADMIN)
    found = at_once(
        [
            one(cast.bob, BanMember(room=cast.room.pk, user=cast.jiwoo.pk)),
            one(cast.jiwoo, BanMember(room=cast.room.pk, user=cast.bob.pk)),
        ]
    )
    assert codes(found) == ["forbidden", "forbidden"]


@pytest.mark.parametrize("command", [RemoveMember, BanMember])
def test_taken_out_while_leaving_is_out_once(cast: Cast, command: Any) -> None:
    found = at_once(
        [
            one(cast.bob, LeaveRoom(room=cast.room.pk)),
            one(cast.mina, command(room=cast.room.pk, user=cast.bob.pk)),
        ]
    )
    own = membership(cast.room, cast.bob)
    assert own.left_seq is not None
    gone = Change.objects.filter(room=cast.room, subject=cast.bob, kind="member.left")
    assert gone.count() == 1
    # A ban holds whoever was first; to remove who has left, or to leave after it, is not to be found.
    if command is BanMember:
        assert own.banned_at is not None
        assert set(codes(found)) <= {"ok", "not_found"}
    else:
        assert codes(found) == ["not_found", "ok"]
    assert_dense(cast.room)


def test_of_two_owners_who_leave_at_once_one_stays(cast: Cast) -> None:
    execute([Request(cast.alice.pk, UpdateMember(room=cast.room.pk, user=cast.mina.pk, role="owner"))])
    found = at_once([one(user, LeaveRoom(room=cast.room.pk)) for user in (cast.alice, cast.mina)])
    assert codes(found) == ["conflict", "ok"]
    owners = Membership.objects.filter(room=cast.room, role="owner", left_seq=None)
    assert owners.count() == 1
    assert_dense(cast.room)


def test_of_two_owners_who_demote_each_other_at_once_one_stays(cast: Cast) -> None:
    execute([Request(cast.alice.pk, UpdateMember(room=cast.room.pk, user=cast.mina.pk, role="owner"))])
    found = at_once(
        [
            one(cast.alice, UpdateMember(room=cast.room.pk, user=cast.mina.pk, role="member")),
            one(cast.mina, UpdateMember(room=cast.room.pk, user=cast.alice.pk, role="member")),
        ]
    )
    assert codes(found) == ["forbidden", "ok"]
    assert Membership.objects.filter(room=cast.room, role="owner", left_seq=None).count() == 1


def test_owners_of_one_batch_see_each_other_go(cast: Cast) -> None:
    execute([Request(cast.alice.pk, UpdateMember(room=cast.room.pk, user=cast.mina.pk, role="owner"))])
    executed = execute([Request(user.pk, LeaveRoom(room=cast.room.pk)) for user in (cast.alice, cast.mina)])
    assert codes([executed]) == ["conflict", "ok"]
    assert isinstance(executed.outcomes[1], Refused)


def test_role_is_lost_for_all_that_comes_after_it_in_the_same_batch(cast: Cast) -> None:
    executed = execute(
        [
            Request(cast.mina.pk, MuteMember(room=cast.room.pk, user=cast.beep.pk)),
            Request(cast.alice.pk, UpdateMember(room=cast.room.pk, user=cast.mina.pk, role="member")),
            Request(cast.mina.pk, MuteMember(room=cast.room.pk, user=cast.bob.pk)),
            Request(cast.mina.pk, RemoveMember(room=cast.room.pk, user=cast.bob.pk)),
        ]
    )
    found = [one.code.value if isinstance(one, Refused) else "ok" for one in executed.outcomes]
    assert found == ["ok", "ok", "forbidden", "forbidden"]


def test_account_that_is_disabled_during_a_stream_says_nothing_after_it(cast: Cast) -> None:
    def disable() -> Executed:
        row = User.objects.get(pk=cast.bob.pk)
        row.is_active = False
        row.save()
        after = execute([Request(cast.bob.pk, post_command(cast.room, "after"))])
        assert codes([after]) == ["signed_out"]
        return Executed([])

    posts = [one(cast.bob, *(post_command(cast.room, f"{turn} {n}") for n in range(5))) for turn in range(2)]
    found = at_once([*posts, disable])
    assert set(codes(found)) <= {"ok", "signed_out"}
    assert not Message.objects.filter(body="after").exists()


@pytest.mark.parametrize("way", ["remove", "ban", "mute"])
def test_deadlock_with_a_batch_costs_another_try_and_no_answer(cast: Cast, way: str) -> None:
    if not is_postgres():
        pytest.skip("SQLite has one writer: there is nothing to lock crosswise")
    command, _ = kicks(cast)[way]
    owns_member, cross, failures = Event(), Event(), []

    def other() -> None:
        try:
            with transaction.atomic():
                Membership.objects.select_for_update().get(room=cast.room, user=cast.bob)
                owns_member.set()
                cross.wait(10)
                Room.objects.select_for_update().get(pk=cast.room.pk)
        finally:
            connections.close_all()

    def watch(run: Callable[..., Any], sql: str, *args: Any) -> Any:
        if sql.startswith('UPDATE "chat_membership"'):
            cross.set()
        try:
            return run(sql, *args)
        except OperationalError as error:
            failures.append(type(error.__cause__).__name__)
            raise

    thread = Thread(target=other)
    thread.start()
    assert owns_member.wait(10)
    with connection.cursor() as cursor:
        # Who asks first whether there is a deadlock, loses it.
        cursor.execute("SET deadlock_timeout = '200ms'")
    try:
        with connection.execute_wrapper(watch):
            executed = execute([Request(cast.mina.pk, command)])
    finally:
        cross.set()
        thread.join(10)
        leave()
    assert set(failures) == {"DeadlockDetected"}
    assert codes([executed]) == ["ok"]
    (run,) = [item for item in executed.items if isinstance(item, RoomChanges)]
    assert codec.decode_own(run.frames[0])["user"]["id"] == cast.bob.pk
    assert_dense(cast.room)
