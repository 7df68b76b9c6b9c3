from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions.state import Request
from chat.features.search import asking, indexing
from chat.models import BrowserSession, Call, Membership, Mention, Message, Room, Token, User, UserGroup
from chat.models import UserGroupMember as Member
from chat.pipeline.execute import execute
from chat.pipeline.run import run
from chat.protocol.commands import (
    Command,
    DeleteMessage,
    EditMessage,
    JoinRoom,
    LeaveRoom,
    MarkRead,
    SetLevel,
    UpdateRoom,
)
from chat.queries import payloads, rooms, unread
from tests.cast import Cast, make_room, make_user, membership
from tests.make import post, post_command


def group_of(*people: User, handle: str = "design") -> UserGroup:
    row = UserGroup.objects.create(handle=handle, name=handle.title())
    Member.objects.bulk_create(Member(group=row, user=user) for user in people)
    return row


def done(actor: User, command: Command, here: Collection[int] = ()) -> Message:
    outcome = execute([Request(actor.pk, command, here=here)]).outcomes[0]
    assert isinstance(outcome, dict)
    return Message.objects.get(room=outcome["room"], seq=outcome["seq"])


def said(room: Room, actor: User, body: str, here: Collection[int] = (), **fields: object) -> Message:
    return done(actor, post_command(room, body, **fields), here)


def told(message: Message) -> set[int]:
    """Whom a message reaches, by each of the ways in which it can be asked; they must all say the same."""
    users = {row.user for row in Membership.objects.filter(room=message.room, left_seq=None)}
    found = {user.pk for user in users if message.pk in named_in(user)}
    for user in users - {message.sender}:
        mine = {row["id"]: row for row in rooms.mine(user)}[message.room_id]
        at_once = {row["id"]: row for row in rooms.mine_at_once(user)[0]}[message.room_id]
        assert mine["mentions"] == at_once["mentions"]
        if message.msg_no is not None and message.deleted_at is None:
            assert (mine["mentions"] > 0) == (user.pk in found), user.handle
    shape = payloads.messages([message])[0]
    reached = set(shape["mentions"])
    for call in shape.get("calls", []):
        reached |= set(call["users"]) if call["kind"] != "room" else {user.pk for user in users}
    assert found == reached - {message.sender_id}
    return found


def named_in(user: User) -> set[int]:
    viewed = {item["message"]["id"] for item in unread.mentions(user, None, 50)[0]}
    indexing.go_on()
    asked = asking.Asked(q="is:mention", limit=50)
    searched = {find.message.pk for find in asking.ask(user, asked, timezone.now()).finds}
    assert searched == viewed
    return viewed


def everybody_else(cast: Cast) -> set[int]:
    return {cast.bob.pk, cast.mina.pk, cast.beep.pk, cast.jiwoo.pk}


def test_the_room_is_called_and_one_row_says_so(cast: Cast) -> None:
    message = said(cast.room, cast.alice, "@room lunch")
    assert told(message) == everybody_else(cast)
    assert Call.objects.get().kind == "room"
    assert not Mention.objects.exists()
    assert message.html == '<p><span class="mention" data-call="room">@room</span> lunch</p>'


def test_those_who_are_here_are_those_who_are_connected_and_in(cast: Cast) -> None:
    here = {cast.bob.pk, cast.carol.pk, cast.alice.pk, 10**6}
    message = said(cast.room, cast.alice, "@here look", here)
    assert told(message) == {cast.bob.pk}
    assert payloads.messages([message])[0]["calls"] == [
        {"kind": "here", "group": None, "users": [cast.bob.pk]}
    ]


def test_where_nobody_knows_who_is_connected_sessions_and_programs_of_a_moment_ago_tell(cast: Cast) -> None:
    now = timezone.now()
    old = now - timedelta(minutes=11)
    for user, at in ((cast.bob, now), (cast.mina, old)):
        BrowserSession.objects.create(user=user, session_key=f"key-{user.pk}", last_seen_at=at)
    Token.objects.filter(user=cast.beep).update(last_used_at=now)
    Token.objects.filter(user=cast.jiwoo).update(last_used_at=old)
    assert told(post(cast.room, cast.alice, "@here")) == {cast.bob.pk, cast.beep.pk}


