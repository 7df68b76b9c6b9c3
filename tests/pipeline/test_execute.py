from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.actions.state import Request
from chat.live.envelope import Head, Joined, RoomChanges, UserEvent
from chat.models import Change, Mention, Message, Reaction, Revision, Room, User
from chat.pipeline.execute import Executed, execute
from chat.pipeline.run import run
from chat.protocol import codec
from chat.protocol.commands import (
    AddMember,
    AddReaction,
    Command,
    CreateRoom,
    DeleteMessage,
    EditMessage,
    JoinRoom,
    LeaveRoom,
    MarkRead,
    PostMessage,
    RemoveMember,
    RemoveReaction,
)
from chat.protocol.errors import ErrorCode, Refused
from tests.cast import Cast, membership
from tests.make import post, post_command
from tests.pipeline.threads import is_postgres, leave


@pytest.fixture(autouse=True)
def _batches_stay_whole(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What is tried one by one in the end works too, and hides that together it did not."""
    yield
    is_poisoned = "poison" in request.node.name
    log = " ".join(record.getMessage() for record in caplog.get_records("call"))
    assert ("pipeline.batch_split" in log) is is_poisoned


def batch(*asked: tuple[User, Command]) -> Executed:
    return execute([Request(user.pk, command) for user, command in asked])


def results(executed: Executed) -> list[dict[str, Any]]:
    for outcome in executed.outcomes:
        assert not isinstance(outcome, Refused), outcome
    return [outcome for outcome in executed.outcomes if not isinstance(outcome, Refused)]


def codes(executed: Executed) -> list[str | None]:
    return [outcome.code.value if isinstance(outcome, Refused) else None for outcome in executed.outcomes]


def seqs(room: Room) -> list[int]:
    return list(Change.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))


def query_count(asked: list[tuple[User, Command]]) -> int:
    with CaptureQueriesContext(connection) as captured:
        results(batch(*asked))
    return len(captured)


def test_fifty_posts_take_as_many_queries_as_one(cast: Cast) -> None:
    members = [cast.alice, cast.bob, cast.mina, cast.jiwoo]
    one = query_count([(cast.alice, post_command(cast.room, "hi @bob"))])
    fifty = query_count([(members[n % 4], post_command(cast.room, f"hi @bob {n}")) for n in range(50)])
    assert fifty == one
    assert one <= 20


def test_fifty_posts_into_two_rooms_take_as_many_queries_as_two(cast: Cast) -> None:
    def posts(count: int) -> list[tuple[User, Command]]:
        rooms = [cast.room, cast.plaza]
        return [(cast.alice, post_command(rooms[n % 2], str(n))) for n in range(count)]

    assert query_count(posts(50)) == query_count(posts(2))


def test_seqs_are_dense_and_numbers_count_the_timeline(cast: Cast) -> None:
    before = cast.room.last_seq
    first = post(cast.room, cast.alice, "first")
    found = results(
        batch(
            (cast.bob, post_command(cast.room, "a")),
            (cast.alice, post_command(cast.room, "b", parent=first.pk)),
            (cast.bob, AddReaction(message=first.pk, emoji="👍")),
            (cast.mina, post_command(cast.room, "c")),
        )
    )
    assert [result["seq"] for result in found] == [before + 2, before + 3, before + 4, before + 5]
    assert [result.get("msg_no") for result in found] == [2, None, None, 3]
    assert seqs(cast.room) == list(range(1, before + 6))
    cast.room.refresh_from_db()
    assert (cast.room.last_seq, cast.room.last_msg_no) == (before + 5, 3)


def test_the_reply_and_the_change_say_the_same(cast: Cast) -> None:
    executed = batch((cast.bob, post_command(cast.room, "hi **all**")))
    (result,) = results(executed)
    (run,) = executed.items
    assert isinstance(run, RoomChanges)
    change = codec.decode_own(run.frames[0])
    message = change["message"]
    assert run.first == change["seq"] == message["seq"] == result["seq"]
    assert (message["id"], message["msg_no"], message["at"]) == (result["id"], result["msg_no"], result["at"])
    assert (message["body"], message["html"]) == ("hi **all**", "<p>hi <strong>all</strong></p>")


def test_posting_twice_in_one_batch_is_once(cast: Cast) -> None:
    command = post_command(cast.room, "once")
    first, second = results(batch((cast.bob, command), (cast.bob, command)))
    assert first == second
    assert Message.objects.filter(room=cast.room).count() == 1


def test_posting_twice_in_two_batches_is_once(cast: Cast) -> None:
    command = post_command(cast.room, "once")
    first = results(batch((cast.bob, command)))
    again = batch((cast.bob, command))
    assert results(again) == first
    # The change itself is not told again; whoever has missed it looks.
    assert again.items == [Head(cast.room.pk, first[0]["seq"])]
    assert Message.objects.filter(room=cast.room).count() == 1


def test_posting_again_after_an_edit_is_still_the_first_message(cast: Cast) -> None:
    command = post_command(cast.room, "once")
    first = results(batch((cast.bob, command)))
    results(batch((cast.bob, EditMessage(message=first[0]["id"], body="changed"))))
    assert results(batch((cast.bob, command))) == first


def test_another_body_under_the_same_id_is_a_conflict(cast: Cast) -> None:
    command = post_command(cast.room, "once")
    other = command.model_copy(update={"body": "twice"})
    assert codes(batch((cast.bob, command), (cast.bob, other))) == [None, "conflict"]
    assert codes(batch((cast.bob, other))) == ["conflict"]
    assert Message.objects.filter(room=cast.room).count() == 1


def test_the_same_id_of_another_sender_is_another_message(cast: Cast) -> None:
    command = post_command(cast.room, "hi")
    first, second = results(batch((cast.bob, command), (cast.alice, command)))
    assert first["id"] != second["id"]


def test_a_refused_command_leaves_the_others_alone(cast: Cast) -> None:
    executed = batch(
        (cast.bob, post_command(cast.room, "a")),
        (cast.carol, post_command(cast.room, "b")),
        (cast.bob, post_command(cast.room, "c")),
    )
    assert codes(executed) == [None, "not_found", None]
    assert [message.body for message in Message.objects.filter(room=cast.room).order_by("seq")] == ["a", "c"]


def test_a_poison_command_fails_alone(cast: Cast) -> None:
    before = cast.room.last_seq
    # What no decoder lets through: neither database can hold a lone surrogate.
    poison = PostMessage.model_construct(
        type="message.post",
        room=cast.room.pk,
        client_message_id="poison-01",
        body="\ud800",
        parent=None,
        attachments=[],
    )
    executed = batch(
        (cast.bob, post_command(cast.room, "a")), (cast.bob, poison), (cast.bob, post_command(cast.room, "c"))
    )
    assert codes(executed) == [None, "bad_text", None]
    assert seqs(cast.room) == list(range(1, before + 3))
    assert len([item for item in executed.items if isinstance(item, RoomChanges)]) == 2


def test_a_batch_that_fails_leaves_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from chat.actions import WRITE
    from chat.actions.rooms import RoomChanged
    from chat.protocol.commands import UpdateRoom

    def break_off(_drafts: object) -> None:
        raise RuntimeError("the process is at its end")

    before = (seqs(cast.room), Room.objects.get(pk=cast.room.pk).last_seq)
    monkeypatch.setitem(WRITE, RoomChanged, break_off)
    executed = batch((cast.alice, UpdateRoom(room=cast.room.pk, name="New")))
    assert codes(executed) == ["failed"]
    assert executed.items == []
    assert (seqs(cast.room), Room.objects.get(pk=cast.room.pk).last_seq) == before
    assert Room.objects.get(pk=cast.room.pk).name == "Maru team"


def test_a_disabled_actor_is_signed_out_and_founds_nothing(cast: Cast) -> None:
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    before = Room.objects.count()
    missing = User(pk=10_000)
    executed = batch(
        (cast.bob, post_command(cast.room, "a")),
        (cast.bob, CreateRoom(name="x")),
        (missing, CreateRoom(name="y")),
        (missing, post_command(cast.room, "a")),
    )
    assert codes(executed) == ["signed_out"] * 4
    assert Room.objects.count() == before


def test_a_post_after_being_removed_in_the_same_batch_is_refused(cast: Cast) -> None:
    executed = batch(
        (cast.bob, post_command(cast.room, "before")),
        (cast.alice, RemoveMember(room=cast.room.pk, user=cast.bob.pk)),
        (cast.bob, post_command(cast.room, "after")),
    )
    assert codes(executed) == [None, None, "not_found"]
    assert [message.body for message in Message.objects.filter(room=cast.room)] == ["before"]
    assert membership(cast.room, cast.bob).left_seq == cast.room.last_seq + 2


def test_a_post_right_after_joining_in_the_same_batch_is_stored_without_a_second_try(cast: Cast) -> None:
    executed = batch((cast.bob, JoinRoom(room=cast.plaza.pk)), (cast.bob, post_command(cast.plaza, "hi")))
    assert codes(executed) == [None, None]
    # One run for the room: the batch was not taken apart.
    assert [type(item) for item in executed.items] == [RoomChanges, Joined]
    own = membership(cast.plaza, cast.bob)
    assert (own.is_in, own.read_msg_no) == (True, 1)


def test_leaving_and_coming_back_in_one_batch_is_being_in(cast: Cast) -> None:
    room = cast.plaza.pk
    results(
        batch(
            (cast.bob, JoinRoom(room=room)), (cast.bob, LeaveRoom(room=room)), (cast.bob, JoinRoom(room=room))
        )
    )
    assert membership(cast.plaza, cast.bob).is_in
    results(
        batch(
            (cast.bob, LeaveRoom(room=room)),
            (cast.bob, JoinRoom(room=room)),
            (cast.bob, LeaveRoom(room=room)),
        )
    )
    assert not membership(cast.plaza, cast.bob).is_in
    kinds = Change.objects.filter(room=room, subject=cast.bob).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == [
        "member.joined", "member.left", "member.joined", "member.left", "member.joined", "member.left",
    ]  # fmt: skip


def test_a_late_repeat_of_an_edit_does_not_undo_a_newer_one(cast: Cast) -> None:
    message = post(cast.room, cast.bob, "first").pk
    once = EditMessage(message=message, body="once", edited_at=None)
    first = run(cast.bob.pk, once)
    assert run(cast.bob.pk, once)["edited_at"] == first["edited_at"]
    run(cast.bob.pk, EditMessage(message=message, body="twice", edited_at=first["edited_at"]))
    for late in (once, EditMessage(message=message, body="other", edited_at=first["edited_at"])):
        with pytest.raises(Refused) as refused:
            run(cast.bob.pk, late)
        assert refused.value.code is ErrorCode.CONFLICT
    assert Message.objects.get(pk=message).body == "twice"
    # Who does not say what it is about is taken at his word.
    run(cast.bob.pk, EditMessage(message=message, body="third"))
    assert Message.objects.get(pk=message).body == "third"


def test_edits_keep_the_earlier_texts_and_renew_the_mentions(cast: Cast) -> None:
    message = post(cast.room, cast.bob, "hi @alice")
    assert list(Mention.objects.values_list("user_id", flat=True)) == [cast.alice.pk]
    results(
        batch(
            (cast.bob, EditMessage(message=message.pk, body="hi @mina")),
            (cast.bob, EditMessage(message=message.pk, body="hi @지우야")),
        )
    )
    message.refresh_from_db()
    assert (message.body, message.edited_at is not None) == ("hi @지우야", True)
    assert list(Revision.objects.order_by("pk").values_list("body", flat=True)) == ["hi @alice", "hi @mina"]
    assert list(Mention.objects.values_list("user_id", flat=True)) == [cast.jiwoo.pk]


def test_a_deleted_message_leaves_no_text_behind(cast: Cast) -> None:
    message = post(cast.room, cast.bob, "secret @alice")
    results(
        batch(
            (cast.bob, EditMessage(message=message.pk, body="less secret @alice")),
            (cast.alice, AddReaction(message=message.pk, emoji="👍")),
            (cast.bob, DeleteMessage(message=message.pk)),
        )
    )
    message.refresh_from_db()
    assert (message.body, message.html) == ("", None)
    assert message.deleted_at is not None
    assert not Revision.objects.exists()
    assert not Mention.objects.exists()
    assert not Reaction.objects.exists()
    assert codes(batch((cast.bob, EditMessage(message=message.pk, body="back")))) == ["not_found"]


def test_reactions_added_and_removed_in_one_batch_end_as_the_last_said(cast: Cast) -> None:
    message = post(cast.room, cast.bob, "hi")
    add, remove = AddReaction(message=message.pk, emoji="👍"), RemoveReaction(message=message.pk, emoji="👍")
    results(
        batch((cast.alice, add), (cast.alice, remove), (cast.alice, add), (cast.bob, add), (cast.alice, add))
    )
    assert set(Reaction.objects.values_list("user_id", "emoji")) == {
        (cast.alice.pk, "👍"),
        (cast.bob.pk, "👍"),
    }
    results(batch((cast.alice, remove), (cast.alice, add), (cast.alice, remove), (cast.bob, remove)))
    assert not Reaction.objects.exists()


def test_a_read_marker_goes_to_the_own_devices_and_never_back(cast: Cast) -> None:
    for text in ("a", "b", "c"):
        post(cast.room, cast.alice, text)
    room = cast.room.pk
    executed = batch(
        (cast.bob, MarkRead(room=room, msg_no=1)),
        (cast.bob, MarkRead(room=room, msg_no=99)),
        (cast.bob, MarkRead(room=room, msg_no=2)),
    )
    assert [result["msg_no"] for result in results(executed)] == [1, 3, 3]
    (event,) = executed.items
    assert isinstance(event, UserEvent)
    assert event.user == cast.bob.pk
    assert codec.decode_own(event.frame) == {"type": "read", "room": room, "msg_no": 3, "backs": 0}
    assert membership(cast.room, cast.bob).read_msg_no == 3


def test_who_is_added_is_told_after_the_room(cast: Cast) -> None:
    executed = batch((cast.alice, AddMember(room=cast.room.pk, user=cast.carol.pk)))
    run, joined = executed.items
    assert isinstance(run, RoomChanges)
    assert run.moves == ((run.first, cast.carol.pk, True),)
    assert joined == Joined(cast.room.pk, (cast.carol.pk,))


def test_only_members_get_a_mention(cast: Cast) -> None:
    post(cast.room, cast.alice, "@bob @carol @nobody @지우님 `@mina`")
    assert set(Mention.objects.values_list("user_id", flat=True)) == {cast.bob.pk, cast.jiwoo.pk}


def test_time_does_not_go_back_when_the_clock_does(cast: Cast) -> None:
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now() + timedelta(hours=1)
    first, second = (
        execute([Request(cast.bob.pk, post_command(cast.room, "x"))], at)
        for at in (now, now - timedelta(minutes=30))
    )
    assert results(second)[0]["at"] == results(first)[0]["at"]


def test_an_empty_batch_is_nothing(transactional_db: None) -> None:
    assert execute([]) == Executed([])


@pytest.mark.slow
def test_without_a_database_all_are_told_to_come_again(cast: Cast) -> None:
    away = {"HOST": "/nonexistent"} if is_postgres() else {"NAME": "/nonexistent/maru.sqlite3"}
    leave()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in away.items():
            patch.setitem(connection.settings_dict, name, value)
        executed = batch((cast.bob, post_command(cast.room, "a")), (cast.bob, post_command(cast.room, "b")))
        leave()
    assert codes(executed) == ["unavailable"] * 2
    assert all(isinstance(outcome, Refused) and outcome.after_ms for outcome in executed.outcomes)
    assert results(batch((cast.bob, post_command(cast.room, "c"))))


def test_a_deletion_repeated_by_who_made_it_gets_the_first_answer(cast: Cast) -> None:
    message = post(cast.room, cast.bob, "away")
    first, again_at_once = execute([Request(cast.bob.pk, DeleteMessage(message=message.pk))] * 2).outcomes
    post(cast.room, cast.alice, "meanwhile")
    (again,) = execute([Request(cast.bob.pk, DeleteMessage(message=message.pk))]).outcomes
    assert isinstance(first, dict)
    assert first == again_at_once == again
    (foreign,) = execute([Request(cast.alice.pk, DeleteMessage(message=message.pk))]).outcomes
    assert isinstance(foreign, Refused)
    assert foreign.code is ErrorCode.NOT_FOUND
    assert Change.objects.filter(room=cast.room, kind="message.deleted").count() == 1
