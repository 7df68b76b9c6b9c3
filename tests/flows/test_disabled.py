import asyncio

import pytest

from scripts.services import manage
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

_AT_ONCE_S = 5.0
_SWITCH = """
from chat.models import User
row = User.objects.get(handle={handle!r})
row.is_active = {is_active}
row.save()
"""


async def _switch(topology: Topology, handle: str, *, is_active: bool) -> None:
    code = _SWITCH.format(handle=handle, is_active=is_active)
    await asyncio.to_thread(manage, ["shell", "--no-imports", "-c", code], topology.env)


async def test_account_disabled_by_a_script_is_out_on_every_process_and_comes_back(
    topology: Topology,
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    try:
        async with (
            topology.client(bob, 0) as here,
            topology.client(bob, 1) as there,
            topology.client(alice, 1) as writer,
        ):
            await writer.post(room, "before")
            for client in (here, there):
                await client.hears(room, 1)
            await _switch(topology, "bob", is_active=False)
            for client in (here, there):
                await client.ends(_AT_ONCE_S)
                assert client.closes == [4502]
            for web in (0, 1):
                refused = await asyncio.to_thread(
                    topology.call, bob, "POST", f"/rooms/{room}/messages", {"body": "still"}, web
                )
                assert refused.status_code == 401
            await writer.post(room, "after")
            assert writer.closes == []
        assert here.bodies(room) == there.bodies(room) == ["before"]
    finally:
        await _switch(topology, "bob", is_active=True)
    async with topology.client(bob, 1) as again:
        assert (await again.post(room, "back"))["room"] == room
