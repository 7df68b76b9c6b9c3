from __future__ import annotations

import smtplib
from datetime import time, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from chat.features.notifications import letters, preferences, sweeps
from chat.models import Letter, Membership, Notification, User
from chat.pipeline.run import run
from chat.protocol.commands import DeleteMessage, LeaveRoom, MarkRead
from chat.protocol.threads import ReadThread, UnfollowThread
from tests.cast import Cast
from tests.features.mail.server import Mailbox
from tests.features.notifications.conftest import after, letter, noted, state, told
from tests.features.notifications.test_ledger import direct
from tests.make import post
from tests.pipeline.threads import at_once


class Killed(BaseException):
    """The worker ends in the middle of something."""


def recipients(mailbox: Mailbox) -> list[str]:
    return sorted(str(mail["To"]) for mail in mailbox.mails)


def text_of(mailbox: Mailbox, index: int = 0) -> str:
    part = mailbox.mails[index].get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mention_that_stays_unread_is_told_by_mail(people: Cast, mailbox: Mailbox) -> None:
    post(people.room, people.alice, "could you look, @bob?")
    assert told(minutes=4) == 0
    assert told(minutes=6) == 1
    assert recipients(mailbox) == ["bob@example.org"]
    assert mailbox.mails[0]["Subject"] == "[Maru] Alice mentioned you in Maru team"
    assert "could you look, @bob?" in text_of(mailbox)
    assert mailbox.mails[0]["Auto-Submitted"] == "auto-generated"
    assert state(people.bob) == [("sent", "")]
    assert told(minutes=60) == 0
    assert len(mailbox.mails) == 1


def test_what_was_read_on_any_device_is_not_told(people: Cast, mailbox: Mailbox) -> None:
    message = post(people.room, people.alice, "hello @bob")
    noted()
    run(people.bob.pk, MarkRead(room=people.room.pk, msg_no=message.msg_no or 0))
    told()
    assert mailbox.tries_count == 0
    assert state(people.bob) == [("suppressed", "read")]
    assert not Letter.objects.exists()


def test_what_has_changed_while_it_waited_is_looked_at_again(people: Cast, mailbox: Mailbox) -> None:
    room, alice = people.room, people.alice
    message = post(room, alice, "hello @bob")
    post(room, alice, "hello @mina and @지우")
    noted()
    run(alice.pk, DeleteMessage(message=message.pk))
    run(people.mina.pk, LeaveRoom(room=room.pk))
    Membership.objects.filter(user=people.jiwoo).update(level="none")
    told()
    assert mailbox.tries_count == 0
    assert [state(user) for user in (people.bob, people.mina, people.jiwoo)] == [
        [("suppressed", "deleted")], [("suppressed", "left")], [("suppressed", "level")],
    ]  # fmt: skip


def test_one_mail_gathers_everything_that_is_unread(people: Cast, mailbox: Mailbox) -> None:
    first = post(people.room, people.alice, "one @bob")
    post(people.room, people.alice, "nothing for anybody")
    post(direct(people.mina, people.bob), people.mina, "two")
    noted()
    Notification.objects.exclude(message=first).update(until=after(30))
    assert told(minutes=6) == 1
    (mail,) = mailbox.mails
    assert mail["Subject"] == "[Maru] 2 messages are waiting for you"
    text = text_of(mailbox)
    assert text.index("Maru team\n") < text.index("one @bob") < text.index("Mina\n") < text.index("two")
    assert "nothing for anybody" not in text
    assert state(people.bob) == [("sent", ""), ("sent", "gathered")]


def test_between_two_mails_to_somebody_there_is_a_pause(people: Cast, mailbox: Mailbox) -> None:
    post(people.room, people.alice, "one @bob")
    told(minutes=6)
    post(people.room, people.alice, "two @bob")
    told(minutes=7)
    assert len(mailbox.mails) == 1
    assert state(people.bob)[1] == ("waiting", "interval")
    post(people.room, people.alice, "three @bob")
    told(minutes=6 + 16)
    assert len(mailbox.mails) == 2
    assert "two @bob" in text_of(mailbox, 1)
    assert "three @bob" in text_of(mailbox, 1)
    assert [outcome for outcome, _ in state(people.bob)] == ["sent"] * 3


def test_in_quiet_hours_mail_waits_and_is_looked_at_again(people: Cast, mailbox: Mailbox) -> None:
    now = timezone.now()
    begin, end = now - timedelta(hours=1), now + timedelta(hours=2)
    quiet = {"quiet_from": f"{begin:%H:%M}", "quiet_to": f"{end:%H:%M}"}
    for user in (people.bob, people.mina):
        preferences.write(user, quiet)
    message = post(people.room, people.alice, "hello @bob @mina")
    told(minutes=6)
    assert mailbox.tries_count == 0
    row = Notification.objects.get(user=people.bob)
    assert (row.outcome, row.why) == ("waiting", "quiet_hours")
    assert row.until == end.replace(second=0, microsecond=0)
    run(people.bob.pk, MarkRead(room=people.room.pk, msg_no=message.msg_no or 0))
    told(minutes=121)
    assert recipients(mailbox) == ["mina@example.org"]
    assert state(people.bob) == [("suppressed", "read")]