def test_a_group_is_called_as_far_as_it_is_in_the_room(cast: Cast) -> None:
    group = group_of(cast.bob, cast.carol, cast.alice)
    message = said(cast.room, cast.alice, "@design please")
    assert told(message) == {cast.bob.pk}
    assert payloads.messages([message])[0]["calls"] == [
        {"kind": "group", "group": group.pk, "users": [cast.bob.pk]}
    ]


def test_who_comes_into_room_or_group_later_was_not_called(cast: Cast) -> None:
    group = group_of(cast.bob)
    room = make_room(cast.alice, cast.bob, cast.jiwoo)
    calls = [said(room, cast.alice, text) for text in ("@room", "@design")]
    Member.objects.create(group=group, user=cast.jiwoo)
    run(cast.carol.pk, JoinRoom(room=room.pk))
    assert named_in(cast.carol) == set()
    assert named_in(cast.jiwoo) == {calls[0].pk}
    Member.objects.filter(user=cast.bob).delete()
    group.delete()
    assert named_in(cast.bob) == {row.pk for row in calls}


def test_who_leaves_and_comes_back_was_not_called_before(cast: Cast) -> None:
    room = make_room(cast.alice, cast.bob)
    said(room, cast.alice, "@room one")
    run(cast.bob.pk, LeaveRoom(room=room.pk))
    assert named_in(cast.bob) == set()
    run(cast.bob.pk, JoinRoom(room=room.pk))
    assert named_in(cast.bob) == set()
    assert told(said(room, cast.alice, "@room two")) == {cast.bob.pk}


def test_everybody_is_counted_once_however_often_they_are_called(cast: Cast) -> None:
    group_of(cast.bob, cast.mina)
    message = said(cast.room, cast.alice, "@bob @here @design @all @room", {cast.bob.pk, cast.jiwoo.pk})
    assert told(message) == everybody_else(cast)
    counts = [rooms.mine(user, [cast.room.pk])[0]["mentions"] for user in (cast.bob, cast.mina, cast.jiwoo)]
    assert counts == [1, 1, 1]


def test_of_those_who_are_here_and_in_a_group_each_is_reached_by_the_first(cast: Cast) -> None:
    group_of(cast.bob, cast.mina)
    message = said(cast.room, cast.alice, "@here @design", {cast.bob.pk})
    assert told(message) == {cast.bob.pk, cast.mina.pk}
    assert [call["users"] for call in payloads.messages([message])[0]["calls"]] == [
        [cast.bob.pk],
        [cast.mina.pk],
    ]


def test_a_read_mark_takes_what_has_called_away(cast: Cast) -> None:
    message = said(cast.room, cast.alice, "@room")
    assert message.msg_no is not None
    run(cast.bob.pk, MarkRead(room=cast.room.pk, msg_no=message.msg_no))
    assert rooms.mine(cast.bob, [cast.room.pk])[0]["mentions"] == 0
    assert rooms.mine_at_once(cast.bob)[0][0]["mentions"] == 0


def test_a_deleted_message_has_called_nobody(cast: Cast) -> None:
    message = said(cast.room, cast.alice, "@room")
    run(cast.alice.pk, DeleteMessage(message=message.pk))
    message.refresh_from_db()
    assert told(message) == set()
    assert not Call.objects.exists()


def test_in_a_large_room_moderators_alone_call_and_the_message_of_others_is_stored(
    cast: Cast, configure: Callable[..., None]
) -> None:
    configure(CALLS_EVERYBODY_MAX_MEMBERS=4)
    message = said(cast.room, cast.bob, "@room and @here", {cast.alice.pk})
    assert told(message) == set()
    assert message.html is None
    assert told(said(cast.room, cast.mina, "@room")) == {
        cast.alice.pk,
        cast.bob.pk,
        cast.beep.pk,
        cast.jiwoo.pk,
    }


@pytest.mark.parametrize(
    ("rule", "by_bob", "by_mina"),
    [("auto", True, True), ("everyone", True, True), ("moderators", False, True), ("nobody", False, False)],
)
def test_a_room_says_who_calls_it(cast: Cast, rule: str, by_bob: bool, by_mina: bool) -> None:
    run(cast.alice.pk, UpdateRoom.model_validate({"room": cast.room.pk, "calls": rule}))
    for user, may in ((cast.bob, by_bob), (cast.mina, by_mina)):
        assert bool(told(said(cast.room, user, "@room"))) is may
        for member in Membership.objects.filter(room=cast.room):
            run(member.user_id, MarkRead(room=cast.room.pk, msg_no=10**6))


