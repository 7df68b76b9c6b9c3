"""The workspace: its rooms one after the other with everything in them, then its people and its own emoji.

Each room has its own cut: the seq at which it stood when its turn came. Nothing that was posted after it is in the
file. What changed an earlier message after it (an edit, a deletion, a reaction) may be, as in a replay, which also
reads messages as they are now. People come last, so that whoever is named anywhere is among them.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from dataclasses import replace
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import QuerySet, Sum

from chat.features.exports import files, paging
from chat.features.exports.paging import PAGE_COUNT, Line, Page, Place
from chat.models import (
    Attachment,
    Change,
    CustomEmoji,
    Erasure,
    Export,
    Membership,
    Message,
    Room,
    RoomRetention,
    User,
    UserGroup,
    UserGroupMember,
)

_ROOM = (
    "id", "kind", "slug", "name", "topic", "direct_key", "guests", "previews", "posting", "slow_s", "calls",
    "seen", "last_seq", "last_msg_no", "expired_seq", "last_at", "created_at", "archived_at",
)  # fmt: skip
_MEMBERSHIP = (
    "id", "room_id", "user_id", "role", "level", "read_msg_no", "read_backs", "joined_seq", "left_seq", "joined_at",
    "muted_until", "slow_at", "banned_at", "banned_until",
)  # fmt: skip
_RETENTION = ("days", "is_forever", "held_at", "held_by_id")
# Without the rendering, which is made of the text.
_MESSAGE = (
    "id", "room_id", "seq", "msg_no", "sender_id", "parent_id", "body", "client_message_id", "client_digest", "at",
    "edited_at", "deleted_at", "pinned_at", "pinned_by_id",
)  # fmt: skip
# What tells whether more is to be read.
_COUNTS = ("attachment_count", "quote_chars", "has_poll")
_CHANGE = ("room_id", "seq", "kind", "at", "actor_id", "message_id", "subject_id", "payload")
# Without passwords and whatever else lets somebody in.
_USER = (
    "id", "handle", "name", "email", "role", "is_bot", "is_active", "language", "time_zone", "title",
    "pronouns", "created_at", "last_login",
)  # fmt: skip
_GROUP = ("id", "handle", "name", "made_by_id", "made_at")
_EMOJI = (
    "id", "name", "alias_of_id", "key", "picture", "width", "height", "is_animated", "made_by_id", "created_at",
)  # fmt: skip
# Each with its picture of up to 128 KiB.
_EMOJI_COUNT = 50
_ERASURE = ("asked_by_id", "asked_at", "removes_messages", "finished_at")


def rooms(row: Export) -> QuerySet[Room]:
    """Return the rooms that are in an export."""
    found = Room.objects.filter(deleted_at=None)
    return found if row.has_directs else found.exclude(kind=Room.Kind.DIRECT)


def begin(row: Export) -> Place:
    """Return the first place; it holds about how much there is: each seq is looked for as message and as change."""
    seqs = rooms(row).aggregate(sum=Sum("last_seq"))["sum"] or 0
    size_bytes = files.size_of(Attachment.objects.filter(message__room__in=rooms(row)))
    total = 2 * seqs + User.objects.count() + files.as_rows(size_bytes)
    return {"step": "rooms", "room": 0, "after": 0, "done": 0, "bytes": 0, "total": total}


def page(row: Export, place: Place) -> Page:
    """Read what comes after a place."""
    return _PAGES[place["step"]](row, place)


def _next_room(row: Export, place: Place) -> Page:
    found = rooms(row).filter(pk__gt=place["room"]).order_by("pk").values(*_ROOM).first()
    if found is None:
        return _page(place, "rooms", [], {**place, "step": "users", "after": 0})
    cut = {"room": found["id"], "cut": found["last_seq"], "msg_cut": found["last_msg_no"]}
    kept = RoomRetention.objects.filter(room=found["id"]).values(*_RETENTION).first()
    return _page(
        place, "rooms", [{**found, "retention": kept}], {**place, **cut, "step": "members", "after": 0}
    )


def _members(row: Export, place: Place) -> Page:
    inside = Membership.objects.filter(room=place["room"], joined_seq__lte=place["cut"]).values(*_MEMBERSHIP)
    found: list[Any] = paging.after(inside, "user_id", place["after"])
    for member in found:
        # As it was at the cut, where that can be told.
        if member["left_seq"] is not None and member["left_seq"] > place["cut"]:
            member["left_seq"] = None
        member["read_msg_no"] = min(member["read_msg_no"], place["msg_cut"])
    return _page(place, "members", found, _following(place, found, "user_id", "messages"))


def _messages(row: Export, place: Place) -> Page:
    rows = Message.objects.filter(room=place["room"], seq__lte=place["cut"])
    found: list[Any] = paging.after(rows.values(*_MESSAGE, *_COUNTS), "seq", place["after"])
    has_files = sum(message.pop("attachment_count") for message in found) > 0
    _hang(found, row, place)
    following = _following(place, found, "seq", "changes")
    following["done"] += (found[-1]["seq"] if len(found) == PAGE_COUNT else place["cut"]) - place["after"]
    if has_files:
        # Those of this page before the next one, within the same cut.
        window = {"from": place["after"], "until": found[-1]["seq"], "then": following}
        following = {**following, **window, "step": files.KIND, "after": 0}
    return _page(place, "messages", found, following)


def _hang(found: list[Any], row: Export, place: Place) -> None:
    """Put to the messages of a page what hangs on them; what none of them has is not asked for."""
    ids = [message["id"] for message in found]
    quoting = [message["id"] for message in found if message.pop("quote_chars")]
    asking = [message["id"] for message in found if message.pop("has_poll")]
    # Rows are read one kind after the other: of a message that was deleted in between there is no removal here.
    deleted = [message["id"] for message in found if message["deleted_at"] is not None]
    # Who is reported never learns by whom, also as an admin: those of one's own messages are in the exports of others.
    of_others = [message["id"] for message in found if message["sender_id"] != row.user_id]
    first = [message["id"] for message in found if message["parent_id"] is None]
    several: dict[str, dict[int, Any]] = {
        "earlier": paging.revisions(ids),
        "mentions": paging.mentions(ids),
        "calls": paging.calls(ids),
        "reactions": paging.reactions(ids),
        "previews": paging.previews(ids),
        "reports": paging.reports(of_others),
        "follows": paging.follows(first),
    }
    single = {
        "quote": paging.quotes(quoting),
        "poll": paging.polls(asking),
        "removal": paging.removals(deleted),
    }
    for message in found:
        message |= {name: rows.get(message["id"], []) for name, rows in several.items()}
        message |= {name: rows.get(message["id"]) for name, rows in single.items()}
        for one in message["follows"]:
            # As with the read markers of members: no further than the cut.
            one["read_seq"] = min(one["read_seq"], place["cut"])


def _attachments(row: Export, place: Place) -> Page:
    within = {"message__seq__gt": place["from"], "message__seq__lte": place["until"]}
    rows = Attachment.objects.filter(message__room=place["room"], **within)
    found, following, has_more = files.page(rows, place, has_raw=False)
    if not has_more:
        following = {**place["then"], "bytes": following["bytes"]}
    return replace(_page(place, files.KIND, [], following), files=found)


def _changes(row: Export, place: Place) -> Page:
    rows = Change.objects.filter(room=place["room"], seq__lte=place["cut"]).values(*_CHANGE)
    found = paging.after(rows, "seq", place["after"])
    following = _following(place, found, "seq", "rooms")
    following["done"] += (found[-1]["seq"] if len(found) == PAGE_COUNT else place["cut"]) - place["after"]
    return _page(place, "changes", found, following)


def _users(row: Export, place: Place) -> Page:
    found: list[Any] = paging.after(User.objects.values(*_USER), "id", place["after"])
    emails: dict[int, list[Line]] = defaultdict(list)
    addresses = EmailAddress.objects.filter(user__in=[user["id"] for user in found]).order_by("pk")
    for user, email, verified, primary in addresses.values_list("user_id", "email", "verified", "primary"):
        emails[user].append({"email": email, "verified": verified, "primary": primary})
    erased = Erasure.objects.filter(user__in=[user["id"] for user in found])
    erasures = {one["user_id"]: one for one in erased.values("user_id", *_ERASURE)}
    for user in found:
        erasure = erasures.get(user["id"])
        user["emails"] = emails.get(user["id"], [])
        user["erasure"] = {name: erasure[name] for name in _ERASURE} if erasure else None
    following = _following(place, found, "id", "emoji")
    following["done"] += len(found)
    return _page(place, "users", found, following)


def _groups(row: Export, place: Place) -> Page:
    found: list[Any] = paging.after(UserGroup.objects.values(*_GROUP), "id", place["after"])
    members: dict[int, list[int]] = defaultdict(list)
    rows = UserGroupMember.objects.filter(group__in=[one["id"] for one in found]).order_by("pk")
    for group, user in rows.values_list("group_id", "user_id"):
        members[group].append(user)
    for one in found:
        one["members"] = members.get(one["id"], [])
    following = _following(place, found, "id", "")
    return _page(place, "groups", found, following if following["step"] else None)


def _emoji(row: Export, place: Place) -> Page:
    # An alias comes after what it stands for, as it was made after it.
    rows = CustomEmoji.objects.filter(pk__gt=place["after"]).order_by("pk").values(*_EMOJI)
    found: list[Any] = list(rows[:_EMOJI_COUNT])
    for one in found:
        picture = one.pop("picture")
        one["webp_base64"] = None if picture is None else base64.b64encode(picture).decode()
    is_full = len(found) == _EMOJI_COUNT
    following = {**place, "after": found[-1]["id"]} if is_full else {**place, "step": "groups", "after": 0}
    return _page(place, "emoji", found, following)


def _following(place: Place, found: list[Any], key: str, next_step: str) -> Place:
    """Return the place behind a page: in the same step while its pages are full."""
    if len(found) == PAGE_COUNT:
        return {**place, "after": found[-1][key]}
    return {**place, "step": next_step, "after": 0}


def _page(place: Place, kind: str, found: list[Any], following: Place | None) -> Page:
    done = following["done"] + files.as_rows(following["bytes"]) if following else place["total"]
    return Page({kind: found}, following, kind, paging.percent_of(done, place["total"]))


_PAGES = {
    "rooms": _next_room,
    "members": _members,
    "messages": _messages,
    files.KIND: _attachments,
    "changes": _changes,
    "users": _users,
    "groups": _groups,
    "emoji": _emoji,
}
