from __future__ import annotations

from typing import Any

from tests.api.conftest import Door, error_of
from tests.cast import Cast


async def test_an_arrangement_is_told_to_ones_own_devices_alone(door: Door, cast: Cast, connect: Any) -> None:
    bob = door(cast.bob)
    sockets = [await connect(cast.token(user)) for user in (cast.bob, cast.bob, cast.alice)]
    for socket in sockets:
        await socket.resume()
    read = (await bob.get("me/sidebar")).json()
    asked = {**read, "favourites": [cast.room.pk], "sections": [{"id": "a", "name": "Work", "rooms": []}]}
    stored = await bob.put("me/sidebar", json=asked)
    assert stored.status_code == 200
    assert stored.json() == {**asked, "version": 1}
    for socket in sockets[:2]:
        await socket.until("sidebar.changed")
    await sockets[2].ask("ping")
    assert not [frame for frame in sockets[2].seen if frame["type"] == "sidebar.changed"]
    assert (await bob.get("me/sidebar")).json() == stored.json()
    assert error_of(await bob.put("me/sidebar", json={**asked, "sort": "activity"})) == (409, "conflict")
    assert error_of(await bob.put("me/sidebar", json={"version": -1})) == (400, "bad_frame")
    assert error_of(await bob.put("me/sidebar")) == (400, "bad_frame")
    assert error_of(await door().get("me/sidebar")) == (401, "signed_out")
