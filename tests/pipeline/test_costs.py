"""What a batch costs, counted: statements, round trips, model instances. None of it may grow with the batch."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.models.signals import pre_init

from chat.actions.state import Request
from chat.models import Message, Room
from chat.pipeline import execute as module
from chat.pipeline.execute import Executed, execute
from chat.protocol.commands import Command, MarkRead
from chat.text.render import render
from tests.cast import Cast, make_room
from tests.make import post_command
from tests.pipeline.threads import is_postgres

# Read the rooms, users, memberships, what was sent and new ids; write messages, markers, log and rooms.
_STATEMENTS = 9
# BEGIN with all reads; all writes with COMMIT.
_TRIPS = 2


@pytest.fixture
def rooms(cast: Cast) -> list[Room]:
    return [make_room(cast.alice, cast.bob, cast.mina, name=f"Room {n}") for n in range(20)]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what is carried out; statements that go together count each."""
    asked: list[str] = []

    def note(run: Callable[..., Any], sql: str, *args: Any) -> Any:
        asked.extend(sql.split("; "))
        return run(sql, *args)

    with connection.execute_wrapper(note):
        yield asked


@contextmanager
def trips() -> Iterator[list[str]]:
    """Collect the messages on the wire after which the client waits for the server."""
    connection.ensure_connection()
    link: psycopg.Connection[Any] = connection.connection
    waits: list[str] = []
    with tempfile.TemporaryFile() as trace:
        link.pgconn.trace(trace.fileno())
        link.pgconn.set_trace_flags(psycopg.pq.Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield waits
        finally:
            link.pgconn.untrace()
        trace.seek(0)
        lines = [line.split("\t") for line in trace.read().decode(errors="replace").splitlines()]
    sent = [line[2] for line in lines if line[0] == "F" and len(line) > 2]
    for before, message in zip(["", *sent[:-1]], sent, strict=True):
        # A Flush asks for answers on the way; after a Sync they come by themselves.
        if message in ("Query", "Sync") or (message == "Flush" and before != "Sync"):
            waits.append(message)


def posts(cast: Cast, count: int, rooms: list[Room], text: str = "hi") -> list[Request]:
    people = [cast.alice, cast.bob, cast.mina]
    return [
        Request(people[n % 3].pk, post_command(rooms[n % len(rooms)], f"{text} {n}")) for n in range(count)
    ]


def carried_out(requests: list[Request]) -> Executed:
    executed = execute(requests)
    assert all(isinstance(outcome, dict) for outcome in executed.outcomes)
    return executed


@pytest.mark.parametrize("room_count", [1, 20])
@pytest.mark.parametrize("count", [1, 10, 200])
def test_a_batch_of_posts_takes_so_many_statements(
    cast: Cast, rooms: list[Room], count: int, room_count: int
) -> None:
    with statements() as asked:
        carried_out(posts(cast, count, rooms[:room_count]))
    # Some begin or end a transaction in ways that pass here.
    assert len([sql for sql in asked if sql not in ("BEGIN IMMEDIATE", "COMMIT")]) == _STATEMENTS


def test_statements_have_one_text_however_large_the_batch(cast: Cast, rooms: list[Room]) -> None:
    with statements() as few:
        carried_out(posts(cast, 1, rooms[:1]))
    with statements() as many:
        carried_out(posts(cast, 60, rooms))
    assert many == few


@pytest.mark.parametrize("room_count", [1, 20])
@pytest.mark.parametrize("count", [1, 10, 200])
def test_a_batch_of_posts_goes_so_often_to_the_server_and_back(
    cast: Cast, rooms: list[Room], count: int, room_count: int
) -> None:
    if not is_postgres():
        pytest.skip("SQLite is in this process")
    carried_out(posts(cast, 1, rooms))
    with trips() as waits:
        carried_out(posts(cast, count, rooms[:room_count]))
    assert len(waits) == _TRIPS, waits


def test_names_cost_one_trip_more_and_read_marks_none(cast: Cast, rooms: list[Room]) -> None:
    if not is_postgres():
        pytest.skip("SQLite is in this process")
    with trips() as waits:
        carried_out(
            [*posts(cast, 20, rooms, "hi @bob"), Request(cast.alice.pk, MarkRead(room=rooms[0].pk, msg_no=1))]
        )
    assert len(waits) == _TRIPS + 1, waits


def test_no_model_is_constructed_for_a_post(cast: Cast, rooms: list[Room]) -> None:
    made: list[str] = []

    def note(sender: type[Any], **_: Any) -> None:
        made.append(sender.__name__)

    carried_out(posts(cast, 3, rooms))
    pre_init.connect(note)
    try:
        carried_out(posts(cast, 60, rooms))
    finally:
        pre_init.disconnect(note)
    assert made == []


def test_a_text_is_rendered_before_any_lock(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def noted(body: str, handles: dict[str, int]) -> str | None:
        order.append("render")
        return render(body, handles)

    def note(run: Callable[..., Any], sql: str, *args: Any) -> Any:
        order.append("statement")
        return run(sql, *args)

    monkeypatch.setattr(module, render.__name__, noted)
    command: Command = post_command(cast.room, "**b**")
    with connection.execute_wrapper(note):
        carried_out([Request(cast.bob.pk, command)])
    assert re.fullmatch("(render)(statement)+", "".join(order))
    assert Message.objects.get(room=cast.room).html == "<p><strong>b</strong></p>"
