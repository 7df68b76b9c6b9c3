from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.features.exports import keeping, own, running
from chat.features.exports.running import Outcome
from chat.features.notifications import preferences
from chat.models import (
    DraftText,
    Membership,
    PushSubscription,
    Reminder,
    ScheduledMessage,
    Sidebar,
    Token,
    UserGroup,
    UserGroupMember,
)
from chat.pipeline.run import run
from chat.protocol.commands import (
    AddReaction,
    DeleteMessage,
    EditMessage,
    LeaveRoom,
    OpenDirect,
    PostMessage,
)
from chat.tasks import sweep_outbox
from tests.cast import Cast
from tests.features.exports.files import ask, bodies, fill, read, taken
from tests.make import client_message_id, post


def test_people_take_what_they_have_said_and_nothing_that_others_have(cast: Cast) -> None:
    mine = post(cast.room, cast.bob, "mine")
    theirs = post(cast.room, cast.alice, "of Alice, to @bob")
    post(cast.room, cast.bob, "a reply", parent=theirs.pk)
    run(cast.bob.pk, EditMessage(message=mine.pk, body="mine, said better"))
    gone = post(cast.room, cast.bob, "regretted")
    run(cast.bob.pk, DeleteMessage(message=gone.pk))
    run(cast.bob.pk, AddReaction(message=theirs.pk, emoji="👍"))
    manifest, lines = taken(cast.bob)
    assert bodies(lines) == ["mine, said better", "a reply", ""]
    first = lines["messages"][0]
    assert (first["room_id"], first["seq"]) == (cast.room.pk, mine.seq)
    assert [text["body"] for text in first["earlier"]] == ["mine"]
    assert [(line["message_id"], line["emoji"]) for line in lines["reactions"]] == [(theirs.pk, "👍")]
    assert "of Alice" not in str(lines)
    assert (manifest["kind"], manifest["version"], manifest["asked_by"]) == (
        "own", 1, {"id": cast.bob.pk, "handle": "bob"},
    )  # fmt: skip


def test_no_secret_is_in_it(cast: Cast) -> None:
    cast.bob.email = "bob@example.org"
    cast.bob.save()
    EmailAddress.objects.create(user=cast.bob, email=cast.bob.email, verified=True, primary=True)
    cast.bob.end_sessions()
    _, lines = taken(cast.bob)
    (profile,), (token,), (address,) = lines["profile"], lines["tokens"], lines["emails"]
    assert (profile["handle"], profile["email"], address["verified"]) == ("bob", "bob@example.org", True)
    assert token["label"] == "test"
    cast.bob.refresh_from_db()
    kept = Token.objects.get(user=cast.bob)
    for secret in (cast.bob.password, cast.bob.session_salt, kept.digest, cast.token(cast.bob)):
        assert secret
        assert secret not in str(lines)


def test_rooms_are_those_one_is_in_and_a_conversation_says_with_whom(cast: Cast) -> None:
    left = post(cast.plaza, cast.bob, "before I left") if _join(cast) else None
    assert left is not None
    run(cast.bob.pk, LeaveRoom(room=cast.plaza.pk))
    direct = run(cast.bob.pk, OpenDirect(users=[cast.carol.pk]))["room"]
    run(cast.bob.pk, PostMessage(room=direct, client_message_id=client_message_id(), body="to Carol"))
    _, lines = taken(cast.bob)
    rooms = {line["room_id"]: line for line in lines["rooms"]}
    assert set(rooms) == {cast.room.pk, direct}
    assert (rooms[cast.room.pk]["name"], rooms[cast.room.pk]["role"]) == ("Maru team", "member")
    assert rooms[direct]["people"] == ["bob", "carol"]
    # The words are theirs wherever they were said.
    assert bodies(lines) == ["before I left", "to Carol"]


def _join(cast: Cast) -> bool:
    return bool(Membership.objects.create(room=cast.plaza, user=cast.bob).pk)


def test_what_one_has_chosen_and_keeps_for_later_is_in_it(cast: Cast) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    for user in (cast.bob, cast.alice):
        ScheduledMessage.objects.create(
            author=user, room=cast.room, body=f"later by {user.handle}", due_at=tomorrow,
            client_scheduled_id="a-scheduled",
        )  # fmt: skip
        Reminder.objects.create(
            user=user, text=f"for {user.handle}", due_at=tomorrow, client_reminder_id="a-reminder"
        )
    for user in (cast.bob, cast.alice):
        Sidebar.objects.create(
            user=user, version=1, body={"sections": [{"id": "a", "name": user.handle, "rooms": []}]}
        )
    preferences.write(cast.bob, {"quiet_from": "22:00", "quiet_to": "07:30"})
    post(cast.room, cast.alice, "hello @bob and @mina")
    sweep_outbox("fast")
    _, lines = taken(cast.bob)
    assert [line["body"] for line in lines["scheduled"]] == ["later by bob"]
    assert [line["text"] for line in lines["reminders"]] == ["for bob"]
    assert [line["body"]["sections"][0]["name"] for line in lines["sidebar"]] == ["bob"]
    assert lines["settings"][0]["quiet_from"] == "22:00:00"
    assert [line["rule"] for line in lines["notifications"]] == ["mention"]
    assert [line["kind"] for line in lines["exports"]] == ["own"]


