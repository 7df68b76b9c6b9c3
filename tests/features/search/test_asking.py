from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from chat.features.search import asking, candidates, facts, fresh, indexing, scope
from chat.features.search.asking import Answer, Asked
from chat.models import Message, Room, User
from chat.pipeline.run import run
from chat.protocol.commands import (
    AddReaction,
    DeleteMessage,
    DeleteRoom,
    EditMessage,
    LeaveRoom,
    OpenDirect,
    RemoveMember,
    RemoveReaction,
)
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from tests.cast import Cast
from tests.features.search.conftest import has_fact, post_file
from tests.make import make_room, make_user, post


def ask(user: User, q: str, now: datetime | None = None, **fields: Any) -> Answer:
    return asking.ask(user, Asked(q, **fields), now or timezone.now())


def found(user: User, q: str, **fields: Any) -> list[int]:
    answer = ask(user, q, **fields)
    return [find.message.pk for find in answer.finds]


@pytest.fixture(params=["indexed", "fresh", "changed since"])
def settle(request: pytest.FixtureRequest) -> Callable[[], None]:
    """Have what was posted found in the index, beside it, or in both."""

    def run_index() -> None:
        if request.param != "fresh":
            indexing.go_on()
        if request.param == "changed since":
            # Both ways at once: the index knows them, and they are looked through again.
            from chat.models import SearchRoom

            SearchRoom.objects.update(seq=1)

    return run_index


def test_words_parts_and_phrases_are_found_newest_first(cast: Cast, settle: Callable[[], None]) -> None:
    first = post(cast.room, cast.alice, "내일 회의실에서 release plan")
    second = post(cast.room, cast.bob, "회의 is over, plan the release of user_id2")
    post(cast.room, cast.bob, "nothing else")
    settle()
    assert found(cast.jiwoo, "회의") == [second.pk, first.pk]
    assert found(cast.jiwoo, "회의실") == [first.pk]
    assert found(cast.jiwoo, '"release plan"') == [first.pk]
    assert found(cast.jiwoo, "plan release") == [second.pk, first.pk]
    assert found(cast.jiwoo, "elea") == [second.pk, first.pk]
    assert found(cast.jiwoo, "user_id") == [second.pk]
    assert found(cast.jiwoo, "missing") == []


def test_only_rooms_that_one_is_in_are_searched(cast: Cast, settle: Callable[[], None]) -> None:
    closed = post(cast.room, cast.alice, "between us")
    in_plaza = post(cast.plaza, cast.alice, "between all")
    direct = Room.objects.get(pk=run(cast.alice.pk, OpenDirect(users=[cast.bob.pk]))["room"])
    alone = post(direct, cast.bob, "between two")
    settle()
    assert found(cast.alice, "between") == [alone.pk, in_plaza.pk, closed.pk]
    assert found(cast.bob, "between") == [alone.pk, closed.pk]
    # Not even the open one: who wants to search it comes in.
    assert found(cast.carol, "between") == found(cast.admin, "between") == []
    assert found(cast.carol, "between", room=cast.room.pk) == []
    assert found(cast.carol, 'in:"Maru team" between') == []
    assert found(cast.mina, "between from:bob") == []


def test_who_has_left_finds_nothing_there(cast: Cast, settle: Callable[[], None]) -> None:
    post(cast.room, cast.alice, "between us")
    settle()
    assert len(found(cast.bob, "between")) == len(found(cast.jiwoo, "between")) == 1
    run(cast.bob.pk, LeaveRoom(room=cast.room.pk))
    run(cast.alice.pk, RemoveMember(room=cast.room.pk, user=cast.jiwoo.pk))
    assert found(cast.bob, "between") == found(cast.jiwoo, "between") == []
    run(cast.alice.pk, DeleteRoom(room=cast.room.pk))
    assert found(cast.alice, "between") == []


def test_edited_and_deleted_messages_are_found_as_they_are_now(cast: Cast) -> None:
    edited = post(cast.room, cast.alice, "the first words")
    deleted = post(cast.room, cast.alice, "the first secret")
    indexing.go_on()
    run(cast.alice.pk, EditMessage(message=edited.pk, body="the last words"))
    run(cast.alice.pk, DeleteMessage(message=deleted.pk))
    # Before and after the index has heard of it.
    for _ in range(2):
        assert found(cast.bob, "first") == []
        assert found(cast.bob, "last") == [edited.pk]
        indexing.go_on()


def test_reaction_that_is_taken_back_is_found_no_more(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "plan")
    run(cast.bob.pk, AddReaction(message=message.pk, emoji="👍"))
    indexing.go_on()
    assert found(cast.bob, "has:reaction") == [message.pk]
    run(cast.bob.pk, RemoveReaction(message=message.pk, emoji="👍"))
    # Before and after the index has heard of it.
    for _ in range(2):
        assert found(cast.bob, "has:reaction") == []
        indexing.go_on()
    assert not has_fact(message.pk, facts.having("reaction"))


