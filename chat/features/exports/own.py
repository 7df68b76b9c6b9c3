"""A person's own data: what they are, have said, chosen and keep for later. Nothing that others have said."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import F, Max, Min, QuerySet

from chat.features.exports import files, paging
from chat.features.exports.paging import PAGE_COUNT, Line, Page, Place
from chat.models import (
    Attachment,
    Avatar,
    BrowserSession,
    CustomEmoji,
    DraftText,
    Export,
    InviteUse,
    Letter,
    Membership,
    Message,
    Notification,
    NotificationSettings,
    PushSubscription,
    Reaction,
    Reminder,
    Report,
    Room,
    Saved,
    ScheduledMessage,
    Sidebar,
    ThreadFollow,
    Token,
    User,
    UserGroupMember,
    Vote,
)

# A table of everybody's rows is looked through in windows of so many ids: a database that is asked for the next few of
# one person may choose to read all of it.
_WINDOW_COUNT = 50_000


class _Step(NamedTuple):
    """Rows of one kind; `key` is their ascending column, `more` adds what hangs on them.

    `table`: where there may be millions of others between two rows of a person. `weight`: its part of the whole.
    """

    kind: str
    rows: Callable[[int], QuerySet[Any, Any]]
    key: str = "id"
    more: Callable[[Sequence[Any]], None] = lambda rows: None
    table: type[Message | Reaction] | None = None
    weight: int = 1
    has_files: bool = False


def _profile(user: int) -> QuerySet[Any, Line]:
    return User.objects.filter(pk=user).values(
        "id", "handle", "name", "email", "role", "is_bot", "language", "time_zone", "title",
        "pronouns", "doing_emoji", "doing_text", "doing_until", "hides_reading", "created_at", "last_login",
    )  # fmt: skip


def _faces(user: int) -> QuerySet[Any, Line]:
    return Avatar.objects.filter(user=user).values("id", "created_at", "large")


def _as_text(rows: Sequence[Any]) -> None:
    for row in rows:
        row["webp_base64"] = base64.b64encode(row.pop("large")).decode()


def _emoji(user: int) -> QuerySet[Any, Line]:
    # Without the pictures, which are the workspace's, and may be a thousand.
    return CustomEmoji.objects.filter(made_by=user).values(
        "id", "name", "created_at", alias_for=F("alias_of__name")
    )


def _sessions(user: int) -> QuerySet[Any, Line]:
    # Without the key, which lets in.
    return BrowserSession.objects.filter(user=user).values(
        "id", "agent", "address", "created_at", "last_seen_at"
    )


def _factors(user: int) -> QuerySet[Any, Line]:
    # Without what makes codes.
    found: QuerySet[Any, Line] = Authenticator.objects.filter(user=user)
    return found.values("id", "type", "created_at", "last_used_at")


def _providers(user: int) -> QuerySet[Any, Line]:
    found: QuerySet[Any, Line] = SocialAccount.objects.filter(user=user)
    return found.values("id", "provider", "uid", "date_joined", "last_login", "extra_data")


def _emails(user: int) -> QuerySet[Any, Line]:
    found: QuerySet[Any, Line] = EmailAddress.objects.filter(user=user)
    return found.values("id", "email", "verified", "primary")


def _tokens(user: int) -> QuerySet[Any, Line]:
    # Without the digest, by which a stolen secret could be recognised.
    return Token.objects.filter(user=user).values("id", "label", "created_at", "last_used_at", "revoked_at")


def _reports(user: int) -> QuerySet[Any, Line]:
    # What came of it is the business of those who saw to it.
    return Report.objects.filter(reporter=user).values("id", "message_id", "kind", "text", "created_at")


def _settings(user: int) -> QuerySet[Any, Line]:
    return NotificationSettings.objects.filter(user=user).values(
        "user_id", "wants_mail", "quiet_from", "quiet_to", "digest", "digest_at"
    )


def _rooms(user: int) -> QuerySet[Any, Line]:
    inside = Membership.objects.filter(user=user, left_seq=None, room__deleted_at=None)
    return inside.values(
        "id", "role", "level", "read_msg_no", "joined_at", "muted_until", "room_id",
        kind=F("room__kind"), slug=F("room__slug"), name=F("room__name"), topic=F("room__topic"),
    )  # fmt: skip


def _people_of_directs(rows: Sequence[Any]) -> None:
    """Say who a direct conversation is with, as it has no name."""
    directs = [row["room_id"] for row in rows if row["kind"] == Room.Kind.DIRECT]
    people: dict[int, list[str]] = defaultdict(list)
    inside = Membership.objects.filter(room__in=directs, left_seq=None).order_by("pk")
    for room, handle in inside.values_list("room_id", "user__handle") if directs else ():
        people[room].append(handle)
    for row in rows:
        row["people"] = people.get(row["room_id"])


def _messages(user: int) -> QuerySet[Any, Line]:
    # Those in rooms that the person has left too: the words are theirs, and they are still stored.
    return Message.objects.filter(sender=user).values(
        "id", "room_id", "seq", "msg_no", "parent_id", "body", "at", "edited_at", "deleted_at",
        "client_message_id",
    )  # fmt: skip


def _on_messages(rows: Sequence[Any]) -> None:
    ids = [row["id"] for row in rows]
    earlier, named, quoted = paging.revisions(ids), paging.mentions(ids), paging.quotes(ids)
    called = paging.calls(ids)
    for row in rows:
        row |= {"earlier": earlier.get(row["id"], []), "mentions": named.get(row["id"], [])}
        row["calls"] = called.get(row["id"], [])
        # Whose words they are stands with the message that they are from.
        row["quote"] = quoted.get(row["id"])


def _attachments(user: int) -> QuerySet[Attachment]:
    # Those that no message names yet, too.
    return Attachment.objects.filter(uploader=user)


def _reactions(user: int) -> QuerySet[Any, Line]:
    return Reaction.objects.filter(user=user).values("id", "message_id", "emoji", room_id=F("message__room"))


def _votes(user: int) -> QuerySet[Any, Line]:
    return Vote.objects.filter(user=user).values(
        "id", "choices", message_id=F("poll"), room_id=F("poll__message__room"), options=F("poll__options")
    )


def _by_name(rows: Sequence[Any]) -> None:
    """Say what was chosen in the words of the poll."""
    for row in rows:
        chosen, options = row.pop("choices"), row.pop("options")
        row["chosen"] = [text for place, text in enumerate(options) if chosen >> place & 1]


def _scheduled(user: int) -> QuerySet[Any, Line]:
    return ScheduledMessage.objects.filter(author=user).values(
        "id", "room_id", "parent_id", "body", "due_at", "time_zone", "created_at", "failed_at", "failed_code",
        "settled_at", "message_id", "seq", "client_scheduled_id",
    )  # fmt: skip


def _drafts(user: int) -> QuerySet[Any, Line]:
    own = DraftText.objects.filter(user=user).exclude(body="")
    return own.values("id", "room_id", "parent_id", "body", "written_at")


def _reminders(user: int) -> QuerySet[Any, Line]:
    return Reminder.objects.filter(user=user).values(
        "id", "message_id", "text", "label", "due_at", "created_at", "told_at", "done_at", "deleted_at",
        "client_reminder_id",
    )  # fmt: skip


def _threads(user: int) -> QuerySet[Any, Line]:
    return ThreadFollow.objects.filter(user=user).values(
        "id", "message_id", "is_on", "read_seq", room_id=F("message__room")
    )


def _groups(user: int) -> QuerySet[Any, Line]:
    return UserGroupMember.objects.filter(user=user).values(
        "id", "since", handle=F("group__handle"), name=F("group__name")
    )


def _saved(user: int) -> QuerySet[Any, Line]:
    return Saved.objects.filter(user=user).values("id", "message_id", "saved_at", "done_at")


def _came_by(user: int) -> QuerySet[Any, Line]:
    return InviteUse.objects.filter(user=user).values("id", "invite_id", "at")


def _sidebar(user: int) -> QuerySet[Any, Line]:
    return Sidebar.objects.filter(user=user).values("user_id", "version", "body")


def _notifications(user: int) -> QuerySet[Any, Line]:
    return Notification.objects.filter(user=user).values(
        "id", "message_id", "rule", "way", "outcome", "why", "until", "said", "letter_id", "created_at",
        "changed_at",
    )  # fmt: skip


def _letters(user: int) -> QuerySet[Any, Line]:
    return Letter.objects.filter(user=user).values(
        "id", "kind", "created_at", "attempts", "sent_at", "ended_at", "said"
    )


def _browsers(user: int) -> QuerySet[Any, Line]:
    # Without the address and the keys: who has them could write to that browser, or read what is sent there.
    return PushSubscription.objects.filter(user=user).values("id", "label", "created_at", "last_used_at")


def _exports(user: int) -> QuerySet[Any, Line]:
    return Export.objects.filter(user=user).values(
        "id", "kind", "has_directs", "reason", "created_at", "ended_at", "state", "downloads_count"
    )


STEPS = (
    _Step("profile", _profile),
    _Step("faces", _faces, more=_as_text),
    _Step("emoji", _emoji),
    _Step("emails", _emails),
    _Step("tokens", _tokens),
    _Step("sessions", _sessions),
    _Step("factors", _factors),
    _Step("providers", _providers),
    _Step("settings", _settings, "user_id"),
    _Step("rooms", _rooms, more=_people_of_directs),
    _Step("messages", _messages, more=_on_messages, table=Message, weight=55),
    _Step(files.KIND, _attachments, weight=30, has_files=True),
    _Step("reactions", _reactions, table=Reaction, weight=5),
    _Step("votes", _votes, more=_by_name),
    _Step("scheduled", _scheduled),
    _Step("drafts", _drafts),
    _Step("reminders", _reminders),
    _Step("threads", _threads),
    _Step("groups", _groups),
    _Step("saved", _saved),
    _Step("came_by", _came_by),
    _Step("sidebar", _sidebar, key="user_id"),
    _Step("reports", _reports),
    _Step("notifications", _notifications),
    _Step("letters", _letters),
    _Step("browsers", _browsers),
    _Step("exports", _exports),
)


_WEIGHT = sum(step.weight for step in STEPS)


def begin(_row: Export) -> Place:
    """Return the first place."""
    return _first_of(0)


def page(row: Export, place: Place) -> Page:
    """Read what comes after a place."""
    number: int = place["step"]
    step = STEPS[number]
    if step.has_files:
        return _page_of_files(row, step, place)
    rows, after, until = step.rows(row.user_id), place["after"], place["until"]
    # One that was begun by the version before names no first row.
    before, top = place.get("before", 0), None
    if step.table is not None:
        if until is None:
            # What is written from here on is not waited for; what has expired is not looked for.
            ends = step.table.objects.aggregate(first=Min("pk"), last=Max("pk"))
            until = ends["last"] or 0
            after = before = max(0, (ends["first"] or 0) - 1)
        top = min(after + _WINDOW_COUNT, until)
        rows = rows.filter(id__lte=top)
    found = paging.after(rows, step.key, after)
    step.more(found)
    is_full = len(found) == PAGE_COUNT
    following: Place = {
        "step": number,
        "after": found[-1][step.key] if is_full else top,
        "until": until,
        "before": before,
    }
    if not is_full and top == until:
        following = _first_of(number + 1)
    within = 0
    if until and following["until"]:
        within = step.weight * (following["after"] - before) // max(1, until - before)
    return _page(step, {step.kind: found}, following, within)


def _page_of_files(row: Export, step: _Step, place: Place) -> Page:
    rows = step.rows(row.user_id)
    if place["until"] is None:
        place = {**place, "until": files.size_of(rows), "bytes": 0}
    found, following, has_more = files.page(rows, place, has_raw=True)
    within = min(step.weight - 1, step.weight * following["bytes"] // max(1, place["until"]))
    if not has_more:
        following, within = _first_of(place["step"] + 1), 0
    return replace(_page(step, {}, following, within), files=found)


def _first_of(step: int) -> Place:
    return {"step": step, "after": 0, "until": None}


def _page(step: _Step, lines: dict[str, list[Line]], following: Place, within: int) -> Page:
    """`within`: how much of the weight of the step to come next is done."""
    is_last = following["step"] == len(STEPS)
    before = sum(one.weight for one in STEPS[: following["step"]])
    percent = paging.percent_of(before + within, _WEIGHT)
    return Page(lines, None if is_last else following, step.kind, percent)
