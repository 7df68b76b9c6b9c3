from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions.state import Request
from chat.live.envelope import UserEvent
from chat.models import Membership, Message
from chat.pipeline.execute import execute
from chat.pipeline.run import run
from chat.protocol import codec
from chat.protocol.commands import DeleteMessage, SetLevel, UpdateRoom
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.shapes import NotificationLevel
from chat.queries import rooms
from tests.cast import Cast
from tests.make import post_command
from tests.pipeline.test_costs import _STATEMENTS, statements, trips
from tests.pipeline.threads import is_postgres

pytestmark = pytest.mark.django_db(transaction=True)


def slow(cast: Cast, seconds: int = 60) -> None:
    run(cast.alice.pk, UpdateRoom(room=cast.room.pk, slow_s=seconds))


def test_one_batch_lets_one_message_of_a_member_through(cast: Cast) -> None:
    slow(cast)
    requests = [Request(cast.bob.pk, post_command(cast.room, f"hi {n}")) for n in range(3)]
    outcomes = execute([*requests, Request(cast.alice.pk, post_command(cast.room, "mine"))]).outcomes
    codes = [outcome.code if isinstance(outcome, Refused) else None for outcome in outcomes]
    assert codes == [None, ErrorCode.RATE_LIMITED, ErrorCode.RATE_LIMITED, None]
    assert [row.body for row in Message.objects.order_by("pk")] == ["hi 0", "mine"]


def test_the_next_batch_knows_when_one_has_written_and_so_does_who_reads_the_room(cast: Cast) -> None:
    slow(cast)
    now = timezone.now()
    written = run(cast.bob.pk, post_command(cast.room, "first"))
    # Taken back, it has been said all the same.
    run(cast.bob.pk, DeleteMessage(message=written["id"]))
    for ahead_s, is_refused in ((59, True), (61, False)):
        at = now + timedelta(seconds=ahead_s)
        (outcome,) = execute([Request(cast.bob.pk, post_command(cast.room, "again"))], now=at).outcomes
        assert isinstance(outcome, Refused) == is_refused
    state = rooms.one(cast.bob, cast.room.pk)
    assert state["slow_s"] == 60
    assert state["slow_until"] is not None
    assert rooms.one(cast.alice, cast.room.pk)["slow_until"] is None


def test_a_slow_room_costs_one_statement_and_no_trip_more(cast: Cast) -> None:
    slow(cast)
    with statements() as asked:
        execute([Request(cast.bob.pk, post_command(cast.room, "hi"))])
    assert len([sql for sql in asked if sql not in ("BEGIN IMMEDIATE", "COMMIT")]) == _STATEMENTS + 1
    if is_postgres():
        with trips() as waits:
            execute([Request(cast.jiwoo.pk, post_command(cast.room, "hi"))])
        assert len(waits) == 2


def test_a_level_is_kept_and_told_to_ones_own_devices_alone(cast: Cast) -> None:
    levels: list[NotificationLevel] = ["none", "mentions"]
    executed = execute([Request(cast.bob.pk, SetLevel(room=cast.room.pk, level=one)) for one in levels])
    assert executed.outcomes == [{"room": cast.room.pk, "level": one} for one in levels]
    assert rooms.one(cast.bob, cast.room.pk)["level"] == "mentions"
    assert Membership.objects.get(room=cast.room, user=cast.alice).level == "all"
    event = codec.encode({"type": "level", "room": cast.room.pk, "level": "mentions"})
    assert executed.items == [UserEvent(cast.bob.pk, event)]
