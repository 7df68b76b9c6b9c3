from typing import Any, cast

from chat.live.envelope import Joined, RoomChanges
from chat.live.publish import encode_run, envelopes, move_of
from chat.protocol import codec
from chat.protocol.changes import Change


def change(room: int, seq: int, kind: str = "message.posted", **fields: Any) -> Change:
    return cast(Change, {"type": kind, "room": room, "seq": seq, **fields})


def joined(room: int, seq: int, user: int) -> Change:
    return change(room, seq, "member.joined", user={"id": user})


def left(room: int, seq: int, user: int) -> Change:
    return change(room, seq, "member.left", user={"id": user})


def test_a_run_is_encoded_once_with_who_came_and_went() -> None:
    changes = [change(5, 7), joined(5, 8, 3), left(5, 9, 4)]
    run = encode_run(changes)
    assert (run.room, run.first) == (5, 7)
    assert run.moves == ((8, 3, True), (9, 4, False))
    assert [codec.decode_own(frame) for frame in run.frames] == changes


def test_everybody_goes_with_a_deleted_room_and_nobody_with_a_renamed_one() -> None:
    assert move_of(change(5, 7, "room.changed", fields={"deleted": True})) == (0, False)
    assert move_of(change(5, 7, "room.changed", fields={"deleted": False})) is None
    assert move_of(change(5, 7, "member.changed", user={"id": 3})) is None
    assert move_of(change(5, 7)) is None


def test_a_batch_becomes_one_run_a_room_in_order_and_then_who_must_follow() -> None:
    items = envelopes([change(6, 2), joined(5, 8, 3), change(5, 7), joined(6, 1, 4), joined(5, 9, 3)])
    assert [type(item) for item in items] == [RoomChanges, RoomChanges, Joined, Joined]
    runs = [item for item in items if isinstance(item, RoomChanges)]
    assert [(run.room, run.first, len(run.frames)) for run in runs] == [(5, 7, 3), (6, 1, 2)]
    assert [item for item in items if isinstance(item, Joined)] == [Joined(5, (3,)), Joined(6, (4,))]


def test_nothing_is_told_of_nothing() -> None:
    assert envelopes([]) == []
