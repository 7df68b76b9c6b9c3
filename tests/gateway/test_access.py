from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from chat import database
from chat.models import User
from chat.protocol.errors import Refused
from tests.cast import Cast
from tests.make import post_command

Connect = Any


def disable_by_saving(user: User) -> None:
    row = User.objects.get(pk=user.pk)
    row.is_active = False
    row.save()


def disable_by_one_field(user: User) -> None:
    row = User.objects.get(pk=user.pk)
    row.is_active = False
    row.save(update_fields=["is_active"])


def disable_by_a_query(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


WAYS = [disable_by_saving, disable_by_one_field, disable_by_a_query]


def enable(user: User) -> None:
    row = User.objects.get(pk=user.pk)
    row.is_active = True
    row.save()


@pytest.mark.parametrize("disable", WAYS)
async def test_disabled_account_is_out_at_once_and_comes_back(
    cast: Cast, connect: Connect, application: Any, runtime: Any, disable: Callable[[User], None]
) -> None:
    bob, simple = await connect(cast.token(cast.bob)), await connect(cast.token(cast.bob), "/ws/chat/")
    alice = await connect(cast.token(cast.alice))
    await bob.resume()
    await alice.resume()
    await simple.next()
    await database.run(disable, cast.bob)
    assert await bob.closed() == 4502
    assert await simple.closed() == 4502
    assert (await alice.ask("ping"))["type"] == "pong"
    refused = await connect(cast.token(cast.bob))
    assert await refused.closed() == 4501
    with pytest.raises(Refused, match="signed_out"):
        await runtime.committer.submit(cast.bob.pk, post_command(cast.room, "still"))
    headers = {"Authorization": f"Bearer {cast.token(cast.bob)}"}
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost:8000", headers=headers
    ) as rest:
        assert (await rest.get("/api/v1/me")).status_code == 401
        await database.run(enable, cast.bob)
        assert (await rest.get("/api/v1/me")).status_code == 200
    again = await connect(cast.token(cast.bob))
    await again.resume()
    await runtime.committer.submit(cast.bob.pk, post_command(cast.room, "again"))


def make_role(user: User, role: str) -> None:
    row = User.objects.get(pk=user.pk)
    row.role = role
    row.save()


async def test_another_role_in_the_workspace_opens_the_sockets_anew(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    carol = await connect(cast.token(cast.carol))
    await carol.resume()
    assert (await carol.ask("history.get", room=cast.plaza.pk))["ok"]
    await database.run(make_role, cast.carol, User.Role.GUEST)
    assert await carol.closed() == 4100
    again = await connect(cast.token(cast.carol))
    assert (await again.next())["user"]["role"] == "guest"
    await again.resume()
    assert (await again.ask("history.get", room=cast.plaza.pk))["error"]["code"] == "not_found"


async def test_admin_no_more_has_lost_it_with_the_next_command(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    ada = await connect(cast.token(cast.admin))
    await ada.resume()
    mute = {"room": cast.room.pk, "user": cast.bob.pk}
    assert (await ada.ask("member.mute", **mute))["ok"]
    await database.run(make_role, cast.admin, User.Role.MEMBER)
    assert await ada.closed() == 4100
    again = await connect(cast.token(cast.admin))
    await again.resume()
    assert (await again.ask("member.unmute", **mute))["error"]["code"] == "not_found"


async def test_another_name_leaves_the_sockets_open(cast: Cast, connect: Connect) -> None:
    bob = await connect(cast.token(cast.bob))
    await bob.resume()
    await database.run(User.objects.filter(pk=cast.bob.pk).update, name="Robert")
    assert (await bob.ask("ping"))["type"] == "pong"
    assert (await (await connect(cast.token(cast.bob))).next())["user"]["name"] == "Robert"