def test_operators(cast: Cast, settle: Callable[[], None]) -> None:
    plan = post(cast.room, cast.alice, "plan for @bob at http://site.example.com/ with `code`")
    reply = post(cast.room, cast.bob, "plan seen", parent=plan.pk)
    file = post_file(cast.room, cast.mina, "here", "plan.pdf")
    picture = post_file(cast.room, cast.mina, "", "screen.png", "image/png", alt="a plan of the house")
    direct = Room.objects.get(pk=run(cast.alice.pk, OpenDirect(users=[cast.bob.pk]))["room"])
    alone = post(direct, cast.bob, "plan of two")
    film = post_file(direct, cast.bob, "", "walk.mp4", "video/mp4")
    tune = post_file(direct, cast.bob, "", "song.ogg", "audio/ogg")
    run(cast.mina.pk, AddReaction(message=reply.pk, emoji="👍"))
    settle()
    me = cast.bob
    assert found(me, "plan") == [alone.pk, picture.pk, file.pk, reply.pk, plan.pk]
    assert found(me, "plan from:alice") == found(me, "plan", sender="@alice") == [plan.pk]
    assert found(me, "plan from:me") == [alone.pk, reply.pk]
    assert found(me, "plan from:alice from:mina") == [picture.pk, file.pk, plan.pk]
    assert found(me, "plan from:alice", sender="mina") == []
    assert found(me, "plan from:nobody") == found(me, "plan in:nowhere") == []
    assert found(me, 'plan in:"maru TEAM"') == [picture.pk, file.pk, reply.pk, plan.pk]
    assert found(me, "plan in:@alice") == found(me, "plan is:dm") == found(me, "plan in:direct") == [alone.pk]
    assert found(me, "plan", room=direct.pk) == [alone.pk]
    assert found(me, "has:link") == found(me, "has:code") == found(me, "is:mention") == [plan.pk]
    assert found(me, "is:thread") == [reply.pk]
    assert found(me, "has:file") == [tune.pk, film.pk, picture.pk, file.pk]
    assert found(me, "has:image") == [picture.pk]
    assert found(me, "has:video") == found(me, "포함:동영상") == [film.pk]
    assert found(me, "has:audio") == [tune.pk]
    assert found(me, "has:reaction") == found(me, "plan has:reaction from:me") == [reply.pk]
    assert found(me, "has:preview") == []
    assert found(cast.alice, "is:mention") == []


@pytest.mark.parametrize("near", [1, scope._NEAR_IDS])
def test_times(cast: Cast, settle: Callable[[], None], near: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "_NEAR_IDS", near)
    now = timezone.now()
    messages = [post(cast.room, cast.alice, f"word {number}") for number in range(4)]
    for age, message in zip((40, 20, 10, 0), messages, strict=True):
        Message.objects.filter(pk=message.pk).update(at=now - timedelta(days=age, minutes=5))
    settle()
    days = [str((now - timedelta(days=age, minutes=5)).date()) for age in (40, 20, 10, 0)]
    assert found(cast.bob, f"word before:{days[1]}") == [messages[0].pk]
    assert found(cast.bob, f"word after:{days[2]}") == [messages[3].pk, messages[2].pk]
    assert found(cast.bob, f"on:{days[1]}") == [messages[1].pk]
    assert found(cast.bob, "word", before=days[2], after=days[1]) == [messages[1].pk]
    assert found(cast.bob, "word", after=(now - timedelta(days=15)).isoformat()) == [
        messages[3].pk,
        messages[2].pk,
    ]


def test_pages_go_on_without_a_hole_and_without_a_double(cast: Cast, settle: Callable[[], None]) -> None:
    messages = [post(cast.room, cast.alice, f"word {number}") for number in range(25)]
    settle()
    seen: list[int] = []
    cursor = None
    while True:
        answer = ask(cast.bob, "word", cursor=cursor, limit=10)
        seen += [find.message.pk for find in answer.finds]
        cursor = answer.next
        if cursor is None:
            break
        # What is new meanwhile moves nothing.
        post(cast.room, cast.alice, "another word")
    assert seen == [message.pk for message in reversed(messages)]


def test_answer_looks_at_so_much_and_the_next_one_goes_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LOOKED_MAX_COUNT", 10)
    monkeypatch.setattr(asking, "_FIRST_COUNT", 5)
    needle = post(cast.room, cast.alice, "abcd cde")
    for _ in range(30):
        # All grams of what is looked for, and not the word.
        post(cast.room, cast.alice, "abc bcd cde")
    indexing.go_on()
    pages, cursor, seen = 0, None, []
    while pages == 0 or cursor is not None:
        answer = ask(cast.bob, "abcd", cursor=cursor)
        seen += [find.message.pk for find in answer.finds]
        cursor = answer.next
        pages += 1
    assert (seen, pages) == ([needle.pk], 4)


