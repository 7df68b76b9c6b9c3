from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.features.exports import keeping, running, workspace
from chat.features.exports.paging import PAGE_COUNT
from chat.features.exports.running import Outcome
from chat.models import Change, Membership, Message, Room, User
from chat.pipeline.run import run
from chat.protocol.commands import (
    AddReaction,
    DeleteRoom,
    EditMessage,
    JoinRoom,
    LeaveRoom,
    OpenDirect,
    PostMessage,
)
from tests.cast import Cast, make_room, make_user
from tests.features.exports.files import ask, bodies, fill, read, taken
from tests.make import client_message_id, post


@pytest.fixture
def owner(cast: Cast) -> User:
    return make_user("omar", role=User.Role.OWNER)


def say_to_carol(cast: Cast) -> int:
    direct: int = run(cast.bob.pk, OpenDirect(users=[cast.carol.pk]))["room"]
    run(cast.bob.pk, PostMessage(room=direct, client_message_id=client_message_id(), body="to Carol alone"))
    return direct


def test_all_rooms_are_in_it_the_closed_ones_too_but_no_conversations(cast: Cast) -> None:
    said = post(cast.room, cast.bob, "in a closed room, @mina")
    run(cast.bob.pk, EditMessage(message=said.pk, body="in a closed room, @mina!"))
    run(cast.alice.pk, AddReaction(message=said.pk, emoji="👍"))
    post(cast.plaza, cast.alice, "in an open one")
    gone = make_room(cast.alice, name="Gone")
    post(gone, cast.alice, "in a room that is no more")
    run(cast.alice.pk, DeleteRoom(room=gone.pk))
    direct = say_to_carol(cast)
    manifest, lines = taken(cast.admin, kind="workspace")
    assert {line["name"] for line in lines["rooms"]} == {"Lobby", "Maru team", "Plaza"}
    assert sorted(bodies(lines)) == ["in a closed room, @mina!", "in an open one"]
    message = next(line for line in lines["messages"] if line["id"] == said.pk)
    assert [text["body"] for text in message["earlier"]] == ["in a closed room, @mina"]
    assert message["reactions"] == [{"user": cast.alice.pk, "emoji": "👍"}]
    assert message["mentions"] == [cast.mina.pk]
    assert manifest["has_directs"] is False
    assert str(direct) not in manifest["rooms"]
    assert "to Carol alone" not in str(lines)


def test_conversations_are_in_it_where_the_owner_has_said_why(cast: Cast, owner: User) -> None:
    direct = say_to_carol(cast)
    manifest, lines = taken(owner, kind="workspace", directs=True, reason="a court has asked")
    assert bodies(lines) == ["to Carol alone"]
    assert manifest["has_directs"] is True
    assert str(direct) in manifest["rooms"]


def test_everything_that_is_named_is_there_and_no_secret_is(cast: Cast) -> None:
    said = post(cast.room, cast.bob, "hello @mina")
    run(cast.alice.pk, AddReaction(message=said.pk, emoji="👍"))
    manifest, lines = taken(cast.admin, kind="workspace")
    users, rooms = ({line["id"] for line in lines[kind]} for kind in ("users", "rooms"))
    messages = {line["id"] for line in lines["messages"]}
    assert users == set(User.objects.values_list("pk", flat=True))
    assert {line["user_id"] for line in lines["members"]} <= users
    for line in lines["changes"]:
        assert line["room_id"] in rooms
        assert {line["actor_id"], line["subject_id"]} - {None} <= users
        assert line["message_id"] is None or line["message_id"] in messages
    for room in rooms:
        seqs = [line["seq"] for line in lines["changes"] if line["room_id"] == room]
        assert seqs == list(range(1, manifest["rooms"][str(room)] + 1))
    cast.bob.refresh_from_db()
    assert cast.bob.password not in str(lines)
    assert not {"password", "session_salt"} & set(lines["users"][0])


def test_nothing_that_is_posted_after_the_cut_of_a_room_is_in_it(cast: Cast) -> None:
    post(cast.room, cast.bob, "before")
    steps: list[str] = []

    def go_on(step: str, _percent: int, _rows: int) -> None:
        # When the room that comes first is being read, people write in both.
        if steps == ["rooms"]:
            post(cast.room, cast.bob, "after the cut")
            post(cast.plaza, cast.alice, "its turn comes later")
            Membership.objects.create(room=cast.room, user=cast.carol, joined_seq=10**6)
            run(cast.jiwoo.pk, LeaveRoom(room=cast.room.pk))
            run(cast.admin.pk, JoinRoom(room=cast.plaza.pk))
        steps.append(step)

    # The lobby, which is empty, comes first.
    Room.objects.filter(slug="lobby").delete()
    row = ask(cast.admin, kind="workspace")
    assert running.work(row.pk, go_on) is Outcome.READY
    manifest, lines = read(keeping.path_of(row))
    assert bodies(lines) == ["before", "its turn comes later"]
    cut = manifest["rooms"][str(cast.room.pk)]
    assert cut < Room.objects.get(pk=cast.room.pk).last_seq
    assert max(line["seq"] for line in lines["changes"] if line["room_id"] == cast.room.pk) == cut
    inside = {line["user_id"]: line for line in lines["members"] if line["room_id"] == cast.room.pk}
    # Who left after it was in, who came after it was not.
    assert inside[cast.jiwoo.pk]["left_seq"] is None
    assert cast.carol.pk not in inside


def test_memory_and_queries_are_bounded_by_the_page_and_not_by_the_workspace(cast: Cast) -> None:
    row = ask(cast.admin, kind="workspace")

    def cost() -> tuple[int, int, list[str]]:
        place: Any = workspace.begin(row)
        largest = pages = 0
        with CaptureQueriesContext(connection) as queries:
            while place is not None:
                page = workspace.page(row, place)
                largest = max(largest, sum(len(lines) for lines in page.lines.values()))
                pages, place = pages + 1, page.place
        return largest, pages, [query["sql"] for query in queries.captured_queries]

    _, pages_before, queries_before = cost()
    fill(cast.room, cast.bob, 4 * PAGE_COUNT)
    largest, pages, queries = cost()
    assert largest == PAGE_COUNT
    assert pages == pages_before + 4
    # A page of messages is one query, and one for each kind of thing that any message may have hanging on it.
    assert len(queries) == len(queries_before) + 4 * 8
    of_messages = [sql for sql in queries if sql.startswith('SELECT "chat_message"')]
    assert len(of_messages) > 4
    assert all(f"LIMIT {PAGE_COUNT}" in sql and "OFFSET" not in sql for sql in of_messages)
    assert not any("OFFSET" in sql for sql in queries)


def test_how_far_it_is_only_rises_and_ends_before_the_whole(cast: Cast) -> None:
    fill(cast.room, cast.bob, 3 * PAGE_COUNT)
    fill(cast.plaza, cast.alice, PAGE_COUNT)
    told: list[int] = []
    row = ask(cast.admin, kind="workspace")
    assert running.work(row.pk, lambda _step, percent, _rows: told.append(percent)) is Outcome.READY
    assert told == sorted(told)
    assert len(set(told)) > 4
    assert told[-1] == 99
    row.refresh_from_db()
    assert (row.percent, row.rows_count) == (100, Message.objects.count() + _others(cast))


def _others(cast: Cast) -> int:
    rooms = Room.objects.count()
    members = Membership.objects.count()
    return rooms + members + Change.objects.count() + User.objects.count()
