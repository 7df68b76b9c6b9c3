from __future__ import annotations

from collections import Counter

import pytest

from chat.models import Change, Membership, Mention, Message, Room
from chat.pipeline import recount
from chat.queries import counts, snapshot
from tests.cast import Cast
from tests.make import post
from tests.pipeline.threads import at_once
from tests.planted import PLANTED, busy_room


@pytest.fixture
def room(cast: Cast) -> Room:
    return busy_room(cast)


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_put_right_once(room: Room, cast: Cast, planted: str) -> None:
    PLANTED[planted](room)
    kind = planted.split()[0]
    assert recount.repair(room.pk)[kind]
    assert counts.wrong(room.pk) == Counter()
    assert recount.repair(room.pk) == Counter()
    # And people can go on.
    message = post(room, cast.bob, "anew")
    assert message.seq > room.last_seq
    assert counts.wrong(room.pk) == Counter()


def test_numbers_come_back_to_what_the_rows_say(room: Room) -> None:
    Room.objects.filter(pk=room.pk).update(last_seq=1, last_msg_no=7)
    Membership.objects.filter(room=room).update(read_msg_no=7)
    Mention.objects.update(msg_no=9)
    recount.repair(room.pk)
    after = Room.objects.get(pk=room.pk)
    assert (after.last_seq, after.last_msg_no, after.expired_seq) == (room.last_seq, 2, 0)
    assert set(Membership.objects.filter(room=room).values_list("read_msg_no", flat=True)) == {2}
    assert set(Mention.objects.values_list("msg_no", flat=True)) == {1, 2}


def test_a_seq_that_somebody_may_hold_is_not_given_again(room: Room, cast: Cast) -> None:
    Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq + 5)
    recount.repair(room.pk)
    assert post(room, cast.bob, "anew").seq == room.last_seq + 6


def test_after_a_hole_everybody_reads_the_room_anew(room: Room, cast: Cast) -> None:
    Change.objects.filter(room=room, seq=room.last_seq - 1).delete()
    held = {room.pk: room.last_seq - 2}
    assert snapshot.take(cast.bob, None, held, 100).reset == []
    recount.repair(room.pk)
    assert snapshot.take(cast.bob, None, held, 100).reset == [room.pk]
    assert snapshot.take(cast.bob, None, {room.pk: room.last_seq - 1}, 100).reset == []


def test_a_reply_to_a_reply_goes_to_its_thread(room: Room, cast: Cast) -> None:
    reply = Message.objects.get(room=room, parent__isnull=False)
    second = post(room, cast.bob, "again", parent=reply.parent_id)
    Message.objects.filter(pk=second.pk).update(parent=reply)
    recount.repair(room.pk)
    second.refresh_from_db()
    assert second.parent_id == reply.parent_id


def test_what_people_write_meanwhile_is_not_wrong(room: Room, cast: Cast) -> None:
    def write() -> list[object]:
        return [post(room, cast.bob, f"{number} @alice") for number in range(8)]

    def look() -> list[object]:
        return [recount.confirmed(room.pk) for _ in range(8)]

    _, looks = at_once([write, look])
    assert looks == [Counter()] * 8
