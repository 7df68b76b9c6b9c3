from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from chat import database
from chat.models import Membership
from chat.pipeline.run import run
from chat.protocol.commands import BanMember, MuteMember
from tests.api.conftest import Door, error_of
from tests.cast import Cast, make_room


async def test_bans_and_mutes_of_all_rooms_are_listed_with_their_ends_and_lifted(
    door: Door, cast: Cast
) -> None:
    def sanction() -> int:
        other = make_room(cast.alice, cast.bob, cast.jiwoo, name="Kitchen", kind="closed")
        run(cast.alice.pk, BanMember(room=other.pk, user=cast.bob.pk, reason="rude"))
        run(cast.alice.pk, MuteMember(room=cast.room.pk, user=cast.bob.pk, minutes=30))
        run(cast.alice.pk, MuteMember(room=other.pk, user=cast.jiwoo.pk))
        return other.pk

    kitchen, ada = await database.run(sanction), door(cast.admin)
    found = (await ada.get("admin/sanctions")).json()
    told = [
        (one["kind"], one["room"]["name"], one["user"]["id"], one["until"] is None) for one in found["items"]
    ]
    assert told[0] == ("ban", "Kitchen", cast.bob.pk, True)
    assert sorted(told[1:]) == [
        ("mute", "Kitchen", cast.jiwoo.pk, True),
        ("mute", cast.room.name, cast.bob.pk, False),
    ]
    assert found["total"] == 3
    assert found["items"][0]["since"] is not None
    for query, count in (
        ("kind=ban", 1),
        ("kind=mute", 2),
        ("q=kitch", 2),
        ("q=bob+kitchen", 1),
        ("q=nobody", 0),
    ):
        assert (await ada.get(f"admin/sanctions?{query}")).json()["total"] == count, query
    first = (await ada.get("admin/sanctions?limit=2")).json()
    rest = (await ada.get(f"admin/sanctions?limit=2&cursor={first['next']}")).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == [one["id"] for one in found["items"]]
    assert rest["next"] is None
    # In a closed room that the admin is not in.
    assert (await ada.delete(f"rooms/{kitchen}/bans/{cast.bob.pk}")).status_code == 200
    assert (await ada.delete(f"rooms/{kitchen}/members/{cast.jiwoo.pk}/mute")).status_code == 200
    assert [one["kind"] for one in (await ada.get("admin/sanctions")).json()["items"]] == ["mute"]


async def test_what_is_over_stands_no_more(door: Door, cast: Cast) -> None:
    past = timezone.now() - timedelta(minutes=1)
    inside = Membership.objects.filter(room=cast.room, user=cast.bob)
    await database.run(inside.update, muted_until=past, banned_at=past, banned_until=past)
    assert (await door(cast.admin).get("admin/sanctions")).json()["total"] == 0


async def test_only_who_runs_the_workspace_sees_them(door: Door, cast: Cast) -> None:
    assert error_of(await door(cast.alice).get("admin/sanctions")) == (403, "forbidden")
