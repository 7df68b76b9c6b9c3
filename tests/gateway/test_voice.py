from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chat import database
from chat.models import Membership
from chat.protocol.commands import (
    BanMember,
    LeaveRoom,
    MuteMember,
    RemoveMember,
    UnmuteMember,
    UpdateMember,
    UpdateRoom,
)
from tests.cast import Cast
from tests.make import post_command

Connect = Any


async def types(cast: Cast, runtime: Any, typist: Any, watcher: Any) -> bool:
    """Tell whether the watcher hears that somebody types in the room."""
    room, start = cast.room.pk, len(watcher.seen)
    await typist.send({"type": "typing.start", "room": room})
    await typist.send({"type": "typing.stop", "room": room})
    await typist.ask("ping")
    await runtime.committer.submit(cast.alice.pk, post_command(cast.room, f"fence {start}"))
    await watcher.until(lambda frame: frame.get("message", {}).get("body") == f"fence {start}")
    return any(frame["type"] == "typing" for frame in watcher.seen[start:])


@pytest.fixture
async def pair(cast: Cast, connect: Connect) -> tuple[Any, Any]:
    bob, alice = await connect(cast.token(cast.bob)), await connect(cast.token(cast.alice))
    await bob.resume()
    await alice.resume()
    return bob, alice


async def test_muted_types_silently_from_the_change_on(
    cast: Cast, runtime: Any, pair: tuple[Any, Any]
) -> None:
    bob, alice = pair
    assert await types(cast, runtime, bob, alice)
    await runtime.committer.submit(cast.mina.pk, MuteMember(room=cast.room.pk, user=cast.bob.pk))
    assert not await types(cast, runtime, bob, alice)
    await runtime.committer.submit(cast.mina.pk, UnmuteMember(room=cast.room.pk, user=cast.bob.pk))
    assert await types(cast, runtime, bob, alice)


async def test_muted_is_known_after_a_resume_and_ends_by_itself(
    cast: Cast, runtime: Any, connect: Connect, pair: tuple[Any, Any]
) -> None:
    _, alice = pair
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await runtime.committer.submit(cast.mina.pk, MuteMember(room=cast.room.pk, user=cast.bob.pk, until=soon))
    again = await connect(cast.token(cast.bob))
    (state,) = [room for room in (await again.resume())["rooms"] if room["id"] == cast.room.pk]
    assert state["muted_until"].startswith(soon[:13])
    assert not await types(cast, runtime, again, alice)

    def end() -> None:
        Membership.objects.filter(room=cast.room, user=cast.bob).update(muted_until=datetime.now(UTC))

    await database.run(end)
    later = await connect(cast.token(cast.bob))
    await later.resume()
    assert await types(cast, runtime, later, alice)


async def test_nobody_types_in_an_archived_room(cast: Cast, runtime: Any, pair: tuple[Any, Any]) -> None:
    bob, alice = pair
    room = cast.room.pk
    await runtime.committer.submit(cast.alice.pk, UpdateRoom(room=room, archived=True))
    start = len(alice.seen)
    await bob.send({"type": "typing.start", "room": room})
    await bob.ask("ping")
    await runtime.committer.submit(cast.alice.pk, UpdateRoom(room=room, archived=False))
    await alice.until(
        lambda frame: (
            frame["type"] == "room.changed" and not frame["fields"]["archived"] and frame["room"] == room
        )
    )
    assert not [frame for frame in alice.seen[start:] if frame["type"] == "typing"]
    await bob.until(lambda frame: frame["type"] == "room.changed" and not frame["fields"]["archived"])
    assert await types(cast, runtime, bob, alice)


@pytest.mark.parametrize("command", [RemoveMember, BanMember, LeaveRoom])
async def test_who_is_out_types_silently(
    cast: Cast, runtime: Any, pair: tuple[Any, Any], command: Any
) -> None:
    bob, alice = pair
    fields = {"room": cast.room.pk, "user": cast.bob.pk}
    actor = cast.bob if command is LeaveRoom else cast.mina
    await runtime.committer.submit(actor.pk, command.model_validate(fields))
    await bob.until("room.closed")
    assert not await types(cast, runtime, bob, alice)


async def test_typing_does_not_visit_the_database(
    cast: Cast, pair: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    bob, alice = pair

    async def refuse(*_: Any) -> None:
        raise AssertionError("visited")

    monkeypatch.setattr(database, "run", refuse)
    await bob.send({"type": "typing.start", "room": cast.room.pk})
    assert (await alice.until("typing"))["user"] == cast.bob.pk


async def test_where_moderators_alone_write_nobody_else_is_seen_typing(
    cast: Cast, runtime: Any, connect: Connect, pair: tuple[Any, Any]
) -> None:
    bob, alice = pair
    room = cast.room.pk
    await runtime.committer.submit(cast.alice.pk, UpdateRoom(room=room, posting="threads"))
    assert not await types(cast, runtime, bob, alice)
    again = await connect(cast.token(cast.bob))
    (state,) = [one for one in (await again.resume())["rooms"] if one["id"] == room]
    assert (state["posting"], state["slow_s"], state["slow_until"], state["seen"]) == (
        "threads", 0, None, True,
    )  # fmt: skip
    assert not await types(cast, runtime, again, alice)
    await runtime.committer.submit(cast.alice.pk, UpdateMember(room=room, user=cast.bob.pk, role="moderator"))
    assert await types(cast, runtime, again, alice)
    await runtime.committer.submit(cast.alice.pk, UpdateMember(room=room, user=cast.bob.pk, role="member"))
    assert not await types(cast, runtime, again, alice)
    await runtime.committer.submit(cast.alice.pk, UpdateRoom(room=room, posting="everyone"))
    assert await types(cast, runtime, again, alice)