def test_best_first(cast: Cast, settle: Callable[[], None]) -> None:
    phrase = post(cast.room, cast.alice, "the release plan")
    word = post(cast.room, cast.alice, "a plan for a release")
    part = post(cast.room, cast.alice, "prereleases and planning")
    name = post_file(cast.room, cast.alice, "", "release_plan.pdf")
    settle()
    assert found(cast.bob, "release plan") == [name.pk, part.pk, word.pk, phrase.pk]
    assert found(cast.bob, "release plan", sort="best") == [phrase.pk, name.pk, word.pk, part.pk]
    first = ask(cast.bob, "release plan", sort="best", limit=3)
    assert first.next is not None
    rest = ask(cast.bob, "release plan", sort="best", limit=3, cursor=first.next)
    assert ([find.message.pk for find in rest.finds], rest.next) == ([part.pk], None)


def test_what_is_too_new_for_one_answer_is_said(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "CHANGES_MAX_COUNT", 5)
    indexing.go_on()
    messages = [post(cast.room, cast.alice, f"word {number}") for number in range(8)]
    answer = ask(cast.bob, "word")
    assert answer.behind
    assert [find.message.pk for find in answer.finds] == [message.pk for message in reversed(messages[3:])]
    indexing.go_on()
    answer = ask(cast.bob, "word")
    assert not answer.behind
    assert len(answer.finds) == 8


def test_room_of_others_that_is_behind_does_not_matter(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "CHANGES_MAX_COUNT", 5)
    for number in range(8):
        post(cast.room, cast.alice, f"word {number}")
    assert not ask(cast.carol, "word").behind
    indexing.go_on()


def test_person_in_many_rooms(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "_ROOMS_IN_INDEX_COUNT", 2)
    rooms = [make_room(cast.alice, cast.bob, name=f"Room {number}") for number in range(5)]
    messages = [post(room, cast.alice, "a word") for room in rooms]
    post(cast.plaza, cast.alice, "a word")
    indexing.go_on()
    assert found(cast.bob, "word") == [message.pk for message in reversed(messages)]
    assert found(cast.bob, "from:alice") == [message.pk for message in reversed(messages)]
    assert found(cast.bob, "after:2020-01-01") == [message.pk for message in reversed(messages)]


def test_spans_of_ids_are_asked_one_after_the_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "SPAN_IDS", 4)
    monkeypatch.setattr(candidates, "_SPANS", (1, 2))
    messages = [post(cast.room, cast.alice, f"word {number}") for number in range(30)]
    indexing.go_on()
    assert found(cast.bob, "word", limit=50) == [message.pk for message in reversed(messages)]
    assert found(cast.bob, "word 7") == [messages[7].pk]


def test_guest_finds_what_stands_in_the_guests_rooms(cast: Cast) -> None:
    guest = make_user("gast", role=User.Role.GUEST)
    room = make_room(cast.alice, guest, name="Hall", kind="closed")
    message = post(room, cast.alice, "a word")
    post(cast.plaza, cast.alice, "a word")
    indexing.go_on()
    assert found(guest, "word") == [message.pk]


@pytest.mark.parametrize("text", ["", "  ", "->", '"..."'])
def test_nothing_to_look_for_is_refused(cast: Cast, text: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        ask(cast.bob, text)
    assert refused.value.code is ErrorCode.EMPTY


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"cursor": "x"}, ErrorCode.BAD_FRAME),
        ({"cursor": "best-1"}, ErrorCode.BAD_FRAME),
        ({"cursor": "1", "sort": "best"}, ErrorCode.BAD_FRAME),
        ({"before": "soon"}, ErrorCode.BAD_FRAME),
        ({"after": "2026-01-01T10:00:00"}, ErrorCode.BAD_FRAME),
    ],
)
def test_wrong_fields_are_refused(cast: Cast, fields: dict[str, Any], code: ErrorCode) -> None:
    with pytest.raises(ProtocolError) as refused:
        ask(cast.bob, "word", **fields)
    assert refused.value.code is code


def test_statement_that_takes_too_long_is_busy_and_not_a_database_that_is_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "STATEMENT_MS", 50)
    endless = {
        "postgresql": "SELECT pg_sleep(60)",
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    }[connection.vendor]
    with pytest.raises(Refused) as refused, candidates.in_time(), connection.cursor() as cursor:
        cursor.execute(endless)
    assert (refused.value.code, refused.value.after_ms) == (ErrorCode.BUSY, candidates.AGAIN_MS)
    assert found(cast.bob, "word") == []


def test_punctuation_beside_an_operator_is_checked_in_the_text(cast: Cast) -> None:
    arrow = post(cast.room, cast.alice, "a -> b")
    post(cast.room, cast.alice, "a b")
    indexing.go_on()
    assert found(cast.bob, "-> from:alice") == [arrow.pk]
