from typing import Any

from tests.cast import Cast
from tests.database_away import database_away


async def test_while_the_database_is_away_recent_changes_are_read_from_memory(
    cast: Cast, connect: Any
) -> None:
    socket = await connect(cast.tokens[cast.bob.pk])
    await socket.resume()
    room = cast.room.pk
    sent = [await socket.post(room, str(n)) for n in range(3)]
    before = await socket.ok("changes.get", room=room, after=sent[0]["seq"], limit=100)
    async with database_away("chat_"):
        away = await socket.ok("changes.get", room=room, after=sent[0]["seq"], limit=100)
        # Longer ago than the memory goes, and of a room that is not followed.
        assert await socket.refused("changes.get", room=room, after=0, limit=100) == "unavailable"
        assert await socket.refused("changes.get", room=room + 999, after=0, limit=100) == "unavailable"
    assert away == before
    assert [change["seq"] for change in away["items"]] == [one["seq"] for one in sent[1:]]
