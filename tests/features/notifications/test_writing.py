from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.core.mail import EmailMessage

from chat.features.notifications import writing
from chat.features.notifications.post import Mail, send
from chat.models import Attachment, Message, Notification, Room, User
from tests.cast import Cast
from tests.features.notifications.conftest import noted
from tests.features.notifications.test_ledger import direct
from tests.make import post


def mail_to(user: User) -> Mail:
    noted()
    rows = Notification.objects.filter(user=user).select_related("message__room", "message__sender")
    return writing.missed(user, list(rows.order_by("pk")))


def test_text_of_people_is_escaped_and_what_was_sanitized_stays(people: Cast) -> None:
    Room.objects.filter(pk=people.room.pk).update(name="<b>Team</b>")
    User.objects.filter(pk=people.alice.pk).update(name='"><script>x</script>')
    post(people.room, people.alice, "**look** @bob <img src=x onerror=alert(1)> https://example.org/a")
    post(direct(people.mina, people.bob), people.mina, "1 < 2 & 3\nnext line")
    html = mail_to(people.bob).html
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;b&gt;Team&lt;/b&gt;" in html
    assert "<strong>look</strong>" in html
    assert "<p>1 &lt; 2 &amp; 3<br>next line</p>" in html


def test_nothing_in_a_mail_is_fetched_from_anywhere(people: Cast) -> None:
    post(people.room, people.alice, "@bob ![x](https://evil.example/pixel.png) [a](https://example.org)")
    html = mail_to(people.bob).html
    assert not re.search(r"\b(src|srcset|background|poster|data)=|url\(|@import|<link", html)


def test_the_text_holds_what_was_said_as_it_was_typed(people: Cast) -> None:
    post(people.room, people.alice, "**look** @bob & <you>")
    text = mail_to(people.bob).text
    assert "**look** @bob & <you>" in text
    assert "&amp;" not in text


def test_each_message_has_its_address(people: Cast) -> None:
    message = post(people.room, people.alice, "hello @bob")
    mail = mail_to(people.bob)
    for body in (mail.text, mail.html):
        assert f"http://localhost:8000/rooms/{people.room.pk}/?seq={message.seq}" in body


def test_it_speaks_the_language_of_who_gets_it_and_shows_their_clock(people: Cast) -> None:
    User.objects.filter(pk=people.jiwoo.pk).update(time_zone="Asia/Seoul")
    people.jiwoo.refresh_from_db()
    message = post(people.room, people.alice, "@지우 @bob")
    Message.objects.filter(pk=message.pk).update(at=datetime(2026, 3, 10, 20, 5, tzinfo=UTC))
    korean, english = mail_to(people.jiwoo), mail_to(people.bob)
    assert korean.subject == "[Maru] Alice님이 Maru team에서 회원님을 언급했어요"
    assert "2026년 3월 11일 5:05 오전" in korean.text
    assert "Asia/Seoul" in korean.text
    assert '<html lang="ko">' in korean.html
    assert "March 10, 2026, 8:05 p.m." in english.text
    assert "UTC" in english.text


def test_a_direct_conversation_is_called_by_who_else_is_in_it(people: Cast) -> None:
    post(direct(people.alice, people.bob, people.mina), people.alice, "hello")
    mail = mail_to(people.bob)
    assert mail.subject == "[Maru] Alice wrote to you"
    assert "Alice, Mina" in mail.text


def test_a_long_message_is_cut_and_a_long_or_broken_name_does_not_break_the_subject(people: Cast) -> None:
    User.objects.filter(pk=people.alice.pk).update(name="A\r\nBcc: eve@example.org")
    Room.objects.filter(pk=people.room.pk).update(name="x" * 80)
    post(people.room, people.alice, "@bob **" + "y" * 3_000 + "**")
    mail = mail_to(people.bob)
    assert "\n" not in mail.subject
    assert len(mail.subject) <= 150
    assert mail.text.count("y") < 1_100
    assert mail.html.count("y" * 900) == 1
    assert "…" in mail.html


def test_the_way_out_stands_in_the_mail_and_in_its_headers(people: Cast) -> None:
    post(people.room, people.alice, "hello @bob")
    mail = mail_to(people.bob)
    link = mail.headers["List-Unsubscribe"].strip("<>")
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link.startswith("http://localhost:8000/unsubscribe/")
    assert link in mail.text
    assert link in mail.html


def test_the_address_of_the_way_out_stands_on_the_line_of_its_header(
    people: Cast, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    settings.ALLOWED_ORIGINS = [f"https://{'a' * 60}.example.org"]
    User.objects.filter(pk=people.alice.pk).update(name="지" * 40)
    post(people.room, people.alice, "hello @bob")
    send(mail_to(people.bob), "name")
    lines = mailoutbox[0].message().as_bytes().decode().splitlines()
    (found,) = [line for line in lines if line.startswith("List-Unsubscribe:")]
    assert found.startswith("List-Unsubscribe: <https://aaa")
    assert found.endswith("/>")
    subject = lines[next(n for n, line in enumerate(lines) if line.startswith("Subject:")) :]
    assert all(len(line) <= 78 for line in subject[:2])


def test_message_of_files_alone_is_told_by_their_names(people: Cast) -> None:
    uploads = [
        Attachment.objects.create(
            uploader=people.mina, key=f"key-{name}", name=name, type="text/plain", bytes=1, state="ready"
        )
        for name in ("<b>cat</b>.png", "notes.txt")
    ]
    post(direct(people.mina, people.bob), people.mina, "", attachments=[one.pk for one in uploads])
    mail = mail_to(people.bob)
    assert "📎 <b>cat</b>.png\n📎 notes.txt" in mail.text
    assert "<p>📎 &lt;b&gt;cat&lt;/b&gt;.png<br>📎 notes.txt</p>" in mail.html
