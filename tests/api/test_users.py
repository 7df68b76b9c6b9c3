from __future__ import annotations

from pydantic import TypeAdapter

from chat import database
from chat.models import User
from chat.protocol.shapes import User as WireUser
from tests.api.conftest import Door, Queries, error_of
from tests.cast import Cast


async def test_people_are_found_by_name_and_handle(door: Door, cast: Cast) -> None:
    carol = door(cast.carol)
    for text, handle in (("BOB", "bob"), ("지", "지우"), ("Alic", "alice")):
        page = (await carol.get("users", params={"q": text})).json()
        users = TypeAdapter(list[WireUser]).validate_python(page["items"])
        assert [user["handle"] for user in users] == [handle]


async def test_pages_of_people_join_to_the_whole(door: Door, cast: Cast) -> None:
    carol = door(cast.carol)
    first = (await carol.get("users?limit=4")).json()
    second = (await carol.get(f"users?limit=4&cursor={first['next']}")).json()
    handles = [item["handle"] for item in first["items"] + second["items"]]
    assert handles == ["alice", "bob", "carol", "mina", "beep", "지우", "ada"]
    assert second["next"] is None


async def test_list_of_people_is_one_query_beside_sign_in(queries: Queries, door: Door, cast: Cast) -> None:
    carol = door(cast.carol)
    await carol.get("me")
    queries.clear()
    await carol.get("users")
    assert queries.count() == 2


async def test_one_user_is_read(door: Door, cast: Cast) -> None:
    user = (await door(cast.carol).get(f"users/{cast.bob.pk}")).json()
    assert (user["handle"], user["status"]) == ("bob", "offline")
    assert "email" not in user


async def test_disabled_account_is_not_found(door: Door, cast: Cast) -> None:
    await database.run(lambda: User.objects.filter(pk=cast.bob.pk).update(is_active=False))
    assert error_of(await door(cast.carol).get(f"users/{cast.bob.pk}")) == (404, "not_found")
