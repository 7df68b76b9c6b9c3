from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from chat.actions.state import Request
from chat.models import Change, Membership, Message, Room, User
from chat.pipeline.execute import Executed, execute
from chat.protocol.commands import (
    AddReaction,
    Command,
    CreateRoom,
    JoinRoom,
    MarkRead,
    OpenDirect,
    PostMessage,
    RemoveMember,
)
from chat.protocol.errors import Refused
from tests.cast import Cast, membership
from tests.make import post, post_command
from tests.pipeline.threads import at_once, is_postgres, leave


def one(user: User, *commands: Command) -> Callable[[], Executed]:
    return lambda: execute([Request(user.pk, command) for command in commands])


def outcomes(executed: list[Executed]) -> list[Any]:
    return [outcome for one in executed for outcome in one.outcomes]


def codes(executed: list[Executed]) -> list[str]:
    return sorted(
        outcome.code.value if isinstance(outcome, Refused) else "ok" for outcome in outcomes(executed)
    )


def assert_dense(room: Room) -> None:
    room.refresh_from_db()
    seqs = list(Change.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, room.last_seq + 1))


def test_concurrent_batches_number_a_room_without_holes(cast: Cast) -> None:
    people = [cast.alice, cast.bob, cast.mina, cast.jiwoo]

    def many(user: User) -> Callable[[], Executed]:
        return one(user, *(post_command(cast.room, f"{user.handle} {n}") for n in range(10)))

    found = at_once([many(user) for user in people])
    assert codes(found) == ["ok"] * 40
    assert_dense(cast.room)
    messages = Message.objects.filter(room=cast.room)
    assert set(messages.values_list("msg_no", flat=True)) == set(range(1, 41))
    for user in people:
        own = messages.filter(sender=user).order_by("seq").values_list("body", flat=True)
        assert list(own) == [f"{user.handle} {n}" for n in range(10)]


def test_batches_that_lock_the_same_rooms_in_another_order_do_not_stop_each_other(cast: Cast) -> None:
    rooms = [cast.room, cast.plaza]
    found = at_once(
        [
            one(cast.alice, *(post_command(rooms[(n + turn) % 2], f"{turn} {n}") for n in range(6)))
            for turn in range(4)
        ]
    )
    assert codes(found) == ["ok"] * 24
    for room in rooms:
        assert_dense(room)


def test_the_same_post_from_several_processes_is_stored_once(cast: Cast) -> None:
    command = post_command(cast.room, "once")
    found = outcomes(at_once([one(cast.bob, command)] * 4))
    assert all(outcome == found[0] for outcome in found)
    assert Message.objects.filter(room=cast.room).count() == 1
    assert_dense(cast.room)


def test_the_same_id_in_two_rooms_at_once_is_one_message_and_one_conflict(cast: Cast) -> None:
    first = post_command(cast.room, "a")
    second = PostMessage(room=cast.plaza.pk, client_message_id=first.client_message_id, body="a")
    assert codes(at_once([one(cast.alice, first), one(cast.alice, second)])) == ["conflict", "ok"]
    assert Message.objects.count() == 1
    assert_dense(cast.room)
    assert_dense(cast.plaza)


def test_a_read_marker_never_goes_back(cast: Cast) -> None:
    for n in range(12):
        post(cast.room, cast.alice, str(n))
    marks = [one(cast.bob, MarkRead(room=cast.room.pk, msg_no=n)) for n in (3, 12, 7, 1)]
    assert codes(at_once(marks)) == ["ok"] * 4
    assert membership(cast.room, cast.bob).read_msg_no == 12


def test_a_read_marker_does_not_fall_behind_a_post_of_the_same_user(cast: Cast) -> None:
    post(cast.room, cast.alice, "first")
    found = at_once([one(cast.bob, post_command(cast.room, "hi"), MarkRead(room=cast.room.pk, msg_no=1))] * 1
                    + [one(cast.bob, MarkRead(room=cast.room.pk, msg_no=1))] * 3)  # fmt: skip
    assert codes(found) == ["ok"] * 5
    assert membership(cast.room, cast.bob).read_msg_no == 2


def test_the_same_reaction_twice_at_once_is_one(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "hi")
    found = at_once([one(cast.bob, AddReaction(message=message.pk, emoji="👍"))] * 3)
    assert codes(found) == ["ok"] * 3
    assert message.reactions.count() == 1
    assert_dense(cast.room)


def test_joining_twice_at_once_is_one_membership(cast: Cast) -> None:
    found = at_once([one(cast.bob, JoinRoom(room=cast.plaza.pk))] * 3)
    assert codes(found) == ["ok"] * 3
    assert Membership.objects.filter(room=cast.plaza, user=cast.bob).count() == 1
    assert Change.objects.filter(room=cast.plaza, subject=cast.bob).count() == 1


def test_a_direct_conversation_opened_from_both_sides_at_once_is_one(cast: Cast) -> None:
    asked = [
        one(cast.alice, OpenDirect(users=[cast.bob.pk])),
        one(cast.bob, OpenDirect(users=[cast.alice.pk])),
    ] * 2
    found = outcomes(at_once(asked))
    assert len({outcome["room"] for outcome in found}) == 1
    room = Room.objects.get(kind=Room.Kind.DIRECT)
    assert set(room.memberships.values_list("user_id", flat=True)) == {cast.alice.pk, cast.bob.pk}
    assert_dense(room)


