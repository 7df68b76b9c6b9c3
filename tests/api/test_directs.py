from __future__ import annotations

from chat import database
from chat.models import User
from tests.api.conftest import Door, error_of
from tests.cast import Cast


async def test_direct_is_made_once_for_the_same_people(door: Door, cast: Cast) -> None:
    first = await door(cast.bob).post("directs", json={"users": [cast.carol.pk]})
    assert first.status_code == 201
    state = first.json()
    assert (state["kind"], state["name"], state["peers"]) == ("direct", "Carol", [cast.carol.pk])
    again = await door(cast.carol).post("directs", json={"users": [cast.bob.pk, cast.carol.pk, cast.bob.pk]})
    assert (again.status_code, again.json()["id"], again.json()["name"]) == (200, state["id"], "Bob")


async def test_direct_is_hidden_from_others_and_admins(door: Door, cast: Cast) -> None:
    state = (await door(cast.bob).post("directs", json={"users": [cast.carol.pk]})).json()
    for user in (cast.alice, cast.admin):
        assert error_of(await door(user).get(f"rooms/{state['id']}")) == (404, "not_found")
        assert error_of(await door(user).post(f"rooms/{state['id']}/join")) == (404, "not_found")
        assert error_of(await door(user).delete(f"rooms/{state['id']}")) == (404, "not_found")


async def test_direct_with_nobody_or_too_many_is_refused(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    assert error_of(await bob.post("directs", json={"users": []})) == (400, "bad_frame")
    assert error_of(await bob.post("directs", json={"users": list(range(1, 10))})) == (400, "too_many")
    assert error_of(await bob.post("directs", json={"users": [987_654_321]})) == (404, "not_found")


async def test_direct_with_a_disabled_account_looks_like_nobody(door: Door, cast: Cast) -> None:
    await database.run(lambda: User.objects.filter(pk=cast.carol.pk).update(is_active=False))
    response = await door(cast.bob).post("directs", json={"users": [cast.carol.pk]})
    assert error_of(response) == (404, "not_found")
