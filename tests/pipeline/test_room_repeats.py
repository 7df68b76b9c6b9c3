from chat.actions.state import Request
from chat.live.envelope import Head
from chat.models import Room, User
from chat.pipeline.execute import Outcome, execute
from chat.protocol.commands import AddMember, CreateRoom, DeleteRoom, LeaveRoom, UpdateMember, UpdateRoom
from chat.protocol.errors import ErrorCode, Refused
from tests.cast import Cast

ORDER = CreateRoom(name="News", kind="closed", client_room_id="only-once")


def asked(user: User, *commands: object) -> list[Outcome]:
    return execute([Request(user.pk, command) for command in commands]).outcomes  # type: ignore[arg-type]


def made(user: User) -> int:
    (outcome,) = asked(user, ORDER)
    assert isinstance(outcome, dict)
    return int(outcome["room"])


def refused(outcome: Outcome) -> ErrorCode:
    assert isinstance(outcome, Refused)
    return outcome.code


def test_a_room_ordered_twice_is_made_once(cast: Cast) -> None:
    room = made(cast.alice)
    executed = execute([Request(cast.alice.pk, ORDER), Request(cast.alice.pk, ORDER)])
    assert executed.outcomes == [{"room": room, "seq": 1}] * 2
    # Whoever has missed the first one looks.
    assert executed.items == [Head(room, 1)]
    assert Room.objects.filter(name="News").count() == 1


def test_a_room_ordered_twice_in_one_batch_is_made_once(cast: Cast) -> None:
    first, second = asked(cast.alice, ORDER, ORDER)
    assert first == second
    assert Room.objects.filter(name="News").count() == 1


def test_a_repeat_finds_the_room_under_another_name(cast: Cast) -> None:
    room = made(cast.alice)
    asked(cast.alice, UpdateRoom(room=room, name="Old news"))
    assert asked(cast.alice, ORDER) == [{"room": room, "seq": 2}]


def test_the_same_id_of_somebody_else_is_another_room(cast: Cast) -> None:
    assert made(cast.alice) != made(cast.bob)


def test_rooms_without_an_id_are_made_each_time(cast: Cast) -> None:
    asked(cast.alice, CreateRoom(name="News"), CreateRoom(name="News"))
    assert Room.objects.filter(name="News").count() == 2


def test_a_repeat_does_not_bring_a_deleted_room_back(cast: Cast) -> None:
    asked(cast.alice, DeleteRoom(room=made(cast.alice)))
    (outcome,) = asked(cast.alice, ORDER)
    assert refused(outcome) is ErrorCode.NOT_FOUND
    assert not Room.objects.filter(name="News", deleted_at=None).exists()


def test_a_repeat_tells_nothing_of_a_room_that_one_has_left(cast: Cast) -> None:
    room = made(cast.alice)
    asked(
        cast.alice,
        AddMember(room=room, user=cast.bob.pk),
        UpdateMember(room=room, user=cast.bob.pk, role="owner"),
        LeaveRoom(room=room),
    )
    (outcome,) = asked(cast.alice, ORDER)
    assert refused(outcome) is ErrorCode.NOT_FOUND