def test_the_threads_that_one_follows_are_in_it(cast: Cast) -> None:
    first = post(cast.room, cast.alice, "hi")
    reply = post(cast.room, cast.bob, "yes", parent=first.pk)
    _, lines = taken(cast.bob)
    (line,) = lines["threads"]
    assert (line["message_id"], line["room_id"], line["is_on"]) == (first.pk, cast.room.pk, True)
    assert line["read_seq"] == reply.seq


def test_the_groups_that_one_is_in_and_whom_one_has_called_are_in_it(cast: Cast) -> None:
    group = UserGroup.objects.create(handle="design", name="Design")
    UserGroupMember.objects.bulk_create(
        UserGroupMember(group=group, user=user) for user in (cast.bob, cast.mina)
    )
    post(cast.room, cast.bob, "@design look")
    _, lines = taken(cast.bob)
    assert [(line["handle"], line["name"]) for line in lines["groups"]] == [("design", "Design")]
    (call,) = lines["messages"][0]["calls"]
    assert (call["kind"], call["handle"], call["people"]) == ("group", "design", [cast.mina.pk])


def test_browsers_are_in_it_without_what_one_could_write_to_them_with(cast: Cast) -> None:
    for user in (cast.bob, cast.alice):
        PushSubscription.objects.create(
            user=user, digest=f"digest of {user.handle}", endpoint=f"https://push.example.com/{user.handle}",
            p256dh="the point", auth="the secret", server_key="the key", label=f"Firefox of {user.handle}",
            proof="the proof", session_key="the session", session_auth="its hash",
        )  # fmt: skip
    _, lines = taken(cast.bob)
    (browser,) = lines["browsers"]
    assert set(browser) == {"id", "label", "created_at", "last_used_at"}
    assert (browser["label"], browser["last_used_at"]) == ("Firefox of bob", None)
    secrets = (
        "push.example.com",
        "digest of",
        "the point",
        "the secret",
        "the key",
        "the proof",
        "the session",
        "its hash",
    )
    assert [secret for secret in secrets if secret in str(lines)] == []


def test_more_than_a_page_of_each_comes_whole_and_once(cast: Cast) -> None:
    fill(cast.room, cast.bob, 1_203)
    fill(cast.room, cast.alice, 40)
    _, lines = taken(cast.bob)
    assert bodies(lines) == [f"number {n}" for n in range(1, 1_204)]


def test_a_table_of_everybody_is_looked_through_in_windows(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "_WINDOW_COUNT", 30)
    fill(cast.room, cast.bob, 5)
    fill(cast.room, cast.alice, 100)
    fill(cast.room, cast.bob, 40)
    row = ask(cast.bob)
    told: list[tuple[str, int]] = []
    with CaptureQueriesContext(connection) as queries:
        outcome = running.work(row.pk, lambda step, percent, _rows: told.append((step, percent)))
    assert outcome is Outcome.READY
    _, lines = read(keeping.path_of(row))
    assert len(bodies(lines)) == 45
    asked = [
        query["sql"] for query in queries.captured_queries if 'FROM "chat_message" WHERE' in query["sql"]
    ]
    # Where there is nothing before the first row nothing is looked for, however far the ids have come.
    assert 145 // 30 <= len(asked) <= 145 // 30 + 2
    # Each says where it begins and where it ends.
    assert all('"id" <=' in sql and '"id" >' in sql and "OFFSET" not in sql for sql in asked)
    percents = [percent for _, percent in told]
    assert percents == sorted(percents)
    assert len({percent for step, percent in told if step == "messages"}) >= 145 // 30


def test_drafts_are_in_it_but_those_that_were_sent(cast: Cast) -> None:
    at = timezone.now()
    DraftText.objects.create(user=cast.bob, room=cast.room, body="begun", written_at=at)
    DraftText.objects.create(user=cast.bob, room=cast.plaza, body="", written_at=at)
    DraftText.objects.create(user=cast.alice, room=cast.room, body="of Alice", written_at=at)
    _, lines = taken(cast.bob)
    assert [(line["room_id"], line["body"]) for line in lines["drafts"]] == [(cast.room.pk, "begun")]
