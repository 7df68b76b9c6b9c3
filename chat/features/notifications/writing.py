"""What the mails say: in the language and by the clock of who gets them, as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import formats, timezone, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from chat.features.notifications import people, unsubscribe
from chat.features.notifications.post import Mail
from chat.models import Letter, Membership, Message, Notification, Room, User
from chat.queries import workspace
from chat.text import maths, spoilers

# The latest of what there is; the rest is counted.
_MESSAGES_MAX_COUNT = 50
_BODY_MAX_CHARS = 1_000
_SUBJECT_MAX_CHARS = 150


@dataclass(frozen=True, slots=True)
class Unread:
    """A room with so many unread messages, and the latest of them."""

    room: Room
    count: int
    messages: Sequence[Message]


def missed(user: User, rows: Sequence[Notification]) -> Mail:
    """Write the mail about unread messages; their rooms and senders must be loaded."""
    shown = [row.message for row in rows[-_MESSAGES_MAX_COUNT:]]
    by_room: dict[int, list[Message]] = {}
    for message in shown:
        by_room.setdefault(message.room_id, []).append(message)
    rooms = [Unread(found[0].room, len(found), found) for found in by_room.values()]
    with spoken_to(user):
        titles = titles_of(user, [row.room for row in rooms])
        if len(rows) == 1:
            names = {"author": shown[0].sender.get_full_name(), "room": titles[shown[0].room_id]}
            subject = _subject(rows[0].rule) % names
        else:
            subject = _("%(count)d messages are waiting for you") % {"count": len(rows)}
        more = len(rows) - len(shown)
        details = {
            "lead": _("You have not read this yet."),
            "rooms": [_room(row, titles[row.room.pk]) for row in rooms],
            "more": _("And earlier ones: %(count)d.") % {"count": more} if more else "",
            "reason": _(
                "You get this mail because you were mentioned, answered or written to and have not read it on any "
                "device."
            ),
        }
        return _mail(user, subject, details, Letter.Kind.MISSED)


def _subject(rule: str) -> str:
    if rule == Notification.Rule.DIRECT:
        return _("%(author)s wrote to you")
    if rule == Notification.Rule.THREAD:
        return _("%(author)s replied in a thread in %(room)s")
    if rule in (Notification.Rule.HERE, Notification.Rule.ROOM):
        return _("%(author)s called everybody in %(room)s")
    if rule == Notification.Rule.GROUP:
        return _("%(author)s called a group of yours in %(room)s")
    return _("%(author)s mentioned you in %(room)s")


def digest(user: User, rooms: Sequence[Unread]) -> Mail:
    """Write the digest; rooms and senders of the messages must be loaded."""
    with spoken_to(user):
        titles = titles_of(user, [row.room for row in rooms])
        count = sum(row.count for row in rooms)
        details = {
            "lead": _("This is what you have not read yet."),
            "rooms": [
                _room(row, titles[row.room.pk], _("Unread: %(count)d") % {"count": row.count})
                for row in rooms
            ],
            "more": "",
            "reason": _("You get this digest because you have asked for it in your settings."),
        }
        subject = _("Your digest: %(count)d unread") % {"count": count}
        return _mail(user, subject, details, Letter.Kind.DIGEST)


def test(user: User) -> Mail:
    """Write the mail with which somebody tries whether mail arrives."""
    with spoken_to(user):
        details = {
            "lead": _("This is the test mail that you have asked for. Mail from here reaches you."),
            "rooms": [],
            "more": "",
            "reason": "",
        }
        return _mail(user, _("Test mail"), details)


def _mail(user: User, subject: str, details: Mapping[str, Any], kind: str = "") -> Mail:
    context = {
        **details,
        "language": translation.get_language(),
        "workspace": workspace.name(),
        "home": settings.ALLOWED_ORIGINS[0] + "/",
        "zone": timezone.get_current_timezone_name(),
        "unsubscribe": unsubscribe.link(user, kind) if kind else "",
    }
    line = " ".join(f"[{context['workspace']}] {subject}".split())
    text = render_to_string("chat/mail/unread.txt", context)
    return Mail(
        to=user.email,
        subject=line if len(line) <= _SUBJECT_MAX_CHARS else f"{line[: _SUBJECT_MAX_CHARS - 1]}…",
        text=text.strip() + "\n",
        html=render_to_string("chat/mail/unread.html", context),
        headers=unsubscribe.headers(user, kind) if kind else {},
    )


@contextmanager
def spoken_to(user: User) -> Iterator[None]:
    """Write in the language and by the clock of somebody."""
    with translation.override(people.language_of(user)), timezone.override(people.zone_of(user)):
        yield


def _room(row: Unread, title: str, note: str = "") -> dict[str, Any]:
    return {
        "title": title,
        "note": note,
        "link": _link(row.room.pk),
        "messages": [_message(message) for message in row.messages],
    }


def path_of(message: Message) -> str:
    """Return the place of a message in the page."""
    place = f"?thread={message.parent_id}" if message.parent_id else f"?seq={message.seq}"
    return f"/rooms/{message.room_id}/{place}"


def _message(message: Message) -> dict[str, Any]:
    is_whole = len(message.body) <= _BODY_MAX_CHARS
    text = message.body if is_whole else f"{message.body[:_BODY_MAX_CHARS]}…"
    files = "\n".join(f"📎 {name}" for name in file_names(message))
    html = _html(message.html if is_whole else None, text) if text else ""
    return {
        "author": message.sender.get_full_name(),
        "at": _time(message.at),
        "text": "\n".join(filter(None, (spoilers.masked(text), files))),
        "html": mark_safe(html + (_html(None, files) if files else "")),  # noqa: S308
        "link": settings.ALLOWED_ORIGINS[0] + path_of(message),
    }


def file_names(message: Message) -> list[str]:
    """Return what its files are called; neither a mail nor a push takes them along."""
    if not message.attachment_count:
        return []
    return list(message.attachments.order_by("place").values_list("name", flat=True))


def _html(sanitized: str | None, text: str) -> SafeString:
    """Return what was sanitized when it was stored, else the text escaped."""
    plain = "<br>".join(escape(text).splitlines())
    shown = spoilers.masked_html(maths.as_typed(sanitized)) if sanitized is not None else f"<p>{plain}</p>"
    return mark_safe(shown)  # noqa: S308


def _time(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")


def _link(room_id: int) -> str:
    return f"{settings.ALLOWED_ORIGINS[0]}/rooms/{room_id}/"


def titles_of(user: User, rooms: Sequence[Room]) -> dict[int, str]:
    """Return what each room is called, a direct one by who else is in it."""
    directs = [room.pk for room in rooms if room.is_direct]
    peers: dict[int, list[str]] = {pk: [] for pk in directs}
    if directs:
        others = Membership.objects.filter(room__in=directs, left_seq=None).exclude(user=user)
        for row in others.select_related("user").order_by("pk"):
            peers[row.room_id].append(row.user.get_full_name())
    return {room.pk: room.name or ", ".join(peers.get(room.pk, ())) or user.get_full_name() for room in rooms}
