from __future__ import annotations

import pytest

from chat.actions import reads
from chat.actions.state import Request
from chat.models import Membership, statements
from chat.pipeline.execute import Executed, execute
from chat.protocol.commands import Command, MarkRead, MarkUnread
from chat.queries import rooms
from tests.cast import Cast, membership
from tests.make import post, post_command


@pytest.fixture(autouse=True)
def _messages(cast: Cast) -> None:
    for number in range(6):
        post(cast.room, cast.alice, f"@bob {number}")
    execute([Request(cast.bob.pk, MarkRead(room=cast.room.pk, msg_no=6))])


def by_bob(cast: Cast, *commands: Command) -> Executed:
    return execute([Request(cast.bob.pk, command) for command in commands])


def mark(cast: Cast) -> tuple[int, int]:
    row = membership(cast.room, cast.bob)
    return row.read_backs, row.read_msg_no


def back(cast: Cast, msg_no: int, backs: int = 0) -> MarkUnread:
    return MarkUnread(room=cast.room.pk, msg_no=msg_no, backs=backs)


def test_counts_are_exact_after_it(cast: Cast) -> None:
    by_bob(cast, back(cast, 2))
    state = rooms.one(cast.bob, cast.room.pk)
    assert (state["read_msg_no"], state["read_backs"], state["unread"], state["mentions"]) == (2, 1, 4, 4)


def test_in_one_batch_the_last_word_counts(cast: Cast) -> None:
    by_bob(cast, back(cast, 2), MarkRead(room=cast.room.pk, msg_no=5, backs=0))
    assert mark(cast) == (1, 2)
    by_bob(cast, back(cast, 1, 1), MarkRead(room=cast.room.pk, msg_no=4, backs=2))
    assert mark(cast) == (2, 4)


def test_who_writes_after_it_has_read_everything_and_who_puts_it_back_after_writing_has_not(
    cast: Cast,
) -> None:
    by_bob(cast, back(cast, 2), post_command(cast.room, "mine"))
    assert mark(cast) == (1, 7)
    by_bob(cast, post_command(cast.room, "mine too"), back(cast, 3, 1))
    assert mark(cast) == (2, 3)


def test_a_mark_of_another_process_that_was_decided_before_it_does_not_undo_it(cast: Cast) -> None:
    row = membership(cast.room, cast.bob)
    Membership.objects.filter(pk=row.pk).update(read_msg_no=3)
    late = reads.move_markers({row.pk: (row.read_backs, 6)})
    by_bob(cast, back(cast, 2))
    statements.send([late])
    assert mark(cast) == (1, 2)
    statements.send([reads.move_markers({row.pk: (1, 5)})])
    statements.send([reads.move_markers({row.pk: (1, 4)})])
    assert mark(cast) == (1, 5)


def test_other_devices_are_told_how_often_it_went_back(cast: Cast) -> None:
    (event,) = by_bob(cast, back(cast, 2)).items
    assert b'"msg_no":2,"backs":1' in event.frame  # type: ignore[union-attr]
    assert by_bob(cast, back(cast, 2)).items == []