def test_a_slug_asked_for_twice_at_once_is_given_once(cast: Cast) -> None:
    asked = [one(user, CreateRoom(name="News", slug="news")) for user in (cast.alice, cast.bob, cast.mina)]
    assert codes(at_once(asked)) == ["conflict", "conflict", "ok"]
    assert Room.objects.filter(slug="news").count() == 1


def test_a_room_ordered_again_while_the_first_order_is_under_way_is_made_once(cast: Cast) -> None:
    order = CreateRoom(name="News", client_room_id="only-once")
    found = outcomes(at_once([one(cast.alice, order)] * 3))
    assert len({outcome["room"] for outcome in found}) == 1
    room = Room.objects.get(name="News")
    assert list(room.memberships.values_list("user_id", "role")) == [(cast.alice.pk, "owner")]
    assert_dense(room)


def test_rooms_of_the_same_name_made_at_once_find_their_own_slugs(cast: Cast) -> None:
    asked = [one(user, CreateRoom(name="News")) for user in (cast.alice, cast.bob)]
    assert codes(at_once(asked)) == ["ok", "ok"]
    assert set(Room.objects.filter(name="News").values_list("slug", flat=True)) == {"news", "news-2"}


def test_nothing_is_posted_after_the_seq_of_ones_removal(cast: Cast) -> None:
    posts = [one(cast.bob, *(post_command(cast.room, f"{turn} {n}") for n in range(5))) for turn in range(3)]
    found = at_once([*posts, one(cast.alice, RemoveMember(room=cast.room.pk, user=cast.bob.pk))])
    left_seq = membership(cast.room, cast.bob).left_seq
    assert left_seq is not None
    own = list(Message.objects.filter(sender=cast.bob).values_list("seq", flat=True))
    assert all(seq < left_seq for seq in own)
    assert set(codes(found)) <= {"ok", "not_found"}
    assert len(own) + 1 == codes(found).count("ok")


@contextmanager
def row_held(room: Room) -> Iterator[Callable[[], None]]:
    """Hold a room's lock in another transaction until the given function is called."""
    held, release = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Room.objects.select_for_update().get(pk=room.pk)
                held.set()
                release.wait(20)
        finally:
            connections.close_all()

    thread = Thread(target=hold)
    thread.start()
    assert held.wait(10)

    def let_go() -> None:
        release.set()
        thread.join(10)

    try:
        yield let_go
    finally:
        let_go()


@contextmanager
def impatient() -> Iterator[None]:
    """Wait for locks only for a moment on this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '30ms'" if is_postgres() else "PRAGMA busy_timeout = 30")
    try:
        yield
    finally:
        leave()


def test_a_lock_that_is_given_back_costs_another_try_and_no_answer(cast: Cast) -> None:
    failures: list[Exception] = []
    with row_held(cast.room) as let_go, impatient():

        def watch(run: Callable[..., Any], *args: Any) -> Any:
            try:
                return run(*args)
            except OperationalError as error:
                failures.append(error)
                let_go()
                raise

        with connection.execute_wrapper(watch):
            executed = execute([Request(cast.bob.pk, post_command(cast.room, "patient"))])
    assert len(failures) == 1
    assert codes([executed]) == ["ok"]
    assert Message.objects.filter(room=cast.room).count() == 1
    assert_dense(cast.room)


def test_a_lock_that_is_never_given_back_is_answered_with_come_again(cast: Cast) -> None:
    with row_held(cast.room), impatient():
        executed = execute(
            [
                Request(cast.bob.pk, post_command(cast.room, "a")),
                Request(cast.alice.pk, post_command(cast.room, "b")),
            ]
        )
    assert codes([executed]) == ["busy", "busy"]
    assert not Message.objects.exists()


def test_the_loser_of_a_deadlock_tries_again(cast: Cast) -> None:
    if not is_postgres():
        pytest.skip("SQLite has one writer: there is nothing to lock crosswise")
    owns_member, cross, failures = Event(), Event(), []

    def other() -> None:
        try:
            with transaction.atomic():
                Membership.objects.select_for_update().get(room=cast.room, user=cast.bob)
                owns_member.set()
                cross.wait(10)
                Room.objects.select_for_update().get(pk=cast.room.pk)
        finally:
            connections.close_all()

    def watch(run: Callable[..., Any], sql: str, *args: Any) -> Any:
        if 'UPDATE "chat_membership"' in sql:
            cross.set()
        try:
            return run(sql, *args)
        except OperationalError as error:
            failures.append(type(error.__cause__).__name__)
            raise

    thread = Thread(target=other)
    thread.start()
    assert owns_member.wait(10)
    with connection.cursor() as cursor:
        # Who asks first whether there is a deadlock, loses it.
        cursor.execute("SET deadlock_timeout = '200ms'")
    try:
        with connection.execute_wrapper(watch):
            executed = execute([Request(cast.bob.pk, post_command(cast.room, "hi"))])
    finally:
        cross.set()
        thread.join(10)
        leave()
    assert set(failures) == {"DeadlockDetected"}
    assert codes([executed]) == ["ok"]
    assert_dense(cast.room)
