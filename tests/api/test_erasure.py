from __future__ import annotations

from typing import Any

import pytest

from chat import database
from chat.api import erasure
from chat.features.erasure import remains
from chat.models import Erasure, User
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import post


@pytest.fixture(autouse=True)
def _new_tries() -> None:
    erasure._tries.cache_clear()


async def test_one_erases_oneself_with_the_password(door: Door, cast: Cast, connect: Any) -> None:
    socket, other = await connect(cast.token(cast.bob)), await connect(cast.token(cast.alice))
    await socket.resume()
    await other.resume()
    asked = {"password": "secret-bob", "messages": "keep"}
    answered = await door(cast.bob).post("me/erase", json=asked)
    assert answered.status_code == 202
    shape = answered.json()
    assert (shape["user"], shape["messages"], shape["finished_at"]) == (cast.bob.pk, "keep", None)
    # At once: sockets, tokens, the name.
    assert await socket.closed() == 4502
    assert error_of(await door(cast.bob).get("me")) == (401, "signed_out")
    assert error_of(await door(cast.alice).get(f"users/{cast.bob.pk}")) == (404, "not_found")
    await database.run(remains.remove, cast.bob.pk)
    left = await other.until("member.left")
    assert (left["user"]["id"], left["user"]["name"], left["by"]) == (cast.bob.pk, "Deleted user", None)


async def test_others_see_the_messages_go(door: Door, cast: Cast, connect: Any) -> None:
    message = await database.run(post, cast.room, cast.bob, "said")
    other = await connect(cast.token(cast.alice))
    await other.resume()
    asked = {"password": "secret-bob", "messages": "remove"}
    assert (await door(cast.bob).post("me/erase", json=asked)).status_code == 202
    await database.run(remains.remove, cast.bob.pk)
    told = await other.until("message.deleted")
    assert (told["message"]["id"], told["message"]["body"]) == (message.pk, "")
    shown = (await door(cast.alice).get(f"messages/{message.pk}")).json()
    assert shown["sender"]["name"] == "Deleted user"
    assert "bob" not in repr(shown["sender"]).casefold()


async def test_a_wrong_password_changes_nothing_and_cannot_be_guessed(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    for _ in range(5):
        answered = await bob.post("me/erase", json={"password": "secret-alice", "messages": "keep"})
        assert error_of(answered) == (403, "forbidden")
    # Not even the right one, for a while.
    answered = await bob.post("me/erase", json={"password": "secret-bob", "messages": "keep"})
    assert error_of(answered) == (429, "rate_limited")
    assert answered.json()["error"]["after_ms"] <= 13_000
    assert (await bob.get("me")).status_code == 200
    assert await database.run(Erasure.objects.count) == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"password": "secret-bob"},
        {"messages": "keep"},
        {"password": "secret-bob", "messages": "some"},
        {"password": 5, "messages": "keep"},
        {"password": "x" * 1_001, "messages": "keep"},
    ],
)
async def test_what_is_wrong_is_refused_before_the_password_is_looked_at(
    door: Door, cast: Cast, body: dict[str, Any]
) -> None:
    assert error_of(await door(cast.bob).post("me/erase", json=body))[0] in (400, 413)
    assert len(erasure._tries()) == 0


async def test_who_has_no_password_asks_an_admin(door: Door, cast: Cast) -> None:
    def without() -> None:
        cast.beep.set_unusable_password()
        cast.beep.save()

    await database.run(without)
    asked = {"password": "", "messages": "keep"}
    assert error_of(await door(cast.beep).post("me/erase", json=asked)) == (403, "forbidden")
    answered = await door(cast.admin).post(f"users/{cast.beep.pk}/erase", json={"messages": "keep"})
    assert answered.status_code == 202
    again = await door(cast.admin).post(f"users/{cast.beep.pk}/erase", json={"messages": "remove"})
    assert again.json() == answered.json()


async def test_an_admin_does_not_erase_whom_they_do_not_stand_above(door: Door, cast: Cast) -> None:
    ada, asked = door(cast.admin), {"messages": "keep"}
    assert error_of(await ada.post(f"users/{cast.admin.pk}/erase", json=asked)) == (403, "forbidden")
    assert error_of(await ada.post("users/987654321/erase", json=asked)) == (404, "not_found")
    await database.run(User.objects.filter(pk=cast.bob.pk).update, role=User.Role.OWNER)
    assert error_of(await ada.post(f"users/{cast.bob.pk}/erase", json=asked)) == (403, "forbidden")
    for user in (cast.carol.pk, 987_654_321):
        assert error_of(await door(cast.alice).post(f"users/{user}/erase", json=asked)) == (403, "forbidden")


async def test_the_last_admin_cannot_go(door: Door, cast: Cast) -> None:
    asked = {"password": "secret-ada", "messages": "keep"}
    assert error_of(await door(cast.admin).post("me/erase", json=asked)) == (409, "conflict")
    assert (await door(cast.admin).get("me")).status_code == 200
