"""Rows to wire shapes: the only place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, cast

from django.db.models import Count

from chat.models import (
    Attachment,
    Change,
    Membership,
    Mention,
    Message,
    Preview,
    Reaction,
    Room,
    User,
)
from chat.models.rows import read
from chat.protocol import limits, shapes
from chat.protocol.changes import Change as WireChange
from chat.protocol.changes import ChangeKind
from chat.queries import calls, marks, polls, removals, summaries
from chat.queries.faces import me, profile, sender, time, user, users
from chat.queries.summaries import Replies
from chat.queries.times import said as said_time

__all__ = ["me", "profile", "sender", "time", "user", "users"]

# A page of the longest messages would be 25 MB, for each connection that asks.
PAGE_CHARS = 128 * 1024
_SHAPE_CHARS = 400
# What the previews of a message add for each link in its text.
LINK = "://"
PREVIEW_CHARS = 700
# What each of its files adds.
ATTACHMENT_CHARS = 500
# What a poll adds: its options, and who has chosen them.
POLL_CHARS = 3_000
_NONE: Mapping[str, list[int]] = MappingProxyType({})
# Of a message, these say who did it.
_SAY_WHO = frozenset(
    {"preview.attached", "preview.removed", "message.pinned", "message.unpinned", "poll.voted", "poll.closed"}
)


def messages(
    rows: Sequence[Message],
    fresh: Mapping[int, Sequence[int]] = MappingProxyType({}),
    fresh_files: Mapping[int, Sequence[Attachment]] = MappingProxyType({}),
) -> list[shapes.Message]:
    """Return messages with what hangs on them, in at most six queries however many; senders must be loaded.

    A few more where anything is quoted. `fresh`: messages that were just inserted, by id; nothing but these mentions,
    their `fresh_files` and what they quote hangs on them.
    """
    found = _messages(rows, fresh, fresh_files)
    quoted = marks.quotes(rows)
    sources = {shape["id"]: shape for shape in _messages(marks.sources(quoted))} if quoted else {}
    marks.add(found, rows, quoted, sources, {row.id: time(row.pinned_at) for row in rows if row.pinned_at})
    return found


def _messages(
    rows: Sequence[Message],
    fresh: Mapping[int, Sequence[int]] = MappingProxyType({}),
    fresh_files: Mapping[int, Sequence[Attachment]] = MappingProxyType({}),
) -> list[shapes.Message]:
    old = [row.id for row in rows if row.id not in fresh]
    mentions: dict[int, list[int]] = {pk: list(users) for pk, users in fresh.items()}
    senders = {row.sender_id: row for row in rows}
    by_id = {pk: sender(row.sender) for pk, row in senders.items()}
    emojis: dict[int, dict[str, list[int]]] = defaultdict(dict)
    previews: dict[int, list[shapes.Preview]] = defaultdict(list)
    files: dict[int, list[shapes.Attachment]] = defaultdict(list)
    for pk, uploaded in fresh_files.items():
        files[pk] = [attachment(one) for one in uploaded]
    replies: dict[int, Replies] = {}
    if old:
        if any("@" in row.body for row in rows if row.id not in fresh):
            for message_id, user_id in (
                Mention.objects.filter(message__in=old).order_by("pk").values_list("message_id", "user_id")
            ):
                mentions.setdefault(message_id, []).append(user_id)
        for message_id, emoji, user_id in (
            Reaction.objects.filter(message__in=old)
            .order_by("pk")
            .values_list("message_id", "emoji", "user_id")
        ):
            emojis[message_id].setdefault(emoji, []).append(user_id)
        linked = [row.id for row in rows if row.id not in fresh and LINK in row.body]
        if linked:
            left = Preview.objects.filter(message__in=linked, removed_at=None)
            for one in left.select_related("image").order_by("pk"):
                previews[one.message_id].append(preview(one))
        with_files = [row.id for row in rows if row.attachment_count and row.id not in fresh]
        if with_files:
            kept = Attachment.objects.filter(message__in=with_files, dropped_at=None)
            for file in kept.order_by("message", "place"):
                assert file.message_id is not None
                files[file.message_id].append(attachment(file))
        replies = summaries.of(old)
    shown: list[shapes.Message] = [
        {
            "id": row.id,
            "room": row.room_id,
            "seq": row.seq,
            "msg_no": row.msg_no,
            "sender": by_id[row.sender_id],
            "body": row.body,
            "html": row.html,
            "parent": row.parent_id,
            "attachments": files.get(row.id, []),
            "previews": previews.get(row.id, []),
            "reactions": [
                {"emoji": emoji, "users": users} for emoji, users in emojis.get(row.id, _NONE).items()
            ],
            "mentions": mentions.get(row.id, []),
            "at": time(row.at),
            "edited_at": time(row.edited_at) if row.edited_at else None,
            "deleted_at": time(row.deleted_at) if row.deleted_at else None,
            "client_message_id": row.client_message_id,
            "reply_count": replies[row.id].count if row.id in replies else 0,
        }
        for row in rows
    ]
    for shape in shown if replies else ():
        if found := replies.get(shape["id"]):
            shape["thread"] = {"people": found.people, "last_at": time(found.last_at)}
    called = calls.of(rows)
    for shape in shown if called else ():
        if found_calls := called.get(shape["id"]):
            shape["calls"] = found_calls
    asked = [row for row in rows if row.has_poll]
    results = polls.of(asked) if asked else {}
    for shape in shown if results else ():
        if result := results.get(shape["id"]):
            shape["poll"] = result
    return removals.told(shown)


def preview(row: Preview) -> shapes.Preview:
    """Return what is shown for a link; its image must be loaded."""
    image = row.image
    return {
        "url": row.url,
        "title": row.title,
        "description": row.description,
        "site": row.site,
        "image": f"/api/v1/messages/{row.message_id}/previews/{row.pk}/image" if image else None,
        "image_width": image.width if image else None,
        "image_height": image.height if image else None,
    }


def attachment(row: Attachment) -> shapes.Attachment:
    """Return a file of a message, or one that still waits for its message."""
    url = f"/api/v1/attachments/{row.pk}"
    return {
        "id": row.pk,
        "name": row.name,
        "type": row.type,
        "bytes": row.bytes,
        "url": url,
        "state": cast(Literal["waiting", "ready", "failed"], row.state),
        "alt": row.alt,
        "width": row.width,
        "height": row.height,
        "thumbnail": f"{url}/thumbnail" if row.is_picture else None,
    }


def text_chars(row: Message) -> int:
    """Return about how much of a page the texts of a message take, those of its previews included."""
    links_count = min(row.body.count(LINK), limits.PREVIEWS_PER_MESSAGE_MAX_COUNT)
    files_chars = calls.chars(row) + row.attachment_count * ATTACHMENT_CHARS + row.has_poll * POLL_CHARS
    return len(row.body) + len(row.html or "") + links_count * PREVIEW_CHARS + files_chars + row.quote_chars


def fitting_count(text_chars: Iterable[int], max_chars: int = PAGE_CHARS) -> int:
    """Return how many messages with so long texts make a page, one at least: pages are bounded in size too."""
    size = count = 0
    for chars in text_chars:
        size += chars + _SHAPE_CHARS
        if count and size > max_chars:
            break
        count += 1
    return count


def changes(
    rows: Sequence[Change], known: Iterable[tuple[Message, Sequence[int], Sequence[Attachment]]] = ()
) -> list[WireChange]:
    """Return changes with the messages, users and rooms as they are now, in a fixed number of queries.

    `known`: messages that were just inserted, whom they mention and their files, which need not be read again.
    """
    fresh = {}
    loaded = {}
    files = {}
    for message, mentioned, attached in known:
        loaded[message.id], fresh[message.id] = message, mentioned
        if attached:
            files[message.id] = attached
    ids = {row.message_id for row in rows if row.message_id is not None}
    if missing := ids - loaded.keys():
        asked = Message.objects.filter(pk__in=missing).select_related("sender")
        loaded.update({row.id: row for row in read(asked)})
    shown = (
        {
            shape["id"]: shape
            for shape in messages([loaded[pk] for pk in sorted(ids & loaded.keys())], fresh, files)
        }
        if ids
        else {}
    )
    subject_ids = {row.subject_id for row in rows if row.subject_id is not None}
    users = User.objects.in_bulk(subject_ids) if subject_ids else {}
    counts = member_counts({row.room_id for row in rows if row.subject_id is not None}) if subject_ids else {}
    changed = {row.room_id for row in rows if row.kind == ChangeKind.ROOM_CHANGED}
    rooms = Room.objects.in_bulk(changed) if changed else {}
    result = []
    for row in rows:
        shape: dict[str, Any] = {"type": row.kind, "room": row.room_id, "seq": row.seq, "at": time(row.at)}
        if row.kind == ChangeKind.MESSAGE_EXPIRED:
            shape["messages"] = row.payload["messages"]
        elif row.message_id is not None and row.message_id not in shown:
            # It has expired since: the change keeps its place, and says what is left of it.
            shape |= {"type": ChangeKind.MESSAGE_EXPIRED.value, "messages": [row.message_id]}
        elif row.message_id is not None:
            shape["message"] = shown[row.message_id]
            if "emoji" in row.payload:
                shape |= {"user": row.actor_id, "emoji": row.payload["emoji"]}
            elif row.kind == ChangeKind.ATTACHMENT_READY:
                shape |= {"attachment": row.payload["attachment"]}
            elif row.kind in _SAY_WHO:
                shape |= {"by": row.actor_id}
        elif row.subject_id is not None:
            by = row.actor_id if row.actor_id != row.subject_id else None
            shape |= {"user": user(users[row.subject_id]), "by": by, "reason": row.payload.get("reason")}
            shape |= {"banned_until": said_time(row.payload, "banned_until")}
            if row.kind not in (ChangeKind.MEMBER_BANNED, ChangeKind.MEMBER_UNBANNED):
                shape |= {"role": row.payload["role"], "members": counts.get(row.room_id, 0)}
                shape |= {"muted_until": said_time(row.payload, "muted_until")}
                shape |= {"is_banned": row.payload.get("is_banned", False)}
        else:
            shape |= {"fields": room_fields(rooms[row.room_id]), "by": row.actor_id}
        result.append(cast(WireChange, shape))
    return result


def room_fields(row: Room) -> shapes.RoomFields:
    """Return what a `room.changed` says."""
    return {
        "name": row.name,
        "topic": row.topic,
        "slug": row.slug,
        "kind": cast(shapes.RoomKind, row.kind),
        "archived": row.archived_at is not None,
        "deleted": row.deleted_at is not None,
        "previews": row.previews,
        "posting": cast(shapes.RoomPosting, row.posting),
        "slow_s": row.slow_s,
        "calls": cast(shapes.RoomCallers, row.calls),
        "seen": row.seen,
    }


def member_counts(room_ids: Collection[int]) -> dict[int, int]:
    """Return how many are in each room now."""
    counted = Membership.objects.filter(room__in=room_ids, left_seq=None).order_by()
    return dict(counted.values_list("room_id").annotate(Count("pk")))
