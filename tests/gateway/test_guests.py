from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from chat import database
from chat.live.bucket import Buckets
from chat.models import Guest, Membership, Message, Room, User
from chat.pipeline import guests
from chat.pipeline.run import run
from chat.protocol.commands import BanMember, JoinRoom
from chat.protocol.errors import ErrorCode, Refused
from tests.cast import Cast

Connect = Any


@pytest.fixture
def plaza(cast: Cast) -> str:
    Room.objects.filter(pk=cast.plaza.pk).update(guests=True)
    return f"/ws/chat/{cast.plaza.slug}/"


async def said_as(socket: Any, text: str = "hello") -> str:
    await socket.send({"message": text})
    frame = await socket.until(lambda frame: frame.get("message") == text or "error" in frame)
    assert "error" not in frame, frame
    return str(frame["sender"])


def count_guests() -> int:
    return User.objects.filter(role=User.Role.GUEST).count()


async def test_visitor_who_comes_again_is_the_same_guest(plaza: str, connect: Connect) -> None:
    first = await connect(None, plaza)
    name = await said_as(first)
    await first.close()
    assert await said_as(await connect(None, plaza)) == name
    assert await database.run(count_guests) == 1


async def test_visitors_at_the_same_time_are_not_the_same(plaza: str, connect: Connect) -> None:
    names = {await said_as(await connect(None, plaza), f"hello {number}") for number in range(3)}
    assert len(names) == 3


async def test_network_makes_so_many_accounts_and_no_more(
    plaza: str, connect: Connect, configure: Callable[..., None]
) -> None:
    configure(GUESTS_PER_NETWORK_PER_H=2)
    open_sockets = [await connect(None, plaza) for _ in range(2)]
    for socket in open_sockets:
        await said_as(socket)
    for _ in range(3):
        third = await connect(None, plaza)
        error = (await third.next())["error"]
        assert (error["code"], error["retry"]) == ("too_many", False)
        assert "2 guests came from your network within an hour, at most 2" in error["detail"]
        assert await third.closed() == 4202
    assert await database.run(count_guests) == 2
    await open_sockets[0].close()
    await said_as(await connect(None, plaza))
    assert await database.run(count_guests) == 2


async def test_installation_holds_so_many_guests_and_no_more(
    plaza: str, connect: Connect, configure: Callable[..., None], cast: Cast
) -> None:
    configure(GUESTS_MAX_COUNT=1)
    inside = await connect(None, plaza)
    await said_as(inside)
    second = await connect(None, plaza)
    assert (await second.next())["error"]["code"] == "too_many"
    assert await second.closed() == 4202
    await inside.close()
    await database.run(_make_old)
    await database.run(call_command, "retire_guests", "--idle-days", "7")
    other = await database.run(guests.let_in, cast.plaza, guests.network_of("192.0.2.7"), ())
    assert other.is_active


async def test_guests_of_one_network_share_one_rate(plaza: str, connect: Connect, runtime: Any) -> None:
    runtime.send_buckets = Buckets(0.001, 4, 100)
    first, second = await connect(None, plaza), await connect(None, plaza)
    for number in range(4):
        await said_as(first, f"number {number}")
    await second.send({"message": "one too many"})
    refused = await second.until(lambda frame: "error" in frame)
    assert refused["error"]["code"] == "rate_limited"
    assert refused["error"]["after_ms"] > 0


async def test_ban_of_a_visitor_holds_for_the_next_account_too(
    plaza: str, connect: Connect, cast: Cast, runtime: Any
) -> None:
    visitor = await connect(None, plaza)
    await said_as(visitor)
    guest = await database.run(lambda: Guest.objects.get().user_id)
    await runtime.committer.submit(cast.alice.pk, BanMember(room=cast.plaza.pk, user=guest))
    assert await visitor.closed() == 4500
    again = await connect(None, plaza)
    assert (await again.next())["error"]["code"] == "forbidden"
    assert await again.closed() == 4500
    assert await database.run(count_guests) == 1


def _make_old() -> None:
    past = timezone.now() - timedelta(days=30)
    Guest.objects.update(seen_at=past, created_at=past)
    Message.objects.filter(sender__role=User.Role.GUEST).update(at=past)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("local", "local", True),
    ],
)
def test_network_is_an_address_or_what_one_customer_gets(one: str, other: str, is_same: bool) -> None:
    assert (guests.network_of(one) == guests.network_of(other)) is is_same
    assert one not in guests.network_of(one)


def test_guests_who_are_not_seen_any_more_leave_and_are_disabled(cast: Cast, plaza: str) -> None:
    network = guests.network_of("192.0.2.1")
    old, new = guests.let_in(cast.plaza, network, ()), guests.let_in(cast.plaza, network, range(10**9))
    for user in (old, new):
        run(user.pk, JoinRoom(room=cast.plaza.pk))
    Guest.objects.filter(user=old).update(seen_at=timezone.now() - timedelta(days=8))
    assert guests.retire(timedelta(days=7)) == 1
    assert guests.retire(timedelta(days=7)) == 0
    assert not User.objects.get(pk=old.pk).is_active
    assert User.objects.get(pk=new.pk).is_active
    assert Membership.objects.get(user=old).left_seq is not None
    with pytest.raises(Refused) as caught:
        run(old.pk, JoinRoom(room=cast.plaza.pk))
    assert caught.value.code is ErrorCode.SIGNED_OUT