def test_mail_that_was_switched_off_does_not_leave(people: Cast, mailbox: Mailbox) -> None:
    post(people.room, people.alice, "hello @bob")
    noted()
    preferences.write(people.bob, {"mail": False})
    told()
    post(people.room, people.alice, "again @bob")
    told()
    assert mailbox.tries_count == 0
    assert state(people.bob) == [("suppressed", "off"), ("suppressed", "off")]


def test_a_reply_in_a_thread_counts_as_seen_once_one_has_answered_there(
    people: Cast, mailbox: Mailbox
) -> None:
    parent = post(people.room, people.alice, "a question")
    post(people.room, people.alice, "look here @bob @mina", parent=parent.pk)
    post(people.room, people.bob, "seen", parent=parent.pk)
    told()
    # Alice, who has asked, hears of the answer.
    assert recipients(mailbox) == ["alice@example.org", "mina@example.org"]
    assert f"/rooms/{people.room.pk}/?thread={parent.pk}" in text_of(mailbox)
    assert state(people.bob) == [("suppressed", "read")]


def test_a_mail_that_is_refused_for_good_has_failed_with_the_server_s_words(
    people: Cast, mailbox: Mailbox
) -> None:
    mailbox.refusals = ["550 no such mailbox"]
    post(people.room, people.alice, "hello @bob")
    told()
    row = Notification.objects.get()
    assert (row.outcome, row.why, row.said) == ("failed", "refused", "550 no such mailbox")
    told(minutes=60)
    assert mailbox.tries_count == 1


def test_a_server_that_is_busy_is_asked_again_under_the_same_message_id(
    people: Cast, mailbox: Mailbox
) -> None:
    mailbox.refusals = ["451 come again"]
    post(people.room, people.alice, "hello @bob")
    told(minutes=6)
    row = Notification.objects.get()
    assert (row.outcome, row.why, row.said) == ("waiting", "server_away", "451 come again")
    assert (letter().begun_at, letter().ended_at) == (None, None)
    told(minutes=8)
    assert state(people.bob) == [("sent", "")]
    assert [mail["Message-ID"] for mail in mailbox.mails] == [f"<{letter().name}@localhost>"]


def test_what_was_read_while_the_server_was_away_is_not_told(
    people: Cast, mailbox: Mailbox, settings: Any
) -> None:
    settings.EMAIL_PORT = 1
    message = post(people.room, people.alice, "hello @bob @mina")
    told(minutes=6)
    # The second one is not even tried.
    assert sorted(state(people.bob) + state(people.mina)) == [
        ("waiting", "server_away"),
        ("waiting", "unread_yet"),
    ]
    settings.EMAIL_PORT = mailbox.port
    run(people.bob.pk, MarkRead(room=people.room.pk, msg_no=message.msg_no or 0))
    told(minutes=8)
    assert recipients(mailbox) == ["mina@example.org"]
    assert state(people.bob) == [("suppressed", "read")]


def test_a_server_that_stays_away_is_given_up_after_hours(
    people: Cast, mailbox: Mailbox, settings: Any
) -> None:
    settings.EMAIL_PORT = 1
    post(people.room, people.alice, "hello @bob")
    noted()
    minutes = 6
    while letters.ATTEMPTS_MAX_COUNT and state(people.bob)[0][0] == "waiting":
        assert minutes < 10 * 60
        sweeps.sweep(after(minutes))
        minutes += 31
    row = Notification.objects.get()
    assert (row.outcome, row.why) == ("failed", "gave_up")
    assert row.said.startswith("ConnectionRefusedError")
    assert letter().attempts == letters.ATTEMPTS_MAX_COUNT


