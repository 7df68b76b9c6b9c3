from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError

from chat.models import Change, Membership, Message, OutboxEntry, Room
from chat.models.statements import Statement, ids, insert, new_ids, select, send, update
from tests.cast import Cast, membership
from tests.make import post

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
NAMES = ("id", "room_id", "seq", "msg_no", "sender_id", "body", "html", "client_digest", "at")


def row(cast: Cast, pk: int, body: str, **fields: Any) -> tuple[Any, ...]:
    values = dict(
        zip(NAMES, (pk, cast.room.pk, 1_000 + pk, None, cast.bob.pk, body, None, "", NOW), strict=True)
    )
    return tuple((values | fields).values())


@pytest.mark.parametrize(
    "body",
    ["", "NULL", "null", "{}", "{a,b}", 'a "b" c', "a\\b", "\\", "'", "%s %(x)s %", "a\nb\tc\r", "👍 안", "x" * 9_000],
)  # fmt: skip
def test_a_text_comes_back_as_it_was(cast: Cast, body: str) -> None:
    send([insert(Message, NAMES, [row(cast, 500, body, html=body), row(cast, 501, "other")])])
    found = Message.objects.get(pk=500)
    assert (found.body, found.html, found.msg_no, found.at) == (body, body, None, NOW)
    asked = select(Message, ("id", "body"), ("id",), [(501,), (500,), (999,)])
    send([asked])
    assert sorted(asked.rows) == [(500, body), (501, "other")]


@pytest.mark.parametrize("body", ["\ud800", "a\ud800b"])
def test_a_text_that_nobody_can_hold_is_a_bad_value(cast: Cast, body: str) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        send([insert(Message, NAMES, [row(cast, 500, body)])])
    assert not Message.objects.filter(pk=500).exists()


def test_a_text_that_is_too_long_or_has_a_nul_is_refused_and_not_cut(cast: Cast) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite takes both")
    for bad in (row(cast, 500, "a\x00b"), row(cast, 500, "x", client_digest="y" * 33)):
        with pytest.raises(DataError):
            send([insert(Message, NAMES, [bad])])
        assert not Message.objects.filter(pk=500).exists()


def test_a_pair_is_found_and_not_what_half_of_it_fits(cast: Cast) -> None:
    wanted = [(cast.room.pk, cast.bob.pk), (cast.plaza.pk, cast.alice.pk), (cast.plaza.pk, cast.bob.pk)]
    asked = select(Membership, ("room_id", "user_id"), ("room_id", "user_id"), wanted)
    send([asked])
    assert sorted(asked.rows) == sorted(wanted[:2])


def test_the_tail_is_part_of_the_query(cast: Cast) -> None:
    Room.objects.filter(pk=cast.plaza.pk).update(deleted_at=NOW)
    wanted = [(cast.room.pk,), (cast.plaza.pk,)]
    asked = select(Room, ("id",), ("id",), wanted, "WHERE found.deleted_at IS NULL")
    send([asked])
    assert asked.rows == [(cast.room.pk,)]


def test_an_update_sets_each_row_to_its_own(cast: Cast) -> None:
    rows = [(cast.room.pk, 70, NOW), (cast.plaza.pk, 80, None)]
    send([update(Room, ("id", "last_msg_no", "last_at"), rows)])
    found = Room.objects.filter(pk__in=[cast.room.pk, cast.plaza.pk]).order_by("pk")
    assert sorted(found.values_list("pk", "last_msg_no", "last_at")) == sorted(rows)


def test_an_update_upwards_leaves_what_is_larger(cast: Cast) -> None:
    low, high = membership(cast.room, cast.bob), membership(cast.room, cast.mina)
    Membership.objects.filter(pk=high.pk).update(read_msg_no=9)
    send([update(Membership, ("id", "read_msg_no"), [(low.pk, 5), (high.pk, 5)], only_upwards=True)])
    low.refresh_from_db()
    high.refresh_from_db()
    assert (low.read_msg_no, high.read_msg_no) == (5, 9)


def test_what_is_there_already_may_be_left_alone(transactional_db: None) -> None:
    names = ("task", "key", "payload", "created_at", "not_before", "attempts", "last_error")
    for note in ("first", "second"):
        send(
            [
                insert(
                    OutboxEntry, names, [("a", "key", '{"n": 1}', NOW, NOW, 0, note)], ignores_conflicts=True
                )
            ]
        )
    (entry,) = OutboxEntry.objects.all()
    assert (entry.last_error, entry.payload, entry.not_before) == ("first", {"n": 1}, NOW)


def test_new_ids_are_above_all_and_are_given_once(cast: Cast) -> None:
    last = post(cast.room, cast.bob, "hi").pk
    with transaction.atomic():
        asked = new_ids(Message, 3)
        send([asked])
        found = ids(asked, 3)
        send([insert(Message, NAMES, [row(cast, pk, "x") for pk in found])])
    assert found == [last + 1, last + 2, last + 3]
    assert post(cast.room, cast.bob, "hi").pk > found[-1]


def test_the_id_of_a_deleted_message_does_not_come_back(cast: Cast) -> None:
    last = post(cast.room, cast.bob, "hi").pk
    Message.objects.all().delete()
    assert post(cast.room, cast.bob, "hi").pk > last


def test_the_first_failure_is_told_and_nothing_after_it_is_done(cast: Cast) -> None:
    twice = insert(Message, NAMES, [row(cast, 500, "a"), row(cast, 501, "b", seq=1_500)])
    after = [update(Room, ("id", "name"), [(cast.room.pk, name)]) for name in ("x", "y", "z")]
    with pytest.raises(IntegrityError), transaction.atomic():
        send([twice, *after])
    assert Room.objects.get(pk=cast.room.pk).name == "Maru team"
    assert not Message.objects.filter(pk__in=[500, 501]).exists()
    # The connection is as good as before.
    send([insert(Message, NAMES, [row(cast, 500, "a")])])


def test_each_statement_sees_what_those_before_it_did(cast: Cast) -> None:
    asked = select(Message, ("id",), ("id",), [(500,)])
    send([insert(Message, NAMES, [row(cast, 500, "a")]), asked])
    assert asked.rows == [(500,)]


def test_a_lost_connection_is_told_as_one(cast: Cast) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connection to lose")
    bad = Statement("SELECT pg_terminate_backend(pg_backend_pid())", ())
    with pytest.raises(OperationalError) as caught:
        send([bad, select(Room, ("id",), ("id",), [(1,)])])
    assert caught.value.__cause__ is not None
    connection.close()


def test_nothing_is_nothing_and_a_wrapper_sees_the_rest(cast: Cast) -> None:
    seen: list[str] = []

    def note(run: Any, sql: str, *args: Any) -> Any:
        seen.append(sql)
        return run(sql, *args)

    with connection.execute_wrapper(note):
        send([])
        assert seen == []
        send([select(Room, ("id",), ("id",), [(1,)]), select(Change, ("seq",), ("room_id",), [(1,)])])
    assert "FROM" in seen[0]
    assert len(seen) == (1 if connection.vendor == "postgresql" else 2)


def test_after_a_failure_nothing_is_sent_into_the_same_transaction(cast: Cast) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite goes on")

    def go_on() -> None:
        with transaction.atomic():
            with pytest.raises(IntegrityError), transaction.atomic(savepoint=False):
                Room.objects.create(pk=cast.room.pk)
            send([select(Room, ("id",), ("id",), [(1,)])])

    with pytest.raises(TransactionManagementError):
        go_on()
