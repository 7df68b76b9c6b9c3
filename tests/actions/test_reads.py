import pytest

from chat.actions.reads import ReadMarked
from chat.protocol.commands import MarkRead, MarkUnread
from chat.protocol.errors import ErrorCode
from tests.actions.world import ADMIN, BANNED, HIDDEN_ROOM, LEFT, MEMBER, MISSING, MUTED, NOW, OUTSIDER, World


def mark(world: World, msg_no: int, actor: int = MEMBER) -> tuple[int, int]:
    decision = world.decide(actor, MarkRead(room=5, msg_no=msg_no))
    assert all(isinstance(draft, ReadMarked) for draft in decision.drafts)
    return decision.result()["msg_no"], len(decision.drafts)


def put_back(world: World, msg_no: int, backs: int, actor: int = MEMBER) -> tuple[int, int, int]:
    decision = world.decide(actor, MarkUnread(room=5, msg_no=msg_no, backs=backs))
    result = decision.result()
    return result["msg_no"], result["backs"], len(decision.drafts)


def test_the_highest_mark_wins() -> None:
    world = World()
    assert mark(world, 10) == (10, 1)
    assert mark(world, 4) == (10, 0)
    assert mark(world, 10) == (10, 0)
    assert mark(world, 11) == (11, 1)


def test_a_mark_beyond_the_last_message_stops_there() -> None:
    assert mark(World(), 2**50) == (30, 1)


def test_a_mark_is_no_change_of_the_room() -> None:
    world = World()
    mark(world, 10)
    assert world.room.last_seq == 40


def test_the_muted_and_the_archived_can_be_read() -> None:
    assert mark(World(archived_at=NOW), 3, MUTED) == (3, 1)


@pytest.mark.parametrize("actor", [OUTSIDER, LEFT, BANNED, ADMIN])
def test_a_mark_by_an_outsider_is_refused_like_one_in_a_missing_room(actor: int) -> None:
    world = World()
    missed = world.refused(actor, MarkRead(room=MISSING, msg_no=1))
    assert world.refused(actor, MarkRead(room=5, msg_no=1)) == missed == HIDDEN_ROOM


def test_who_reads_an_open_room_without_being_in_it_has_no_marker() -> None:
    assert World("open").refused(OUTSIDER, MarkRead(room=5, msg_no=1))[0] is ErrorCode.FORBIDDEN


def test_a_mark_is_put_back_once_however_often_that_is_said() -> None:
    world = World()
    mark(world, 20)
    assert put_back(world, 7, backs=0) == (7, 1, 1)
    assert put_back(world, 7, backs=0) == (7, 1, 0)
    assert put_back(world, 3, backs=0) == (7, 1, 0)


def test_what_was_said_before_a_mark_went_back_does_not_move_it() -> None:
    world = World()
    mark(world, 20)
    put_back(world, 7, backs=0)
    late = world.decide(MEMBER, MarkRead(room=5, msg_no=25, backs=0))
    assert (late.drafts, late.result()) == ([], {"room": 5, "msg_no": 7, "backs": 1})
    world.decide(MEMBER, MarkRead(room=5, msg_no=25, backs=1))
    assert put_back(world, 7, backs=0) == (25, 1, 0)


def test_a_mark_without_backs_counts_as_of_now() -> None:
    world = World()
    mark(world, 20)
    put_back(world, 7, backs=0)
    assert mark(world, 9) == (9, 1)


def test_a_mark_is_not_put_back_to_where_it_is_or_further() -> None:
    world = World()
    mark(world, 20)
    assert put_back(world, 20, backs=0) == (20, 0, 0)
    assert put_back(world, 25, backs=0) == (20, 0, 0)
    assert put_back(world, 5, backs=4) == (20, 0, 0)


def test_the_muted_may_put_their_mark_back_in_an_archived_room() -> None:
    world = World(archived_at=NOW)
    mark(world, 20, MUTED)
    assert put_back(world, 3, 0, MUTED) == (3, 1, 1)


@pytest.mark.parametrize("actor", [OUTSIDER, LEFT, BANNED, ADMIN])
def test_to_put_a_mark_back_by_an_outsider_is_refused_like_in_a_missing_room(actor: int) -> None:
    world = World()
    missed = world.refused(actor, MarkUnread(room=MISSING, msg_no=1, backs=0))
    assert world.refused(actor, MarkUnread(room=5, msg_no=1, backs=0)) == missed == HIDDEN_ROOM