def test_a_worker_killed_after_the_server_took_it_sends_the_same_again(
    people: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = post(people.room, people.alice, "hello @bob")
    noted()

    def killed(link: smtplib.SMTP) -> None:
        link.close()
        raise Killed

    with monkeypatch.context() as patch:
        # The server has answered; nothing of ours runs after this.
        patch.setattr(smtplib.SMTP, "quit", killed)
        with pytest.raises(Killed):
            sweeps.sweep(after(6))
    assert state(people.bob) == [("waiting", "")]
    assert sweeps.sweep(after(7)) == 0
    # It was told, so what is read meanwhile does not take it back.
    run(people.bob.pk, MarkRead(room=people.room.pk, msg_no=message.msg_no or 0))
    assert sweeps.sweep(after(12)) == 1
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert state(people.bob) == [("sent", "")]


def test_a_worker_killed_before_the_server_heard_of_it_loses_nothing(
    people: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(people.room, people.alice, "hello @bob")
    noted()

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(smtplib.SMTP, "connect", killed)
        with pytest.raises(Killed):
            sweeps.sweep(after(6))
    assert mailbox.tries_count == 0
    sweeps.sweep(after(12))
    assert len(mailbox.mails) == 1


def test_of_two_workers_one_writes(people: Cast, mailbox: Mailbox) -> None:
    for n in range(3):
        post(people.room, people.alice, f"hello @bob @mina @지우 {n}")
    noted()
    now = after(6)
    at_once([lambda: sweeps.sweep(now), lambda: sweeps.sweep(now)])
    assert recipients(mailbox) == ["bob@example.org", "jiwoo@example.org", "mina@example.org"]
    assert Notification.objects.filter(outcome="sent").count() == 9
    assert Letter.objects.filter(ended_at=None).count() == 0


def test_of_many_claims_of_a_letter_one_wins(people: Cast) -> None:
    now = timezone.now()
    for moment in (now, now + timedelta(seconds=letters.LEASE_S + 1)):
        taken = at_once([lambda at=moment: letters.take(people.bob.pk, "missed", at)] * 6)  # type: ignore[misc]
        assert len([row for row in taken if row is not None]) == 1
    assert letter().attempts == 2


def test_a_letter_that_cannot_be_written_does_not_hold_up_the_others(people: Cast, mailbox: Mailbox) -> None:
    # An account from before the check of names was made.
    User.objects.filter(pk=people.bob.pk).update(email="bob@example.org\r\nBcc: eve@example.org")
    people.bob.refresh_from_db()
    EmailAddress.objects.filter(user=people.bob).update(email=people.bob.email)
    post(people.room, people.alice, "hello @bob @mina")
    told()
    assert recipients(mailbox) == ["mina@example.org"]
    assert state(people.bob) == [("failed", "refused")]


def test_a_long_backlog_is_told_in_one_mail_that_counts_the_rest(people: Cast, mailbox: Mailbox) -> None:
    for n in range(60):
        post(people.room, people.alice, f"number {n:02} @bob")
    while Notification.objects.count() < 60:
        noted()
    told()
    text = text_of(mailbox)
    assert "number 09" not in text
    assert "number 10" in text
    assert "number 59" in text
    assert "And earlier ones: 10." in text
    assert set(state(people.bob)) == {("sent", "")}


def test_the_clock_of_quiet_hours_is_the_person_s_own(people: Cast) -> None:
    User.objects.filter(pk=people.bob.pk).update(time_zone="Asia/Seoul")
    people.bob.refresh_from_db()
    preferences.write(people.bob, {"quiet_from": "00:00", "quiet_to": "23:59"})
    row = people.bob.notification_settings
    assert (row.quiet_from, row.quiet_to) == (time(0), time(23, 59))
    assert preferences.read(people.bob)["time_zone"] == "Asia/Seoul"


def test_who_follows_a_thread_is_told_of_replies(people: Cast, mailbox: Mailbox) -> None:
    parent = post(people.room, people.alice, "a question")
    post(people.room, people.bob, "an answer", parent=parent.pk)
    told()
    assert recipients(mailbox) == ["alice@example.org"]
    assert [row.rule for row in Notification.objects.filter(way="mail")] == ["thread"]
    assert "Bob replied in a thread in Maru team" in str(mailbox.mails[0]["Subject"])


def test_a_thread_that_was_left_or_read_is_quiet(people: Cast, mailbox: Mailbox) -> None:
    parent = post(people.room, people.alice, "a question")
    reply = post(people.room, people.bob, "an answer", parent=parent.pk)
    post(people.room, people.mina, "another", parent=parent.pk)
    run(people.alice.pk, ReadThread(message=parent.pk, seq=reply.seq + 1))
    run(people.bob.pk, UnfollowThread(message=parent.pk))
    told()
    assert mailbox.tries_count == 0
    assert set(state(people.alice)) == {("suppressed", "read")}
    assert state(people.bob) == []


def test_a_muted_room_keeps_its_threads_quiet_and_one_of_mentions_does_not(
    people: Cast, mailbox: Mailbox
) -> None:
    parent = post(people.room, people.alice, "a question")
    post(people.room, people.bob, "mine", parent=parent.pk)
    told()
    Membership.objects.filter(user=people.alice).update(level="none")
    Membership.objects.filter(user=people.bob).update(level="mentions")
    post(people.room, people.mina, "an answer", parent=parent.pk)
    told(minutes=40)
    assert state(people.alice)[-1] == ("suppressed", "level")
    assert state(people.bob) == [("sent", "")]
