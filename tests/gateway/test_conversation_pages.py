from typing import Any

import pytest

from chat.protocol.commands import AddMember, RemoveMember
from chat.queries import snapshot
from tests.cast import Cast
from tests.gateway.acting import do, posted, seqs

Connect = Any


@pytest.fixture(autouse=True)
def _short_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes with the snapshot ends after four changes; the rest is read in pages."""
    monkeypatch.setattr(snapshot, "_REPLAY_COUNT", 4)


async def test_what_the_snapshot_does_not_bring_is_read_before_synced(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    missed = await posted(runtime, cast, 30)
    socket = await connect(cast.token(cast.bob))
    result = await socket.resume({cast.room.pk: missed[0] - 1})
    assert result["reset"] == []
    assert seqs(socket, cast.room.pk) == missed
    live = await posted(runtime, cast, 1)
    await socket.until("message.posted")
    assert seqs(socket, cast.room.pk) == [*missed, *live]


async def test_having_left_and_come_back_inside_a_replay_ends_nothing(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    cursor = (await posted(runtime, cast, 1))[0]
    await do(runtime, cast.alice, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    away = await posted(runtime, cast, 6)
    await do(runtime, cast.alice, AddMember(room=cast.room.pk, user=cast.bob.pk))
    back = await posted(runtime, cast, 2)
    socket = await connect(cast.token(cast.bob))
    await socket.resume({cast.room.pk: cursor})
    assert seqs(socket, cast.room.pk) == list(range(cursor + 1, back[-1] + 1))
    assert set(away) < set(seqs(socket, cast.room.pk))
    assert "room.closed" not in [frame["type"] for frame in socket.seen]
    live = await posted(runtime, cast, 1)
    await socket.until(lambda frame: frame.get("seq") == live[0])
