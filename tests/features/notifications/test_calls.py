from __future__ import annotations

import pytest

from chat.features.notifications import writing
from chat.features.notifications.push import wording
from chat.models import Notification, User, UserGroup, UserGroupMember
from chat.pipeline.run import run
from chat.protocol.commands import EditMessage, LeaveRoom, SetLevel, UpdateRoom
from tests.cast import Cast, make_room, make_user
from tests.features.mail.server import Mailbox
from tests.features.notifications.conftest import noted, state, told
from tests.make import post
from tests.pipeline.test_costs import statements


def rules() -> dict[str, str]:
    """Return by which rule each person is in the ledger, of mail."""
    return dict(Notification.objects.filter(way="mail").values_list("user__handle", "rule"))


def design(*people: User) -> None:
    row = UserGroup.objects.create(handle="design", name="Design")
    UserGroupMember.objects.bulk_create(UserGroupMember(group=row, user=user) for user in people)


def test_whom_a_call_reaches_stands_in_the_ledger_with_the_call(people: Cast) -> None:
    design(people.jiwoo, people.carol)
    post(people.room, people.alice, "@bob and @design")
    noted()
    assert rules() == {"bob": "mention", "지우": "group"}
    Notification.objects.all().delete()
    post(people.room, people.alice, "@room, @bob too")
    noted()
    assert rules() == {"bob": "mention", "지우": "room", "mina": "room", "beep": "room"}


def test_a_call_that_is_not_allowed_tells_nobody(people: Cast) -> None:
    run(people.alice.pk, UpdateRoom(room=people.room.pk, calls="moderators"))
    post(people.room, people.bob, "@room @here")
    noted()
    assert rules() == {}


@pytest.mark.parametrize(
    ("level", "outcome"), [("all", "waiting"), ("mentions", "waiting"), ("none", "suppressed")]
)
def test_a_muted_room_stays_silent_and_one_of_mentions_does_not(
    people: Cast, level: str, outcome: str
) -> None:
    run(people.bob.pk, SetLevel.model_validate({"room": people.room.pk, "level": level}))
    post(people.room, people.alice, "@room")
    noted()
    why = "level" if outcome == "suppressed" else "unread_yet"
    assert state(people.bob) == [(outcome, why)]


def test_who_had_left_before_was_not_called_and_who_leaves_then_is_told_why_not(people: Cast) -> None:
    run(people.jiwoo.pk, LeaveRoom(room=people.room.pk))
    post(people.room, people.alice, "@room")
    run(people.bob.pk, LeaveRoom(room=people.room.pk))
    noted()
    assert state(people.jiwoo) == []
    assert state(people.bob) == [("suppressed", "left")]


def test_an_edit_tells_nobody_anew(people: Cast) -> None:
    message = post(people.room, people.alice, "@room")
    noted()
    count = Notification.objects.count()
    run(people.alice.pk, EditMessage(message=message.pk, body="@room and @mina, again"))
    noted()
    assert Notification.objects.count() == count


def test_the_mail_says_who_called(people: Cast, mailbox: Mailbox) -> None:
    design(people.mina)
    post(people.room, people.alice, "@design lunch?")
    assert told() == 1
    assert "Alice called a group of yours in Maru team" in mailbox.mails[0]["subject"]


def test_a_korean_is_told_in_korean(people: Cast) -> None:
    message = post(people.room, people.alice, "@room")
    noted()
    row = Notification.objects.select_related("message__room", "message__sender").get(
        user=people.jiwoo, way="mail"
    )
    assert row.message == message
    mail = writing.missed(people.jiwoo, [row])
    assert "Alice님이 Maru team에서 모두를 불렀어요" in mail.subject
    assert wording.unread(people.jiwoo, [row])["body"] == "@room"


def test_as_many_as_are_called_cost_so_many_statements(people: Cast) -> None:
    with statements() as asked:
        post(people.room, people.alice, "@room")
        noted()
    few = len(asked)
    many = [make_user(f"person{number}") for number in range(30)]
    room = make_room(people.alice, *many)
    with statements() as asked:
        post(room, people.alice, "@room")
        noted()
    assert len(asked) == few
    assert Notification.objects.filter(rule="room", message__room=room).count() == 30