def test_a_group_is_called_whatever_the_room_says(cast: Cast) -> None:
    group_of(cast.mina)
    run(cast.alice.pk, UpdateRoom(room=cast.room.pk, calls="nobody"))
    message = said(cast.room, cast.bob, "@room @design")
    assert told(message) == {cast.mina.pk}
    assert message.html is not None
    assert message.html.count("data-call") == 1


def test_a_guest_of_the_workspace_knows_no_group(cast: Cast) -> None:
    group_of(cast.mina)
    User.objects.filter(pk=cast.bob.pk).update(role="guest")
    assert told(said(cast.room, cast.bob, "@design")) == set()
    assert told(said(cast.room, cast.bob, "@room")) >= {cast.mina.pk}


def test_an_answer_in_a_thread_calls_groups_who_then_follow_it_and_not_the_room(cast: Cast) -> None:
    group_of(cast.bob)
    first = post(cast.room, cast.alice, "first")
    reply = said(cast.room, cast.alice, "@room @here @design", {cast.mina.pk}, parent=first.pk)
    assert told(reply) == {cast.bob.pk}
    assert set(first.follows.values_list("user_id", flat=True)) == {cast.alice.pk, cast.bob.pk}
    also = said(cast.room, cast.alice, "@room", parent=first.pk, also_in_room=True)
    assert told(also) == everybody_else(cast)


def test_more_calls_than_one_message_may_have_stay_words(cast: Cast) -> None:
    for number in range(7):
        group_of(cast.bob, handle=f"team{number}")
    message = said(cast.room, cast.alice, " ".join(f"@team{number}" for number in range(7)))
    assert Call.objects.filter(message=message).count() == 5
    assert (message.html or "").count("data-call") == 5


def test_a_group_with_a_longer_name_is_not_the_person_with_the_shorter_one(cast: Cast) -> None:
    group_of(cast.mina, handle="bob-team")
    assert told(said(cast.room, cast.alice, "@bob-team")) == {cast.mina.pk}


def test_what_has_called_before_is_not_called_anew_by_an_edit(cast: Cast) -> None:
    message = said(cast.room, cast.alice, "@here one", {cast.bob.pk})
    edit = EditMessage(message=message.pk, body="@here two")
    execute([Request(cast.alice.pk, edit, here={cast.mina.pk})])
    message.refresh_from_db()
    assert message.html is not None
    assert told(message) == {cast.bob.pk}


def test_an_edit_calls_whom_the_text_calls_now_and_no_longer_whom_it_does_not(cast: Cast) -> None:
    message = said(cast.room, cast.alice, "@room one")
    for body, reached in (
        ("@room @bob two", everybody_else(cast)),
        ("@bob three", {cast.bob.pk}),
        ("four", set()),
        ("@room five", everybody_else(cast)),
    ):
        run(cast.alice.pk, EditMessage(message=message.pk, body=body))
        message.refresh_from_db()
        assert told(message) == reached


def test_an_edit_calls_as_the_room_allows(cast: Cast) -> None:
    message = said(cast.room, cast.bob, "one")
    run(cast.alice.pk, UpdateRoom(room=cast.room.pk, calls="moderators"))
    run(cast.bob.pk, EditMessage(message=message.pk, body="@room two"))
    message.refresh_from_db()
    assert message.html is None
    assert told(message) == set()


def test_a_muted_room_counts_calls_as_it_counts_names(cast: Cast) -> None:
    run(cast.bob.pk, SetLevel(room=cast.room.pk, level="none"))
    said(cast.room, cast.alice, "@room")
    assert rooms.mine(cast.bob, [cast.room.pk])[0]["mentions"] == 1


def test_a_call_of_a_large_room_writes_one_row(cast: Cast) -> None:
    people = [make_user(f"person{number}") for number in range(60)]
    seq = cast.room.last_seq
    Membership.objects.bulk_create(Membership(room=cast.room, user=user, joined_seq=seq) for user in people)
    said(cast.room, cast.alice, "@room @here", {user.pk for user in people})
    assert Call.objects.count() == 2
    assert not Mention.objects.exists()
    assert membership(cast.room, people[7]).read_msg_no == 0
    assert rooms.mine(people[7])[0]["mentions"] == 1
