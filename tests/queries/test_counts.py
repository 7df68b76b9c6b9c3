from __future__ import annotations

from collections import Counter

import pytest

from chat.features.retention import removal
from chat.models import Change, Message, Room
from chat.queries import counts
from tests.aging import age, keep
from tests.cast import Cast
from tests.make import post
from tests.planted import FOUND, PLANTED, busy_room, moved_mention, without_a_change


@pytest.fixture
def room(cast: Cast) -> Room:
    return busy_room(cast)


def test_a_room_in_order_has_nothing_wrong(room: Room) -> None:
    assert counts.wrong(room.pk) == Counter()


def test_a_roomwithout_a_change_has_nothing_wrong(cast: Cast) -> None:
    empty = Room.objects.create(name="Empty")
    assert counts.wrong(empty.pk) == Counter()
    assert counts.wrong(987_654_321) == Counter()


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_found(room: Room, planted: str) -> None:
    PLANTED[planted](room)
    kind = planted.split()[0]
    assert counts.wrong(room.pk)[kind] == FOUND.get(planted, FOUND[kind])


def test_a_reply_to_a_reply_and_to_another_room_is_found(cast: Cast, room: Room) -> None:
    reply = Message.objects.get(room=room, parent__isnull=False)
    other = post(cast.plaza, cast.alice, "elsewhere")
    second = post(room, cast.bob, "again", parent=reply.parent_id)
    third = post(room, cast.bob, "and again", parent=reply.parent_id)
    Message.objects.filter(pk=second.pk).update(parent=reply)
    Message.objects.filter(pk=third.pk).update(parent=other)
    assert counts.wrong(room.pk) == Counter(thread=2)


def test_slices_cover_every_seq_once(monkeypatch: pytest.MonkeyPatch, room: Room) -> None:
    monkeypatch.setattr(counts, "_SLICE_COUNT", 2)
    assert list(counts.slices(1, 6)) == [(1, 3), (3, 5), (5, 6)]
    assert counts.wrong(room.pk) == Counter()
    without_a_change(room)
    moved_mention(room)
    assert counts.wrong(room.pk) == Counter(log=1, mention=1)
    assert counts.last_hole(room.pk) == 3


def test_what_has_expired_is_not_missing(cast: Cast, room: Room) -> None:
    age(room, 30)
    keep(10)
    assert removal.sweep().messages == 3
    assert Change.objects.filter(room=room, seq__lte=room.last_seq).count() == 0
    assert counts.wrong(room.pk) == Counter()
    post(room, cast.bob, "anew")
    assert counts.wrong(room.pk) == Counter()
    Room.objects.filter(pk=room.pk).update(last_msg_no=9)
    assert counts.wrong(room.pk) == Counter(last_msg_no=1)
