from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from chat.features.drafts import service
from chat.features.drafts.commands import WriteDraft
from chat.models import DraftText, Room, User
from chat.pipeline.run import run
from chat.protocol import limits
from chat.protocol.commands import LeaveRoom
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from tests.cast import Cast
from tests.make import post
from tests.pipeline.threads import at_once

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def write(user: User, room: Room, body: str, minutes: float = 0, now: datetime = NOON, **fields: Any) -> bool:
    at = (NOON + timedelta(minutes=minutes)).isoformat()
    asked = WriteDraft(room=room.pk, body=body, written_at=at, **fields)
    return service.write(user, asked, now)[1]


def drafts(user: User) -> list[tuple[int, int | None, str]]:
    return [(one["room"], one["parent"], one["body"]) for one in service.browse(user, 0, 50)[0]]


def test_the_last_to_write_wins_whoever_comes_last(cast: Cast) -> None:
    assert write(cast.bob, cast.room, "on the phone", -5)
    assert not write(cast.bob, cast.room, "on the laptop, before", -9)
    assert not write(cast.bob, cast.room, "at the same time", -5)
    assert write(cast.bob, cast.room, "and later", -3)
    assert drafts(cast.bob) == [(cast.room.pk, None, "and later")]
    assert drafts(cast.alice) == []


def test_who_was_too_late_gets_what_is_kept(cast: Cast) -> None:
    write(cast.bob, cast.room, "newer")
    late = WriteDraft(room=cast.room.pk, body="older", written_at=(NOON - timedelta(hours=1)).isoformat())
    kept, is_new = service.write(cast.bob, late, NOON)
    assert (kept["body"], kept["written_at"], is_new) == ("newer", "2026-03-01T12:00:00.000Z", False)


def test_a_clock_that_is_ahead_does_not_win_for_ever(cast: Cast) -> None:
    assert write(cast.bob, cast.room, "from next year", 60 * 24 * 365)
    assert write(cast.bob, cast.room, "now", 1, now=NOON + timedelta(minutes=1))
    assert drafts(cast.bob) == [(cast.room.pk, None, "now")]


def test_what_was_sent_does_not_come_back_by_a_late_device(cast: Cast) -> None:
    write(cast.bob, cast.room, "hello", -5)
    assert write(cast.bob, cast.room, "", -1)
    assert not write(cast.bob, cast.room, "hello th", -3)
    assert drafts(cast.bob) == []
    assert write(cast.bob, cast.room, "the next one", 0)


def test_a_room_and_its_threads_have_one_each(cast: Cast) -> None:
    root = post(cast.room, cast.alice, "hi")
    write(cast.bob, cast.room, "to the room")
    write(cast.bob, cast.room, "to the thread", parent=root.pk)
    assert drafts(cast.bob) == [(cast.room.pk, None, "to the room"), (cast.room.pk, root.pk, "to the thread")]
    write(cast.bob, cast.room, "", 0.01, now=NOON + timedelta(hours=1))
    assert drafts(cast.bob) == [(cast.room.pk, root.pk, "to the thread")]


def test_outside_missing_and_another_room_look_the_same(cast: Cast) -> None:
    root, other = post(cast.room, cast.alice, "hi"), post(cast.plaza, cast.alice, "hi")
    reply = post(cast.room, cast.alice, "yes", parent=root.pk)
    for user, room, parent in (
        (cast.carol, cast.room.pk, None), (cast.carol, cast.plaza.pk, None), (cast.bob, 987_654, None),
        (cast.bob, cast.room.pk, other.pk), (cast.bob, cast.room.pk, reply.pk), (cast.bob, cast.room.pk, 987_654),
    ):  # fmt: skip
        asked = WriteDraft(room=room, parent=parent, body="x", written_at=NOON.isoformat())
        with pytest.raises(Refused) as caught:
            service.write(user, asked, NOON)
        assert caught.value.code == ErrorCode.NOT_FOUND
        # To let go of what is not there says nothing of what is.
        empty = asked.model_copy(update={"body": ""})
        assert service.write(user, empty, NOON)[0]["body"] == ""
    assert DraftText.objects.count() == 0


def test_of_a_room_that_was_left_nothing_is_listed(cast: Cast) -> None:
    write(cast.bob, cast.room, "begun")
    run(cast.bob.pk, LeaveRoom(room=cast.room.pk))
    assert drafts(cast.bob) == []


def test_there_are_so_many_and_no_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DRAFTS_MAX_COUNT", 2)
    roots = [post(cast.room, cast.alice, "hi") for _ in range(3)]
    for root in roots[:2]:
        write(cast.bob, cast.room, "x", parent=root.pk)
    with pytest.raises(Refused) as caught:
        write(cast.bob, cast.room, "x", parent=roots[2].pk)
    assert caught.value.code == ErrorCode.TOO_MANY
    assert write(cast.bob, cast.room, "changed", 0.001, now=NOON + timedelta(hours=1), parent=roots[0].pk)
    write(cast.bob, cast.room, "", 1, now=NOON + timedelta(hours=1), parent=roots[1].pk)
    assert write(cast.bob, cast.room, "x", parent=roots[2].pk)


def test_what_was_let_go_is_forgotten_in_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_GONE_MAX_COUNT", 1)
    roots = [post(cast.room, cast.alice, "hi") for _ in range(3)]
    for number, root in enumerate(roots):
        write(cast.bob, cast.room, "x", number - 10, parent=root.pk)
        write(cast.bob, cast.room, "", number - 9.5, parent=root.pk)
    assert DraftText.objects.filter(user=cast.bob).count() == 1
    later = NOON + timedelta(days=31)
    write(cast.bob, cast.room, "x", now=later)
    write(cast.bob, cast.room, "", 60 * 24 * 31, now=later)
    assert list(DraftText.objects.values_list("parent", flat=True)) == [None]


@pytest.mark.parametrize(
    "at",
    ["", "yesterday", "2026-03-01T12:00:00", "2026-03-01T12:00:00Z" + " " * 40, "9999-12-31T23:59:59-23:00"],
)
def test_a_time_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        WriteDraft(room=1, body="x", written_at=at)
    assert caught.value.code == ErrorCode.BAD_FRAME


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(ProtocolError) as caught:
        WriteDraft(room=1, body="x" * (limits.BODY_MAX_CHARS + 1), written_at=NOON.isoformat())
    assert caught.value.code == ErrorCode.TOO_LONG


@pytest.mark.django_db(transaction=True)
def test_devices_that_write_at_once_leave_one_draft_and_it_is_the_last(cast: Cast) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    minutes = [-6, -1, -4, -2, -5, -3]
    at_once([partial(write, cast.bob, cast.room, f"{minute}", minute) for minute in minutes])
    assert drafts(cast.bob) == [(cast.room.pk, None, "-1")]
    assert DraftText.objects.count() == 1
