"""Writes and COMMIT go to PostgreSQL together: what is known of them when the connection is lost meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from chat.actions.state import Request
from chat.models import Change, Message
from chat.pipeline.execute import execute
from chat.protocol.commands import JoinRoom, PostMessage
from chat.protocol.errors import ErrorCode, Refused
from tests.cast import Cast
from tests.make import post_command
from tests.pipeline.threads import is_postgres

Wrapper = Callable[..., Any]


@pytest.fixture(autouse=True)
def _has_trips() -> None:
    if not is_postgres():
        pytest.skip("SQLite is in this process")


def lost(times: int, *, after: bool) -> tuple[Wrapper, list[str]]:
    """Lose the connection before or after the last trip has reached the server, so many times."""
    trips: list[str] = []

    def lose(run: Wrapper, sql: str, *args: Any) -> Any:
        if not sql.endswith("COMMIT"):
            return run(sql, *args)
        trips.append(sql)
        if len(trips) > times:
            return run(sql, *args)
        if after:
            run(sql, *args)
        connection.connection.close()
        raise OperationalError("lost")

    return lose, trips


def carried_out(wrapper: Wrapper, *commands: PostMessage | JoinRoom, actor: int) -> list[Any]:
    with connection.execute_wrapper(wrapper):
        return list(execute([Request(actor, command) for command in commands]).outcomes)


@pytest.mark.parametrize("after", [False, True])
def test_a_connection_lost_once_is_tried_again_and_stored_once(cast: Cast, after: bool) -> None:
    lose, trips = lost(1, after=after)
    (outcome,) = carried_out(lose, post_command(cast.room, "once"), actor=cast.bob.pk)
    message = Message.objects.get(room=cast.room)
    assert (outcome["id"], outcome["seq"]) == (message.pk, message.seq)
    assert Change.objects.filter(room=cast.room, message=message).count() == 1
    # What the first try has stored is found by the second: nothing is left to write.
    assert len(trips) == (1 if after else 2)


@pytest.mark.parametrize("after", [False, True])
def test_a_connection_lost_each_time_leaves_it_unknown(cast: Cast, after: bool) -> None:
    lose, _ = lost(9, after=after)

    def always(run: Wrapper, sql: str, *args: Any) -> Any:
        if after and tried and "nextval" in sql:
            raise OperationalError("lost")
        tried.append(sql)
        return lose(run, sql, *args)

    tried: list[str] = []
    (outcome,) = carried_out(always, post_command(cast.room, "x"), actor=cast.bob.pk)
    assert isinstance(outcome, Refused)
    assert outcome.code is ErrorCode.UNKNOWN_OUTCOME
    assert Message.objects.filter(room=cast.room).count() == after


@pytest.mark.parametrize(
    "trigger",
    [
        "CREATE TRIGGER refusing BEFORE UPDATE ON chat_room",
        # Fires at COMMIT.
        "CREATE CONSTRAINT TRIGGER refusing AFTER INSERT ON chat_message DEFERRABLE INITIALLY DEFERRED FOR EACH ROW",
    ],
    ids=["statement", "commit"],
)
def test_an_error_that_the_server_tells_is_no_unknown_outcome(cast: Cast, trigger: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END$$;"
            f"{trigger} EXECUTE FUNCTION refuse()"
        )
    try:
        (outcome,) = execute([Request(cast.bob.pk, post_command(cast.room, "x"))]).outcomes
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse CASCADE")
    assert isinstance(outcome, Refused)
    assert outcome.code is ErrorCode.UNAVAILABLE
    assert not Message.objects.filter(room=cast.room).exists()


def test_what_needs_reading_before_commit_keeps_its_own(cast: Cast) -> None:
    lose, trips = lost(9, after=False)
    commands = (JoinRoom(room=cast.plaza.pk), post_command(cast.plaza, "hi"))
    assert [type(outcome) for outcome in carried_out(lose, *commands, actor=cast.bob.pk)] == [dict, dict]
    assert trips == []
    assert not connection.in_atomic_block
    assert connection.get_autocommit()


def test_inside_of_another_transaction_nothing_is_committed(cast: Cast) -> None:
    with transaction.atomic():
        execute([Request(cast.bob.pk, post_command(cast.room, "x"))])
        assert Message.objects.filter(room=cast.room).exists()
        transaction.set_rollback(True)
    assert not Message.objects.filter(room=cast.room).exists()
