"""A digest each morning, or each Monday morning: what is unread, room by room."""

from __future__ import annotations

from datetime import datetime

from chat.features.notifications import clocks, letters, people, rules, writing
from chat.features.notifications.writing import Unread
from chat.models import Letter, Membership, Message, NotificationSettings, User
from chat.queries import visibility

KIND = Letter.Kind.DIGEST
_ROOMS_MAX_COUNT = 20
_MESSAGES_COUNT = 3


def due(now: datetime, count: int) -> list[int]:
    """Return ids of people whose digest is due and whom no worker writes to."""
    taken = Letter.objects.filter(kind=KIND, ended_at=None, claimed_until__gt=now)
    chosen = NotificationSettings.objects.filter(digest_at__lte=now).exclude(user__in=taken.values("user"))
    return list(chosen.order_by("digest_at").values_list("user_id", flat=True)[:count])


def plan(chosen: NotificationSettings, user: User, now: datetime) -> datetime | None:
    """Return when somebody's next digest is due, None where it is off."""
    if chosen.digest == NotificationSettings.Digest.OFF:
        return None
    is_weekly = chosen.digest == NotificationSettings.Digest.WEEKLY
    return clocks.next_digest(people.zone_of(user), now, is_weekly=is_weekly)


def write(letter: Letter, user: User, now: datetime) -> bool:
    """Send a claimed digest and plan the next one; False when the mail server is away."""
    chosen = NotificationSettings.objects.filter(user=user).first()
    person = people.one(user)
    is_wanted = chosen is not None and chosen.digest != NotificationSettings.Digest.OFF
    quiet_until = person.quiet.until(now) if person.quiet else None
    rooms = unread(user) if is_wanted and not quiet_until and rules.unreachable(person) is None else []
    has_answer = True
    if rooms:
        has_answer = letters.deliver(letter, writing.digest(user, rooms), now)
        if Letter.objects.filter(pk=letter.pk, ended_at=None).exists():
            # To be tried again; until then the letter itself holds the digest back.
            return has_answer
    else:
        letters.drop(letter)
    if chosen is not None:
        again = quiet_until if is_wanted and quiet_until else plan(chosen, user, now)
        # What somebody has chosen meanwhile stays.
        NotificationSettings.objects.filter(pk=chosen.pk, digest=chosen.digest).update(digest_at=again)
    return has_answer


def unread(user: User) -> list[Unread]:
    """Return the rooms with something unread, the liveliest first, with the latest messages of each."""
    found = []
    rows = visibility.memberships(user).exclude(level=Membership.Level.NONE).order_by("-room__last_at")
    for row in rows:
        count = row.room.last_msg_no - row.read_msg_no
        if count <= 0:
            continue
        latest = (
            Message.objects.filter(room=row.room, msg_no__gt=row.read_msg_no, deleted_at=None)
            .select_related("room", "sender")
            .order_by("-seq")[:_MESSAGES_COUNT]
        )
        found.append(Unread(row.room, count, list(reversed(latest))))
        if len(found) == _ROOMS_MAX_COUNT:
            break
    return found
